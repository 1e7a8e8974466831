"""Invoices as they stand, on Postgres (SPEC 9).

Owns the reading. Drafts are written by the month end (`month_end_write`); a tenant reads its own here.
A draft may be made anew between two statements: an invoice and its lines come in one, so that they add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby
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
from arcadia_domain.ports.billing import InvoicePlace
from arcadia_domain.pricing.line import Line, LineKind

_I: Final = tenant_invoices.c
_L: Final = tenant_invoice_lines.c
_TENANT: Final = sa.bindparam("tenant", type_=Text)
_INVOICE: Final = sa.bindparam("invoice", type_=Uuid)

_START: Final = sa.bindparam("start", type_=Day)


def _with_lines(found: sa.Select[Any]) -> sa.Select[Any]:
    """Invoices, greatest place first, each once for every line of it."""
    header = found.subquery("header")
    h = header.c
    lines = (column.label(f"line_{column.name}") for column in _L)
    return (
        sa.select(*h, *lines)
        .outerjoin_from(header, tenant_invoice_lines, (_L.tenant_id == h.tenant_id) & (_L.invoice_id == h.id))
        .order_by(h.period_start.desc(), h.tenant_id.desc(), h.id.desc(), _L.line_no)
    )


_BY_ID: Final = _with_lines(sa.select(tenant_invoices).where(_I.id == _INVOICE))
_OF_PERIOD: Final = _with_lines(
    sa.select(tenant_invoices).where(
        _I.tenant_id == _TENANT, _I.period_start == _START, _I.status != InvoiceStatus.VOID.value
    )
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
_CLOSED_ENDS: Final = (
    sa.select(_I.tenant_id, sa.func.max(_I.period_end))
    .where(
        _I.tenant_id == sa.any_(sa.bindparam("tenants", type_=sa.ARRAY(Text))),
        _I.status.in_([InvoiceStatus.ISSUED.value, InvoiceStatus.PAID.value]),
    )
    .group_by(_I.tenant_id)
)


def _parts_of(table: sa.Table, *order: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(table).where(table.c.tenant_id == _TENANT, table.c.invoice_id == _INVOICE).order_by(*order)
    )


_INPUTS: Final = _parts_of(invoice_inputs, invoice_inputs.c.position)
_BILLED: Final = _parts_of(billed_usage)


@cache
def _page(after: bool, tenant: bool, start: bool, status: bool) -> sa.Select[Any]:
    place = sa.tuple_(_I.period_start, _I.tenant_id, _I.id)
    last_seen = sa.tuple_(
        sa.bindparam("after_start", type_=Day),
        sa.bindparam("after_tenant", type_=Text),
        sa.bindparam("after_id", type_=Uuid),
    )
    conditions = {
        place < last_seen: after,
        _I.tenant_id == _TENANT: tenant,
        _I.period_start == _START: start,
        _I.status == sa.bindparam("status", type_=Text): status,
    }
    asked = [condition for condition, is_asked in conditions.items() if is_asked]
    return _with_lines(
        sa.select(tenant_invoices)
        .where(*asked)
        .order_by(_I.period_start.desc(), _I.tenant_id.desc(), _I.id.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


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

    def closed_ends(self, tenant_ids: Collection[str]) -> Mapping[str, date]:
        asked = {"tenants": list(tenant_ids)}
        ends: dict[str, date] = dict(self._connection.execute(_CLOSED_ENDS, asked).all())
        return ends

    def page(
        self,
        *,
        after: InvoicePlace | None,
        limit: int,
        tenant_id: str | None = None,
        period_start: date | None = None,
        status: InvoiceStatus | None = None,
    ) -> Sequence[Invoice]:
        statement = _page(
            after is not None, tenant_id is not None, period_start is not None, status is not None
        )
        asked: dict[str, object] = {
            "tenant": tenant_id,
            "start": period_start,
            "status": status and status.value,
            "limit": limit,
        }
        if after is not None:
            asked |= {
                "after_start": after.period_start,
                "after_tenant": after.tenant_id,
                "after_id": after.id,
            }
        named = {name: value for name, value in asked.items() if value is not None}
        return _invoices(self._connection.execute(statement, named))

    def _one(self, statement: sa.Select[Any], asked: Mapping[str, object]) -> Invoice | None:
        found = _invoices(self._connection.execute(statement, asked))
        if not found:
            return None
        (invoice,) = found
        key = {"tenant": invoice.tenant_id, "invoice": invoice.id}
        inputs = tuple(
            InvoiceInput(kept.deployment_id, kept.inputs, kept.hash)
            for kept in self._connection.execute(_INPUTS, key)
        )
        return replace(invoice, inputs=inputs, billed=self._billed(key, inputs))

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


def _invoices(rows: Iterable[sa.Row[Any]]) -> list[Invoice]:
    return [_invoice(list(of_one)) for _, of_one in groupby(rows, key=lambda row: (row.tenant_id, row.id))]


def _invoice(rows: Sequence[sa.Row[Any]]) -> Invoice:
    """One invoice from its rows, a row a line; without a line there is one row."""
    header = rows[0]
    return Invoice(
        id=header.id,
        tenant_id=header.tenant_id,
        period=Period(header.period_start, header.period_end),
        currency=header.currency,
        lines=tuple(_line(row) for row in rows if row.line_id is not None),
        subtotal_cents=header.subtotal_cents,
        tax_cents=header.tax_cents,
        quote_hash=header.quote_hash,
        as_of=header.as_of,
        generation=header.generation,
        status=InvoiceStatus(header.status),
        rules_version=header.rules_version,
        number=header.number,
        issued_at=header.issued_at,
        due_on=header.due_on,
    )


def _line(row: sa.Row[Any]) -> InvoiceLine:
    line = Line(
        kind=LineKind(row.line_kind),
        resource_kind=row.line_resource_kind,
        description=row.line_description,
        qty=row.line_qty,
        unit=row.line_unit,
        unit_price_cents=row.line_unit_price_cents,
        amount_cents=row.line_amount_cents,
        meta=row.line_meta,
    )
    return InvoiceLine(row.line_id, row.line_line_no, row.line_deployment_id, line)
