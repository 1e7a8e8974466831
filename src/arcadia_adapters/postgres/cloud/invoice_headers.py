"""Headers of provider invoices on Postgres: read, locked and written (SPEC 10).

Owns the lock under which two ingests into an account are one. Which header becomes what is the domain's rule
(`provider_invoices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.locks import Lock
from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.costs import cloud_invoices
from arcadia_adapters.postgres.tables.foundation import Day, Text, Uuid
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceHeader, InvoiceSource, InvoiceState
from arcadia_domain.period import month_of

_I: Final = cloud_invoices.c

BILLED: Final = _I.source != InvoiceSource.PREVIEW.value
"""What counts as costs, in a query on cloud_invoices: the running month does not, until it is billed."""

_COLUMNS: Final = columns_of(
    cloud_invoices,
    *("id", "account", "invoice_uuid", "period", "amount_cents", "currency", "source", "lines"),
    *("ingested_at", "invoice_number", "stated_cents", "state", "problem", "reconciled_at"),
)

# One ingest into an account at a time: what is looked for may not be there yet, and what is not there has no
# row to lock.
_LOCK_ACCOUNT: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, hashtext(:account))")

_OF_ACCOUNT: Final = (
    sa.select(cloud_invoices)
    .where(_I.account == sa.bindparam("account", type_=Text), BILLED)
    .order_by(_I.period, _I.invoice_uuid.collate("C"), _I.id)
)
_LIKE: Final = (
    sa.select(cloud_invoices)
    .where(
        _I.account == sa.bindparam("account", type_=Text),
        sa.or_(
            _I.period == sa.bindparam("month", type_=Day),
            _I.invoice_uuid == sa.bindparam("invoice_uuid", type_=Text),
        ),
    )
    .order_by(_I.id)
    .with_for_update()
)
_BY_ID: Final = sa.select(cloud_invoices).where(_I.id == sa.bindparam("invoice", type_=Uuid), BILLED)

_PREVIEW: Final = sa.select(cloud_invoices).where(
    _I.account == sa.bindparam("account", type_=Text),
    _I.period == sa.bindparam("month", type_=Day),
    ~BILLED,
)

_SET: Final = tuple(name for name in _COLUMNS if name not in ("id", "account"))
_STAGED: Final = sa.table("temp_cloud_invoices", *(sa.column(name) for name in _COLUMNS))
_insert = insert(cloud_invoices).from_select(list(_COLUMNS), sa.select(*_STAGED.c))
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=[_I.id], set_={name: _insert.excluded[name] for name in _SET}
)


def lock_account(connection: sa.Connection, account: str) -> None:
    """No other ingest into the account until the transaction ends."""
    connection.execute(_LOCK_ACCOUNT, {"lock": Lock.INVOICES.value, "account": account})


def of_account(connection: sa.Connection, account: str) -> list[InvoiceHeader]:
    """Every invoice of an account, no preview among them, by month and uuid."""
    return [header_from(row) for row in connection.execute(_OF_ACCOUNT, {"account": account})]


def alike(connection: sa.Connection, invoice: CloudInvoice) -> list[InvoiceHeader]:
    """Those of the invoice's month and the one with its uuid, locked; a preview may be among them."""
    asked = {
        "account": invoice.account,
        "month": invoice.period.start,
        "invoice_uuid": invoice.invoice_uuid,
    }
    return [header_from(row) for row in connection.execute(_LIKE, asked)]


def by_id(connection: sa.Connection, invoice_id: UUID) -> InvoiceHeader | None:
    """The invoice of that id; None too for a preview."""
    row = connection.execute(_BY_ID, {"invoice": invoice_id}).one_or_none()
    return None if row is None else header_from(row)


def preview(connection: sa.Connection, account: str, month: date) -> InvoiceHeader | None:
    """The preview of a month."""
    row = connection.execute(_PREVIEW, {"account": account, "month": month}).one_or_none()
    return None if row is None else header_from(row)


def put(connection: sa.Connection, headers: Sequence[InvoiceHeader]) -> None:
    """Store headers as they are now."""
    rows = ([row[name] for name in _COLUMNS] for row in map(_row, headers))
    with staged(connection, "temp_cloud_invoices", _COLUMNS, rows):
        connection.execute(_PUT)


def header_from(row: sa.Row[Any]) -> InvoiceHeader:
    """The header in the domain's words."""
    return InvoiceHeader(
        id=row.id,
        invoice=CloudInvoice(
            account=row.account,
            period=month_of(row.period),
            amount_cents=row.amount_cents,
            currency=row.currency,
            source=InvoiceSource(row.source),
            invoice_uuid=row.invoice_uuid,
            invoice_number=row.invoice_number,
            stated_cents=row.stated_cents,
            state=InvoiceState(row.state),
            problem=row.problem,
        ),
        lines=row.lines,
        ingested_at=row.ingested_at,
        reconciled_at=row.reconciled_at,
    )


def _row(header: InvoiceHeader) -> dict[str, object]:
    invoice = header.invoice
    return {
        "id": header.id,
        "account": invoice.account,
        "invoice_uuid": invoice.invoice_uuid,
        "period": invoice.period.start,
        "amount_cents": invoice.amount_cents,
        "currency": invoice.currency,
        "source": invoice.source.value,
        "lines": header.lines,
        "ingested_at": header.ingested_at,
        "invoice_number": invoice.invoice_number,
        "stated_cents": invoice.stated_cents,
        "state": invoice.state.value,
        "problem": invoice.problem,
        "reconciled_at": header.reconciled_at,
    }
