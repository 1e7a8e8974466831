"""Invoices as they stand, on Postgres (SPEC 9).

Owns the reading. Drafts are written by the month end (`month_end_write`); a tenant reads its own here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import Day, Text, Uuid
from arcadia_adapters.postgres.tables.invoices import (
    billed_usage,
    invoice_inputs,
    tenant_invoice_lines,
    tenant_invoices,
)
from arcadia_domain.billing.invoicing import (
    LLM_CHARGE,
    BilledUsage,
    Invoice,
    InvoiceInput,
    InvoiceLine,
    InvoiceStatus,
)
from arcadia_domain.period import Period
from arcadia_domain.pricing.line import Line, LineKind

_I: Final = tenant_invoices.c
_TENANT: Final = sa.bindparam("tenant", type_=Text)
_INVOICE: Final = sa.bindparam("invoice", type_=Uuid)

_BY_ID: Final = sa.select(tenant_invoices).where(_I.id == _INVOICE)
_OF_PERIOD: Final = sa.select(tenant_invoices).where(
    _I.tenant_id == _TENANT,
    _I.period_start == sa.bindparam("start", type_=Day),
    _I.status != InvoiceStatus.VOID.value,
)
_OVERDUE: Final = sa.select(
    sa.exists().where(
        _I.tenant_id == _TENANT,
        _I.status == InvoiceStatus.ISSUED.value,
        _I.due_on < sa.bindparam("today", type_=Day),
    )
)
_CLOSED_UNTIL: Final = sa.select(sa.func.max(_I.period_end)).where(
    _I.tenant_id == _TENANT,
    _I.status.in_([InvoiceStatus.ISSUED.value, InvoiceStatus.PAID.value]),
)


def _parts_of(table: sa.Table, *order: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(table).where(table.c.tenant_id == _TENANT, table.c.invoice_id == _INVOICE).order_by(*order)
    )


_LINES: Final = _parts_of(tenant_invoice_lines, tenant_invoice_lines.c.line_no)
_INPUTS: Final = _parts_of(invoice_inputs, invoice_inputs.c.position)
_BILLED: Final = _parts_of(billed_usage)


class PostgresInvoices:
    """Invoices, as the role of this connection sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, invoice_id: UUID) -> Invoice | None:
        return self._one(_BY_ID, {"invoice": invoice_id})

    def of_period(self, tenant_id: str, period_start: date) -> Invoice | None:
        return self._one(_OF_PERIOD, {"tenant": tenant_id, "start": period_start})

    def has_overdue(self, tenant_id: str, today: date) -> bool:
        return bool(self._connection.scalar(_OVERDUE, {"tenant": tenant_id, "today": today}))

    def closed_until(self, tenant_id: str) -> date | None:
        end: date | None = self._connection.scalar(_CLOSED_UNTIL, {"tenant": tenant_id})
        return end

    def _one(self, statement: sa.Select[Any], asked: Mapping[str, object]) -> Invoice | None:
        row = self._connection.execute(statement, asked).one_or_none()
        if row is None:
            return None
        key = {"tenant": row.tenant_id, "invoice": row.id}
        inputs = tuple(
            InvoiceInput(kept.deployment_id, kept.inputs, kept.hash)
            for kept in self._connection.execute(_INPUTS, key)
        )
        return Invoice(
            id=row.id,
            tenant_id=row.tenant_id,
            period=Period(row.period_start, row.period_end),
            currency=row.currency,
            lines=tuple(_line(line) for line in self._connection.execute(_LINES, key)),
            subtotal_cents=row.subtotal_cents,
            tax_cents=row.tax_cents,
            quote_hash=row.quote_hash,
            as_of=row.as_of,
            generation=row.generation,
            status=InvoiceStatus(row.status),
            rules_version=row.rules_version,
            number=row.number,
            inputs=inputs,
            billed=self._billed(key, inputs),
        )

    def _billed(self, key: Mapping[str, object], inputs: tuple[InvoiceInput, ...]) -> tuple[BilledUsage, ...]:
        """In the order in which it was billed: by deployment, each with its LLM charges last."""
        position = {kept.deployment_id: place for place, kept in enumerate(inputs)}
        billed = [
            BilledUsage(row.deployment_id, row.service_month, row.kind, row.qty)
            for row in self._connection.execute(_BILLED, key)
        ]
        return tuple(
            sorted(billed, key=lambda b: (position.get(b.deployment_id, -1), b.kind == LLM_CHARGE, b.kind))
        )


def _line(row: sa.Row[Any]) -> InvoiceLine:
    line = Line(
        kind=LineKind(row.kind),
        resource_kind=row.resource_kind,
        description=row.description,
        qty=row.qty,
        unit=row.unit,
        unit_price_cents=row.unit_price_cents,
        amount_cents=row.amount_cents,
        meta=row.meta,
    )
    return InvoiceLine(row.id, row.line_no, row.deployment_id, line)
