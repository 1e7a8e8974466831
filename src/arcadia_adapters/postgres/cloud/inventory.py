"""The inventory on Postgres: resources as last seen, their events, and who held them when (SPEC 6).

Owns the upsert by the provider's key and the choice of what metering is given. A look never says whom a
resource belongs to: that is written by `assign` alone, so that a look which began earlier takes nothing back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.cloud.lifetimes import BORN_AT
from arcadia_adapters.postgres.cloud.resource_lists import assignments_of, log_of, resources_page
from arcadia_adapters.postgres.cloud.resource_rows import (
    assignments_from,
    changes_from,
    resource_from,
    resource_row,
)
from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.cloud import (
    cloud_resource_events,
    cloud_resources,
    resource_assignments,
    resource_meters,
)
from arcadia_adapters.postgres.tables.foundation import Instant, Text, Uuid
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import ResourceEvent
from arcadia_domain.cloud.holdings import Holding, holdings
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import METERED_AS
from arcadia_domain.cloud.spans import Span
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.cloud import AssignedBy, LoggedEvent, ResourcesAsked, ToldAssignment

_C: Final = cloud_resources.c
_KEY: Final = ("account", "kind", "provider_id")
_IN_ORDER: Final = (_C.account.collate("C"), _C.kind.collate("C"), _C.provider_id.collate("C"))

_OF_ACCOUNT: Final = (
    sa.select(cloud_resources).where(_C.account == sa.bindparam("account", type_=Text)).order_by(*_IN_ORDER)
)
_BY_ID: Final = sa.select(cloud_resources).where(_C.id == sa.bindparam("resource", type_=Uuid))

_RESOURCE_COLUMNS: Final = columns_of(
    cloud_resources,
    *_KEY,
    *("id", "name", "region", "size_slug", "status", "tags", "attrs", "tenant_id", "deployment_id"),
    *("created_at", "first_seen", "last_seen", "deleted_at"),
)
_KEPT: Final = frozenset({*_KEY, "id", "first_seen", "tenant_id", "deployment_id"})
_SEEN: Final = sa.table("temp_resources", *(sa.column(name) for name in _RESOURCE_COLUMNS))
_insert_seen = insert(cloud_resources).from_select(
    # In one order, so that two looks at once meet and never cross.
    list(_RESOURCE_COLUMNS), sa.select(*_SEEN.c).order_by(*(_SEEN.c[name] for name in _KEY))
)  # fmt: skip
_RECORD: Final = _insert_seen.on_conflict_do_update(
    index_elements=[_C[name] for name in _KEY],
    set_={
        **{name: _insert_seen.excluded[name] for name in _RESOURCE_COLUMNS if name not in _KEPT},
        "seen_sha256": sa.null(),  # what a sync saw is written over
    },
)

_EVENT_COLUMNS: Final = {
    **columns_of(cloud_resources, *_KEY),
    **{f"event_{name}": kind for name, kind in columns_of(cloud_resource_events, "id", "kind").items()},
    **columns_of(cloud_resource_events, "before", "after"),
}
# By the provider's key: where two looks saw a new resource at once, its id is the first one's.
_RECORD_EVENTS: Final = sa.text("""
INSERT INTO cloud_resource_events (id, resource_id, kind, at, before, after)
SELECT event_id, cloud_resources.id, event_kind, :at, before, after
FROM temp_resource_events JOIN cloud_resources USING (account, kind, provider_id)
ON CONFLICT DO NOTHING
""")

_LOCK_RESOURCE: Final = (
    sa.select(_C.id).where(_C.id == sa.bindparam("resource_id", type_=Uuid)).with_for_update()
)
_insert_assignment = insert(resource_assignments)
_ASSIGN: Final = _insert_assignment.on_conflict_do_update(
    index_elements=list(resource_assignments.primary_key),
    set_={name: _insert_assignment.excluded[name] for name in ("tenant_id", "deployment_id", "by", "actor")},
)
_A: Final = resource_assignments.c
_OVERRULE: Final = sa.delete(resource_assignments).where(
    _A.resource_id == sa.bindparam("of_resource", type_=Uuid),
    _A.from_at > sa.bindparam("after", type_=Instant),
    _A.by == AssignedBy.TAG.value,
)
_latest = (
    sa.select(
        resource_assignments.c.resource_id,
        resource_assignments.c.tenant_id,
        resource_assignments.c.deployment_id,
    )
    .where(resource_assignments.c.resource_id == sa.bindparam("of_resource", type_=Uuid))
    .order_by(resource_assignments.c.from_at.desc())
    .limit(1)
    .subquery()
)
_SHOW_HOLDER: Final = (
    sa.update(cloud_resources)
    .where(_C.id == _latest.c.resource_id)
    .values(tenant_id=_latest.c.tenant_id, deployment_id=_latest.c.deployment_id)
)

# A resource that is said to have died before it was born is kept: metering refuses it by name.
_METERED_THEN: Final = sa.and_(
    _C.kind.in_(list(METERED_AS)),
    sa.or_(
        _C.deleted_at < BORN_AT,
        sa.and_(
            sa.or_(_C.deleted_at.is_(None), _C.deleted_at > sa.bindparam("start", type_=Instant)),
            sa.or_(BORN_AT.is_(None), sa.bindparam("end", type_=Instant) > BORN_AT),
        ),
    ),
)
_METERED_RESOURCES: Final = sa.select(cloud_resources).where(_METERED_THEN).order_by(*_IN_ORDER)
_METERED_ASSIGNMENTS: Final = (
    sa.select(resource_assignments)
    .join(cloud_resources, _C.id == resource_assignments.c.resource_id)
    .where(_METERED_THEN)
    .order_by(resource_assignments.c.resource_id, resource_assignments.c.from_at)
)
_M: Final = resource_meters.c
_before = sa.func.lag(_M.from_at).over(partition_by=_M.resource_id, order_by=_M.from_at)
_after = sa.func.lead(_M.from_at).over(partition_by=_M.resource_id, order_by=_M.from_at)
_point = (
    sa.select(*_M, _before.is_(None).label("is_first"), _after.label("to_at"))
    .join(cloud_resources, _C.id == _M.resource_id)
    .where(_METERED_THEN)
    .subquery("point")
)
# Those that hold in the period; the first holds before it too.
_METERED_CHANGES: Final = (
    sa.select(_point.c.resource_id, _point.c.from_at, _point.c.rates)
    .where(
        sa.or_(_point.c.is_first, _point.c.from_at < sa.bindparam("end", type_=Instant)),
        sa.or_(_point.c.to_at.is_(None), _point.c.to_at > sa.bindparam("start", type_=Instant)),
    )
    .order_by(_point.c.resource_id, _point.c.from_at)
)

# The index knows names in small letters. Case folding goes further for what is not ASCII: such names are all
# fetched, and Python has the last word on every one.
_asked = (
    sa.func.unnest(sa.bindparam("kinds", type_=sa.ARRAY(Text)), sa.bindparam("names", type_=sa.ARRAY(Text)))
    .table_valued("kind", "name", name="asked")
    .render_derived()
)
_is_ascii: Final = sa.func.octet_length(_C.name) == sa.func.char_length(_C.name)
_of_that_account: Final = sa.select(cloud_resources).where(_C.account == sa.bindparam("account", type_=Text))
_NAMED: Final = sa.union_all(
    _of_that_account.where(
        _is_ascii, sa.tuple_(_C.kind, sa.func.lower(_C.name)).in_(sa.select(_asked.c.kind, _asked.c.name))
    ),
    _of_that_account.where(~_is_ascii, _C.kind == sa.any_(sa.bindparam("kinds", type_=sa.ARRAY(Text)))),
)

_IDENTIFIED: Final = _of_that_account.where(
    sa.tuple_(_C.kind, _C.provider_id).in_(sa.select(_asked.c.kind, _asked.c.name))
).order_by(*_IN_ORDER)


class PostgresInventory:
    """The inventory, as the role of this connection sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_account(self, account: str) -> Sequence[CloudResource]:
        return [resource_from(row) for row in self._connection.execute(_OF_ACCOUNT, {"account": account})]

    def record(
        self, resources: Sequence[CloudResource], events: Sequence[ResourceEvent], at: datetime
    ) -> None:
        rows = ([row[name] for name in _RESOURCE_COLUMNS] for row in map(resource_row, resources))
        with staged(self._connection, "temp_resources", _RESOURCE_COLUMNS, rows):
            self._connection.execute(_RECORD)
        entries = (_event_row(event, at) for event in events)
        with staged(self._connection, "temp_resource_events", _EVENT_COLUMNS, entries):
            self._connection.execute(_RECORD_EVENTS, {"at": at})

    def get(self, resource_id: UUID) -> CloudResource | None:
        row = self._connection.execute(_BY_ID, {"resource": resource_id}).one_or_none()
        return None if row is None else resource_from(row)

    def page(self, asked: ResourcesAsked, *, after: UUID | None, limit: int) -> Sequence[CloudResource]:
        return resources_page(self._connection, asked, after=after, limit=limit)

    def assignments_of(self, resource_id: UUID) -> Sequence[ToldAssignment]:
        return assignments_of(self._connection, resource_id)

    def log_of(self, resource_id: UUID, *, last: int) -> Sequence[LoggedEvent]:
        return log_of(self._connection, resource_id, last)

    def assign(self, assignment: Assignment, by: AssignedBy, actor: str) -> int:
        resource = {"resource_id": assignment.resource_id}
        self._connection.execute(_LOCK_RESOURCE, resource)
        holder = {"tenant_id": assignment.tenant_id, "deployment_id": assignment.deployment_id}
        told = {"from_at": assignment.from_at, "by": by.value, "actor": actor}
        self._connection.execute(_ASSIGN, {**resource, **holder, **told})
        own, overruled = {"of_resource": assignment.resource_id}, 0
        if by is not AssignedBy.TAG:
            overruled = self._connection.execute(_OVERRULE, {**own, "after": assignment.from_at}).rowcount
        self._connection.execute(_SHOW_HOLDER, own)
        return overruled

    def holdings(self, period: Period) -> Sequence[Holding]:
        bounds = {"start": midnight(period.start), "end": midnight(period.end)}
        assigned = assignments_from(self._connection.execute(_METERED_ASSIGNMENTS, bounds))
        changes = changes_from(self._connection.execute(_METERED_CHANGES, bounds))
        resources = map(resource_from, self._connection.execute(_METERED_RESOURCES, bounds))
        during = Span(bounds["start"], bounds["end"])
        return [
            holding
            for resource in resources
            for holding in holdings(resource, assigned.get(resource.id, ()), {}, changes.get(resource.id, ()))
            if _meet(holding.held, during)
        ]

    def named(self, account: str, names: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        wanted = frozenset(names)
        asked = {"account": account, "kinds": [k for k, _ in wanted], "names": [n for _, n in wanted]}
        found = map(resource_from, self._connection.execute(_NAMED, asked))
        return sorted(
            (resource for resource in found if (resource.kind, resource.name.casefold()) in wanted),
            key=lambda resource: resource.key,
        )

    def identified(self, account: str, ids: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        asked = {"account": account, "kinds": [k for k, _ in ids], "names": [i for _, i in ids]}
        return [resource_from(row) for row in self._connection.execute(_IDENTIFIED, asked)]


def _event_row(event: ResourceEvent, at: datetime) -> list[object]:
    """The entry's id comes from what it says, so that the same look recorded again adds nothing."""
    before = {name: change.before for name, change in event.fields.items()}
    after = {name: change.after for name, change in event.fields.items()}
    entry = uuid5(event.resource_id, f"{event.kind.value}/{at.isoformat()}")
    return [*event.key, entry, event.kind.value, before or None, after or None]


def _meet(held: Iterable[Span], during: Span) -> bool:
    start, end = during.bounds
    return any(begin < end and stop > start for begin, stop in (span.bounds for span in held))
