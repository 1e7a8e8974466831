"""What the provider charged on Postgres, line by line with all that tells whose it is (SPEC 10, 14).

Owns reading lines by what is asked for, three statements a page, and operators' rulings. Who bears a line is
the domain's rule; that a line concerns a tenant at all is found here by the same rule, in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.cloud.cost_line_rows import LINE_KEY, line_from
from arcadia_adapters.postgres.cloud.invoice_headers import BILLED, header_from
from arcadia_adapters.postgres.cloud.resource_rows import assignments_from, resource_from
from arcadia_adapters.postgres.tables.cloud import cloud_resources, resource_assignments
from arcadia_adapters.postgres.tables.costs import cloud_cost_lines, cloud_invoices, cost_attributions
from arcadia_adapters.postgres.tables.foundation import Uuid
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.matching import Unmatched
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.charges import ChargePlace, ChargesAsked, HeaderPlace, ListedInvoice

_L: Final = cloud_cost_lines.c
_I: Final = cloud_invoices.c
_R: Final = cost_attributions.c

AT_ONCE: Final = 2000
"""How many lines are in memory when all of them are read."""

_THIS_LINE: Final = sa.and_(*(_R[name] == _L[name] for name in LINE_KEY))
_LINES: Final = (
    sa.select(
        cloud_cost_lines,
        _I.account,
        _I.period,
        _I.invoice_uuid,
        _R.actor.label("ruled_by"),
        _R.tenant_id.label("ruled_tenant"),
        _R.deployment_id.label("ruled_deployment"),
        _R.reason.label("ruled_because"),
        _R.at.label("ruled_at"),
    )
    .join(cloud_invoices, _I.id == _L.invoice_id)
    .outerjoin(cost_attributions, _THIS_LINE)
)
_BY_PLACE: Final = (_L.invoice_id, _L.line_no, _L.id)

_IDS: Final = sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid)))
_RESOURCES: Final = sa.select(cloud_resources).where(cloud_resources.c.id == _IDS)
_ASSIGNMENTS: Final = (
    sa.select(resource_assignments)
    .where(resource_assignments.c.resource_id == _IDS)
    .order_by(resource_assignments.c.resource_id, resource_assignments.c.from_at)
)

_insert_ruling = insert(cost_attributions)
_SAID: Final = ("tenant_id", "deployment_id", "actor", "reason", "at")
_RULE: Final = _insert_ruling.on_conflict_do_update(
    index_elements=list(cost_attributions.primary_key),
    set_={name: _insert_ruling.excluded[name] for name in _SAID},
)
_TAKE_BACK: Final = sa.delete(cost_attributions).where(
    *(_R[name] == sa.bindparam(f"of_{name}", type_=_R[name].type) for name in LINE_KEY)
)

_MATCHED: Final = (
    sa.select(sa.func.count())
    .where(_L.invoice_id == _I.id, _L.resource_id.is_not(None))
    .correlate(cloud_invoices)
    .scalar_subquery()
)
_HEADERS: Final = sa.select(cloud_invoices, _MATCHED.label("matched")).where(BILLED)


class PostgresCharges:
    """What the provider charged, as the operators' role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def page(self, asked: ChargesAsked, *, after: ChargePlace | None, limit: int) -> Sequence[PlacedCharge]:
        statement = _lines(asked).limit(limit)
        if after is not None:
            place = sa.tuple_(*_BY_PLACE)
            statement = statement.where(place > sa.tuple_(after.invoice_id, after.line_no, after.id))
        return self._placed(self._connection.execute(statement).all())

    def each(self, asked: ChargesAsked) -> Iterator[PlacedCharge]:
        result = self._connection.execute(_lines(asked), execution_options={"yield_per": AT_ONCE})
        for rows in result.partitions():
            yield from self._placed(rows)

    def get(self, line_id: UUID) -> PlacedCharge | None:
        found = self._placed(self._connection.execute(_LINES.where(_L.id == line_id, BILLED)).all())
        return found[0] if found else None

    def rule(self, charge: PlacedCharge, ruling: Ruling | None) -> None:
        key = (charge.invoice_id, charge.line.row_sha256, charge.line.ordinal)
        if ruling is None:
            of_line = {f"of_{name}": value for name, value in zip(LINE_KEY, key, strict=True)}
            self._connection.execute(_TAKE_BACK, of_line)
            return
        said = {
            "tenant_id": ruling.tenant_id,
            "deployment_id": ruling.deployment_id,
            "actor": ruling.actor,
            "reason": ruling.reason,
            "at": ruling.at,
        }
        self._connection.execute(_RULE, {**dict(zip(LINE_KEY, key, strict=True)), **said})

    def invoices(
        self,
        *,
        after: HeaderPlace | None,
        limit: int,
        state: InvoiceState | None = None,
        period: Period | None = None,
    ) -> Sequence[ListedInvoice]:
        statement = _HEADERS.order_by(_I.period.desc(), _I.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(sa.tuple_(_I.period, _I.id) < sa.tuple_(after.month, after.id))
        if state is not None:
            statement = statement.where(_I.state == state.value)
        if period is not None:
            statement = statement.where(_I.period == period.start)
        return [ListedInvoice(header_from(row), row.matched) for row in self._connection.execute(statement)]

    def invoice(self, invoice_id: UUID) -> ListedInvoice | None:
        row = self._connection.execute(_HEADERS.where(_I.id == invoice_id)).one_or_none()
        return None if row is None else ListedInvoice(header_from(row), row.matched)

    def _placed(self, rows: Sequence[sa.Row[Any]]) -> list[PlacedCharge]:
        """Lines with their resources and these's assignments."""
        ids = {"ids": list({row.resource_id for row in rows} - {None})}
        if not ids["ids"]:
            return [_placed(row, {}, {}) for row in rows]
        resources = {row.id: resource_from(row) for row in self._connection.execute(_RESOURCES, ids)}
        assigned = assignments_from(self._connection.execute(_ASSIGNMENTS, ids))
        return [_placed(row, resources, assigned) for row in rows]


def _lines(asked: ChargesAsked) -> sa.Select[Any]:
    """The lines that are asked for, by place."""
    asks: list[sa.ColumnElement[bool]] = [] if asked.preview else [BILLED]
    if asked.period is not None:
        asks.append(_I.period == asked.period.start)
    if asked.invoice_ids is not None:
        asks.append(_I.id == sa.any_(sa.bindparam("invoices", list(asked.invoice_ids), sa.ARRAY(Uuid))))
    if asked.kind is not None:
        asks.append(_L.kind == asked.kind)
    if asked.matched is not None:
        asks.append(_L.resource_id.is_not(None) if asked.matched else _L.resource_id.is_(None))
    if asked.tenant_id is not None or asked.deployment_id is not None:
        asks.append(_borne_by(asked))
    return _LINES.where(*asks).order_by(*_BY_PLACE)


def _borne_by(asked: ChargesAsked) -> sa.ColumnElement[bool]:
    """That they bear some of the line: as it is ruled, else as its resource was held while it ran."""

    def theirs(table: sa.FromClause) -> sa.ColumnElement[bool]:
        wanted = {"tenant_id": asked.tenant_id, "deployment_id": asked.deployment_id}
        return sa.and_(*(table.c[name] == value for name, value in wanted.items() if value is not None))

    held, later, ever = (resource_assignments.alias(name) for name in ("held", "later", "ever"))
    replaced = (
        sa.exists()
        .where(
            later.c.resource_id == held.c.resource_id,
            later.c.from_at > held.c.from_at,
            later.c.from_at <= _L.start_at,
        )
        .correlate(held, cloud_cost_lines)  # the line of two levels up: it is not found by itself
    )
    runs_until = sa.func.greatest(_L.end_at, _L.start_at + sa.text("interval '1 microsecond'"))
    held_then = sa.exists().where(
        held.c.resource_id == _L.resource_id, theirs(held), held.c.from_at < runs_until, ~replaced
    )
    as_its_row_says = sa.and_(
        ~sa.exists().where(ever.c.resource_id == _L.resource_id),
        sa.exists().where(cloud_resources.c.id == _L.resource_id, theirs(cloud_resources)),
    )
    is_ruled = _R.invoice_id.is_not(None)
    return sa.or_(
        sa.and_(is_ruled, theirs(cost_attributions)),
        sa.and_(~is_ruled, sa.or_(held_then, as_its_row_says)),
    )


def _placed(
    row: sa.Row[Any], resources: Mapping[UUID, Any], assigned: Mapping[UUID, Sequence[Any]]
) -> PlacedCharge:
    return PlacedCharge(
        id=row.id,
        invoice_id=row.invoice_id,
        account=row.account,
        period=month_of(row.period),
        invoice_uuid=row.invoice_uuid,
        line=line_from(row),
        resource=resources.get(row.resource_id),
        assignments=tuple(assigned.get(row.resource_id, ())),
        ruling=None if row.ruled_by is None else _ruling(row),
        reason=None if row.unmatched_reason is None else Unmatched(row.unmatched_reason),
    )


def _ruling(row: sa.Row[Any]) -> Ruling:
    return Ruling(
        tenant_id=row.ruled_tenant,
        deployment_id=row.ruled_deployment,
        reason=row.ruled_because,
        actor=row.ruled_by,
        at=row.ruled_at,
    )
