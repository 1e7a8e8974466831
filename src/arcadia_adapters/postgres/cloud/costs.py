"""The provider's invoices on Postgres: one header, one set of lines, replaced as a whole (SPEC 10).

Owns the locks under which two ingests are one, and the writing of differences only. Which stored invoice is
meant is the domain's rule (`provider_invoices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.cloud.cost_line_rows import LINE_COLUMNS, LINE_KEY, line_row
from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.tables.costs import cloud_cost_lines, cloud_invoices
from arcadia_adapters.postgres.tables.foundation import Day, Text, Uuid
from arcadia_domain.cloud.matching import Match
from arcadia_domain.cloud.provider_invoices import KnownInvoice, same_invoice
from arcadia_domain.ports.cloud import CloudInvoice, StoredInvoice

_I: Final = cloud_invoices.c
_L: Final = cloud_cost_lines.c

# One ingest into an account at a time: what is looked for may not be there yet, and what is not there has no
# row to lock. The first number is arbitrary, and only ever taken here.
_LOCK: Final = 4_005_003
_LOCK_ACCOUNT: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, hashtext(:account))")

_KNOWN: Final = (
    sa.select(_I.id, _I.period, _I.invoice_uuid)
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

_insert_header = insert(cloud_invoices)
_HEADER: Final = ("invoice_uuid", "period", "amount_cents", "currency", "lines")
_adopted = _I.invoice_uuid.is_(None) & _insert_header.excluded.invoice_uuid.is_not(None)
# The header is written again only where it differs: then its row comes back. How we came by an invoice
# changes with its adoption only, else a file and discovery would for ever take it from each other.
_PUT_HEADER: Final = _insert_header.on_conflict_do_update(
    index_elements=[_I.id],
    set_={
        **{name: _insert_header.excluded[name] for name in _HEADER},
        "source": sa.case((_adopted, _insert_header.excluded.source), else_=_I.source),
    },
    where=sa.tuple_(*(_I[name] for name in _HEADER)).is_distinct_from(
        sa.tuple_(*(_insert_header.excluded[name] for name in _HEADER))
    ),
).returning(_I.id)
_INGESTED: Final = (
    sa.update(cloud_invoices)
    .where(_I.id == sa.bindparam("invoice", type_=Uuid))
    .values(ingested_at=sa.bindparam("at"))
)

_STAGED: Final = sa.table("temp_cost_lines", *(sa.column(name) for name in LINE_COLUMNS))
_DROP_LINES: Final = sa.delete(cloud_cost_lines).where(
    _L.invoice_id == sa.bindparam("invoice", type_=Uuid),
    ~sa.exists().where(*(_STAGED.c[name] == _L[name] for name in LINE_KEY)),
)
_SAID: Final = tuple(name for name in LINE_COLUMNS if name not in (*LINE_KEY, "id"))
_insert_lines = insert(cloud_cost_lines).from_select(list(LINE_COLUMNS), sa.select(*_STAGED.c))
_PUT_LINES: Final = _insert_lines.on_conflict_do_update(
    index_elements=[_L[name] for name in LINE_KEY],
    set_={name: _insert_lines.excluded[name] for name in _SAID},
    where=sa.tuple_(*(_L[name] for name in _SAID)).is_distinct_from(
        sa.tuple_(*(_insert_lines.excluded[name] for name in _SAID))
    ),
).execution_options(preserve_rowcount=True)


class PostgresCosts:
    """Provider invoices, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        known = self._known(invoice)
        invoice_id = new_id if known is None else known.id
        known_uuid = None if known is None else known.invoice_uuid
        changed = self._put_header(invoice_id, invoice, invoice.invoice_uuid or known_uuid, len(matches))
        changed = self._put_lines(invoice_id, matches) or changed
        if changed:
            self._connection.execute(_INGESTED, {"invoice": invoice_id, "at": at})
        matched = sum(match.resource_id is not None for match in matches)
        return StoredInvoice(invoice_id=invoice_id, matched=matched, changed=changed)

    def _known(self, invoice: CloudInvoice) -> KnownInvoice | None:
        """The stored invoice that is meant, locked until the transaction ends. Raises AmbiguousInvoice."""
        self._connection.execute(_LOCK_ACCOUNT, {"lock": _LOCK, "account": invoice.account})
        asked = {
            "account": invoice.account,
            "month": invoice.period.start,
            "invoice_uuid": invoice.invoice_uuid,
        }
        known = [KnownInvoice(*row) for row in self._connection.execute(_KNOWN, asked)]
        return same_invoice(
            known,
            account=invoice.account,
            month=invoice.period.start,
            invoice_uuid=invoice.invoice_uuid,
        )

    def _put_header(self, invoice_id: UUID, invoice: CloudInvoice, uuid: str | None, lines: int) -> bool:
        """Whether anything was new."""
        header = {
            "id": invoice_id,
            "account": invoice.account,
            "invoice_uuid": uuid,
            "period": invoice.period.start,
            "amount_cents": invoice.amount_cents,
            "currency": invoice.currency,
            "source": invoice.source.value,
            "lines": lines,
        }
        return self._connection.scalar(_PUT_HEADER, header) is not None

    def _put_lines(self, invoice_id: UUID, matches: Sequence[Match]) -> bool:
        """Whether any line was new, other than before, or gone."""
        rows = (line_row(invoice_id, match) for match in matches)
        with staged(self._connection, "temp_cost_lines", LINE_COLUMNS, rows):
            dropped = self._connection.execute(_DROP_LINES, {"invoice": invoice_id}).rowcount
            written = self._connection.execute(_PUT_LINES).rowcount
        return bool(dropped or written)
