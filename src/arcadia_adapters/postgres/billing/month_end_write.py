"""Writing the drafts of a chunk of tenants: staged, inserted where there is none, rebuilt where they differ.

Owns the order of the locks, by tenant everywhere, so that two month ends at once come to the result of one.
What an issued invoice is protected by is `guards`; this never tries to change one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.billing.month_end_rows import (
    HEADER,
    IDS,
    LINES,
    PARTS,
    TENANTS,
    Part,
    header_row,
)
from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.tables.foundation import Day
from arcadia_adapters.postgres.tables.invoices import tenant_invoices
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Written

_I: Final = tenant_invoices.c

_INSERTS: Final = [(part, part.insert) for part in PARTS]
_DELETES: Final = [part.delete for part in PARTS]

_NEW: Final = sa.table("temp_invoices", *(sa.column(name) for name in HEADER))
# A void invoice has the same id, another replacement the same period: either way there is one, and it stays.
_CREATE: Final = (
    insert(tenant_invoices)
    .from_select(list(HEADER), sa.select(*_NEW.c).order_by(_NEW.c.tenant_id))
    .on_conflict_do_nothing()
    .returning(_I.id)
)
_LOCK_DRAFTS: Final = (
    sa.select(_I.tenant_id, _I.id, _I.generation)
    .where(
        _I.tenant_id == sa.any_(TENANTS),
        _I.period_start == sa.bindparam("start", type_=Day),
        _I.status == InvoiceStatus.DRAFT.value,
    )
    .order_by(_I.tenant_id)
    .with_for_update()
)
_SAME: Final = ("period_end", "currency", "subtotal_cents", "tax_cents", "rules_version", "quote_hash")
_OTHER_HEADERS: Final = (
    sa.select(_NEW.c.id)
    .join(tenant_invoices, (_I.tenant_id == _NEW.c.tenant_id) & (_I.id == _NEW.c.id))
    .where(
        _NEW.c.id == sa.any_(IDS),
        sa.tuple_(*(_I[name] for name in _SAME)).is_distinct_from(
            sa.tuple_(*(_NEW.c[name] for name in _SAME))
        ),
    )
)


def _other_parts(part: Part, key: tuple[str, ...]) -> sa.Select[Any]:
    """The invoices of which a row of this part is new, other than before, or gone."""
    new = sa.table(part.temp, *(sa.column(name) for name in part.columns))
    old = (
        sa.select(*(part.table.c[name] for name in part.columns))
        .where(part.table.c.tenant_id == sa.any_(TENANTS), part.table.c.invoice_id == sa.any_(IDS))
        .subquery("old")
    )
    return (
        sa.select(sa.func.coalesce(new.c.invoice_id, old.c.invoice_id))
        .select_from(new.join(old, sa.and_(*(new.c[name] == old.c[name] for name in key)), full=True))
        .where(
            sa.tuple_(*(new.c[name] for name in part.columns)).is_distinct_from(
                sa.tuple_(*(old.c[name] for name in part.columns))
            )
        )
        .distinct()
    )


_OTHER_LINES: Final = _other_parts(LINES, ("tenant_id", "invoice_id", "line_no"))
_REBUILD: Final = (
    sa.update(tenant_invoices)
    .values({name: _NEW.c[name] for name in (*_SAME, "total_cents", "as_of")})
    .where(_I.tenant_id == _NEW.c.tenant_id, _I.id == _NEW.c.id, _I.id == sa.any_(IDS))
)
_REMOVE: Final = sa.delete(tenant_invoices).where(_I.tenant_id == sa.any_(TENANTS), _I.id == sa.any_(IDS))


def write(
    connection: sa.Connection,
    drafts: Sequence[Invoice],
    nothing_to_bill: Sequence[str],
    *,
    period: Period,
    force: bool,
) -> Written:
    """Store the drafts; see the port."""
    rebuilt: Collection[UUID] = ()
    with staged(connection, "temp_invoices", HEADER, map(header_row, drafts)):
        created = frozenset(connection.scalars(_CREATE))
        if force:
            there = [invoice for invoice in drafts if invoice.id not in created]
            rebuilt = _clear(connection, there, nothing_to_bill, period)
    _insert_parts(connection, [one for one in drafts if one.id in created or one.id in rebuilt])
    return Written(len(created), len(rebuilt), len(drafts) - len(created) - len(rebuilt))


def _clear(
    connection: sa.Connection, there: Sequence[Invoice], nothing_to_bill: Sequence[str], period: Period
) -> Collection[UUID]:
    """Bring the headers of stored drafts to what is staged; the ids of those that differed.

    These are without parts now. Drafts of those who owe nothing go.
    """
    tenants = [invoice.tenant_id for invoice in there] + list(nothing_to_bill)
    if not tenants:
        return ()
    locked = connection.execute(_LOCK_DRAFTS, {"tenants": tenants, "start": period.start}).all()
    drafts = {row.id for row in locked}
    empty = frozenset(nothing_to_bill)
    gone = [row.id for row in locked if row.tenant_id in empty and row.generation == 0]
    differing = _differing(connection, [invoice for invoice in there if invoice.id in drafts])
    if differing or gone:
        ids = {"tenants": tenants, "ids": [*differing, *gone]}
        for delete in _DELETES:
            connection.execute(delete, ids)
        connection.execute(_REMOVE, {"tenants": tenants, "ids": gone})
        connection.execute(_REBUILD, {"ids": list(differing)})
    return differing


def _differing(connection: sa.Connection, drafts: Sequence[Invoice]) -> frozenset[UUID]:
    """Which of these locked drafts are not stored as they are. A statement after the lock: it sees what
    whoever had it wrote.
    """
    ids = [invoice.id for invoice in drafts]
    asked = {"ids": ids, "tenants": [invoice.tenant_id for invoice in drafts]}
    with staged(connection, LINES.temp, LINES.columns, _rows_of(LINES, drafts)):
        other_lines = connection.scalars(_OTHER_LINES, asked).all()
    return frozenset([*connection.scalars(_OTHER_HEADERS, {"ids": ids}), *other_lines])


def _insert_parts(connection: sa.Connection, invoices: Sequence[Invoice]) -> None:
    if not invoices:
        return
    for part, statement in _INSERTS:
        with staged(connection, part.temp, part.columns, _rows_of(part, invoices)):
            connection.execute(statement)


def _rows_of(part: Part, invoices: Iterable[Invoice]) -> Iterator[tuple[object, ...]]:
    return (row for invoice in invoices for row in part.rows(invoice))
