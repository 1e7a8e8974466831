"""The provider's invoices on Postgres: one header, one set of lines, replaced as a whole (SPEC 10).

Owns the writing of differences only. Which stored invoice is meant, and what its header becomes, is the
domain's rule (`provider_invoices`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.cloud import invoice_headers
from arcadia_adapters.postgres.cloud.cost_line_rows import LINE_COLUMNS, LINE_KEY, line_from, line_row
from arcadia_adapters.postgres.staged import drop, staged
from arcadia_adapters.postgres.staging import columns_of, stage
from arcadia_adapters.postgres.tables.costs import cloud_cost_lines, cloud_invoices
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.provider_invoices import (
    CloudInvoice,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    discovered,
    ingested,
    same_invoice,
    together,
)
from arcadia_domain.ports.costs import StoredInvoice

_I: Final = cloud_invoices.c
_L: Final = cloud_cost_lines.c
_INVOICE: Final = sa.bindparam("invoice", type_=Uuid)

_STAGED: Final = sa.table("temp_cost_lines", *(sa.column(name) for name in LINE_COLUMNS))
_DROP_LINES: Final = sa.delete(cloud_cost_lines).where(
    _L.invoice_id == _INVOICE,
    ~sa.exists().where(*(_STAGED.c[name] == _L[name] for name in LINE_KEY)),
)
_SAID: Final = tuple(name for name in LINE_COLUMNS if name not in (*LINE_KEY, "id"))
_OF_ID: Final = frozenset({"provider_id", "resource_id", "match", "unmatched_reason"})
_insert_lines = insert(cloud_cost_lines).from_select(list(LINE_COLUMNS), sa.select(*_STAGED.c))
_new = _insert_lines.excluded
# What only the provider's JSON told, and what follows from it, outlives a file that says the same row.
_file_knows_less = _new.provider_id.is_(None) & _L.provider_id.is_not(None)
_becomes: Final = {
    name: sa.case((_file_knows_less, _L[name]), else_=_new[name]) if name in _OF_ID else _new[name]
    for name in _SAID
}
_PUT_LINES: Final = _insert_lines.on_conflict_do_update(
    index_elements=[_L[name] for name in LINE_KEY],
    set_=_becomes,
    where=sa.tuple_(*(_L[name] for name in _SAID)).is_distinct_from(sa.tuple_(*_becomes.values())),
).execution_options(preserve_rowcount=True)
_COUNT_MATCHED: Final = (
    sa.select(sa.func.count())
    .select_from(cloud_cost_lines)
    .where(_L.invoice_id == _INVOICE, _L.resource_id.is_not(None))
)
_DELETE_LINES: Final = sa.delete(cloud_cost_lines).where(_L.invoice_id == _INVOICE)
_DELETE_HEADER: Final = sa.delete(cloud_invoices).where(_I.id == _INVOICE)

_REMATCHABLE: Final = (
    sa.select(cloud_cost_lines)
    .join(cloud_invoices, _I.id == _L.invoice_id)
    .where(
        _I.account == sa.bindparam("account", type_=Text),
        _L.kind.is_not(None),
        _L.match.in_([How.NONE.value, How.NAME.value]),
    )
    .order_by(_L.id)
)
_MATCH_COLUMNS: Final = columns_of(cloud_cost_lines, "id", "resource_id", "match", "unmatched_reason")
_MATCHES: Final = sa.table("temp_matches", *(sa.column(name) for name in _MATCH_COLUMNS))
_FOUND: Final = ("resource_id", "match", "unmatched_reason")
_REMATCH: Final = (
    sa.update(cloud_cost_lines)
    .where(
        _L.id == _MATCHES.c.id,
        sa.tuple_(*(_L[name] for name in _FOUND)).is_distinct_from(
            sa.tuple_(*(_MATCHES.c[name] for name in _FOUND))
        ),
    )
    .values({name: _MATCHES.c[name] for name in _FOUND})
)


class PostgresCosts:
    """Provider invoices, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        known, previews = self._alike(invoice)
        for preview in previews:
            self._remove(preview)
        return self._replace(same_invoice(known, invoice), invoice, matches, new_id, at)

    def store_preview(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice | None:
        known, previews = self._alike(invoice)
        if any(header.invoice.state is not InvoiceState.DISCOVERED for header in known):
            return None
        return self._replace(next(iter(previews), None), invoice, matches, new_id, at)

    def discover(
        self, account: str, stated: Sequence[CloudInvoice], new_ids: Sequence[UUID], at: datetime
    ) -> Sequence[InvoiceHeader]:
        invoice_headers.lock_account(self._connection, account)
        known = invoice_headers.of_account(self._connection, account)
        pairs = together(known, stated)
        found = [
            (old, discovered(old, new_id, one)) for (old, one), new_id in zip(pairs, new_ids, strict=False)
        ]
        changed = [header for old, header in found if header != old]
        if changed:
            invoice_headers.put(self._connection, changed)
        return changed

    def headers(self, account: str) -> Sequence[InvoiceHeader]:
        return invoice_headers.of_account(self._connection, account)

    def header(self, invoice_id: UUID) -> InvoiceHeader | None:
        return invoice_headers.by_id(self._connection, invoice_id)

    def preview(self, account: str, month: date) -> InvoiceHeader | None:
        return invoice_headers.preview(self._connection, account, month)

    def rematchable(self, account: str) -> Sequence[tuple[UUID, CostLine]]:
        invoice_headers.lock_account(self._connection, account)
        return [
            (row.id, line_from(row)) for row in self._connection.execute(_REMATCHABLE, {"account": account})
        ]

    def rematch(self, matches: Mapping[UUID, Match]) -> int:
        rows = (
            (line_id, match.resource_id, match.how.value, match.reason and match.reason.value)
            for line_id, match in matches.items()
        )
        with staged(self._connection, "temp_matches", _MATCH_COLUMNS, rows):
            return self._connection.execute(_REMATCH).rowcount

    def _alike(self, invoice: CloudInvoice) -> tuple[list[InvoiceHeader], list[InvoiceHeader]]:
        """The account's invoices among which this one is looked for, and the month's preview, all locked."""
        invoice_headers.lock_account(self._connection, invoice.account)
        alike = invoice_headers.alike(self._connection, invoice)
        previews = [header for header in alike if header.invoice.source is InvoiceSource.PREVIEW]
        return [header for header in alike if header not in previews], [
            header for header in previews if header.month == invoice.period.start
        ]

    def _replace(
        self,
        stored: InvoiceHeader | None,
        invoice: CloudInvoice,
        matches: Sequence[Match],
        new_id: UUID,
        at: datetime,
    ) -> StoredInvoice:
        invoice_id = new_id if stored is None else stored.id
        rows = (line_row(invoice_id, match) for match in matches)
        stage(self._connection, "temp_cost_lines", LINE_COLUMNS, rows)
        dropped = self._connection.execute(_DROP_LINES, {"invoice": invoice_id}).rowcount
        others = dropped > 0 or stored is None or stored.lines != len(matches)
        header = ingested(stored, new_id, invoice, lines=len(matches), others=others, at=at)
        if stored is None:  # before its lines, which refer to it
            invoice_headers.put(self._connection, [replace(header, ingested_at=at)])
        written = self._connection.execute(_PUT_LINES).rowcount
        drop(self._connection, "temp_cost_lines")
        changed = bool(dropped or written) or header != stored
        if changed and stored is not None:
            invoice_headers.put(self._connection, [replace(header, ingested_at=at)])
        matched = self._connection.scalar(_COUNT_MATCHED, {"invoice": invoice_id})
        return StoredInvoice(invoice_id=invoice_id, matched=matched or 0, changed=changed)

    def _remove(self, preview: InvoiceHeader) -> None:
        for statement in (_DELETE_LINES, _DELETE_HEADER):
            self._connection.execute(statement, {"invoice": preview.id})
