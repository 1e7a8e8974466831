"""Resources a page at a time, and what is kept about one of them (SPEC 6, 18).

Owns the statements that a reader's filters come to. Looks and assignments are written by `inventory`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.resource_rows import resource_from
from arcadia_adapters.postgres.tables.cloud import (
    cloud_resource_events,
    cloud_resources,
    resource_assignments,
)
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy, LoggedEvent, ResourcesAsked, ToldAssignment

_C: Final = cloud_resources.c
_RESOURCE: Final = sa.bindparam("resource", type_=Uuid)

_ASSIGNMENTS: Final = (
    sa.select(resource_assignments)
    .where(resource_assignments.c.resource_id == _RESOURCE)
    .order_by(resource_assignments.c.from_at.desc())
)
_LOG: Final = (
    sa.select(cloud_resource_events)
    .where(cloud_resource_events.c.resource_id == _RESOURCE)
    .order_by(cloud_resource_events.c.at.desc(), cloud_resource_events.c.id.desc())
    .limit(sa.bindparam("last", type_=sa.Integer))
)

_SAME: Final = {"tenant_id": Text, "deployment_id": Uuid, "kind": Text, "status": Text, "name": Text}
"""The filters that ask for an equal value, each under its column's name."""


@cache
def _page(equal: frozenset[str], *, deleted: bool, after: bool) -> sa.Select[Any]:
    asked = [_C[name] == sa.bindparam(name, type_=_SAME[name]) for name in sorted(equal)]
    asked.append(_C.deleted_at.is_not(None) if deleted else _C.deleted_at.is_(None))
    if after:
        asked.append(_C.id < sa.bindparam("after", type_=Uuid))
    return (
        sa.select(cloud_resources)
        .where(*asked)
        .order_by(_C.id.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def resources_page(
    connection: sa.Connection, asked: ResourcesAsked, *, after: UUID | None, limit: int
) -> Sequence[CloudResource]:
    equal = {name: value for name, value in asdict(asked).items() if name in _SAME and value is not None}
    statement = _page(frozenset(equal), deleted=asked.deleted, after=after is not None)
    place = {} if after is None else {"after": after}
    return [resource_from(row) for row in connection.execute(statement, {**equal, **place, "limit": limit})]


def assignments_of(connection: sa.Connection, resource_id: UUID) -> Sequence[ToldAssignment]:
    return [
        ToldAssignment(
            Assignment(
                resource_id=row.resource_id,
                from_at=row.from_at,
                tenant_id=row.tenant_id,
                deployment_id=row.deployment_id,
            ),
            AssignedBy(row.by),
            row.actor,
        )
        for row in connection.execute(_ASSIGNMENTS, {"resource": resource_id})
    ]


def log_of(connection: sa.Connection, resource_id: UUID, last: int) -> Sequence[LoggedEvent]:
    return [
        LoggedEvent(row.id, EventKind(row.kind), row.at, row.before or {}, row.after or {})
        for row in connection.execute(_LOG, {"resource": resource_id, "last": last})
    ]
