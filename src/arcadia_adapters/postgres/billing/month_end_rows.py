"""An invoice as rows: its header, its lines, its inputs and what it billed, in the order of their columns.

Owns the mapping and the plain statements of each table.
When they run, and under which locks, is `month_end_write`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_adapters.postgres.tables.invoices import (
    billed_usage,
    invoice_inputs,
    tenant_invoice_lines,
    tenant_invoices,
)
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.pricing.proof import canonical

HEADER: Final = columns_of(
    tenant_invoices,
    *("tenant_id", "id", "period_start", "period_end", "generation", "status", "currency"),
    *("subtotal_cents", "tax_cents", "total_cents", "rules_version", "quote_hash", "as_of", "created_at"),
)
_Row = tuple[object, ...]


def header_row(invoice: Invoice) -> _Row:
    """The invoice without what belongs to it, in the order of HEADER."""
    return (
        invoice.tenant_id,
        invoice.id,
        invoice.period.start,
        invoice.period.end,
        invoice.generation,
        invoice.status.value,
        invoice.currency,
        invoice.subtotal_cents,
        invoice.tax_cents,
        invoice.total_cents,
        invoice.rules_version,
        invoice.quote_hash,
        invoice.as_of,
        invoice.as_of,  # not the clock: a run repeated gives the same bytes (data_model rule 5)
    )


def _line_rows(invoice: Invoice) -> Iterator[_Row]:
    for placed in invoice.lines:
        line = placed.line
        yield (
            invoice.tenant_id,
            invoice.id,
            placed.line_no,
            placed.id,
            line.kind.value,
            placed.deployment_id,
            line.resource_kind,
            line.description,
            line.qty,
            line.unit,
            line.unit_price_cents,
            line.amount_cents,
            dict(line.meta),
        )


def _input_rows(invoice: Invoice) -> Iterator[_Row]:
    for position, kept in enumerate(invoice.inputs):
        inputs = canonical(kept.inputs)
        yield invoice.tenant_id, invoice.id, position, kept.deployment_id, inputs, kept.hash


def _billed_rows(invoice: Invoice) -> Iterator[_Row]:
    for used in invoice.billed:
        yield (
            invoice.tenant_id,
            invoice.id,
            used.deployment_id,
            used.service_month,
            used.kind,
            used.qty,
        )


TENANTS: Final = sa.bindparam("tenants", type_=sa.ARRAY(Text))
IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(Uuid))
"""Both name the invoices of a statement: the tenant leads every key."""


@dataclass(frozen=True)
class Part:
    """A table of what belongs to an invoice, the temp table beside it, and the rows of an invoice."""

    table: sa.Table
    temp: str
    columns: dict[str, sa.types.TypeEngine[Any]]
    rows: Callable[[Invoice], Iterator[_Row]]

    @property
    def insert(self) -> sa.Insert:
        staged_rows = sa.table(self.temp, *(sa.column(name) for name in self.columns))
        values = [sa.cast(staged_rows.c[name], self.table.c[name].type) for name in self.columns]
        return self.table.insert().from_select(list(self.columns), sa.select(*values))

    @property
    def delete(self) -> sa.Delete:
        return sa.delete(self.table).where(
            self.table.c.tenant_id == sa.any_(TENANTS), self.table.c.invoice_id == sa.any_(IDS)
        )


LINES: Final = Part(
    tenant_invoice_lines,
    "temp_invoice_lines",
    columns_of(
        tenant_invoice_lines,
        *("tenant_id", "invoice_id", "line_no", "id", "kind", "deployment_id", "resource_kind"),
        *("description", "qty", "unit", "unit_price_cents", "amount_cents", "meta"),
    ),
    _line_rows,
)
# Inputs go over as text: what was hashed is what is kept, byte for byte.
_INPUTS: Final = Part(
    invoice_inputs,
    "temp_invoice_inputs",
    {
        **columns_of(invoice_inputs, "tenant_id", "invoice_id", "position", "deployment_id"),
        "inputs": Text(),
        "hash": Text(),
    },
    _input_rows,
)
_BILLED: Final = Part(
    billed_usage,
    "temp_billed_usage",
    columns_of(billed_usage, "tenant_id", "invoice_id", "deployment_id", "service_month", "kind", "qty"),
    _billed_rows,
)
PARTS: Final = (LINES, _INPUTS, _BILLED)
