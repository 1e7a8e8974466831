"""What a look found out, written: events, change points of meters, assignments by tag (SPEC 6).

Owns the statements, a constant number of them for a page. Judging what was found is the domain's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid5

from arcadia_adapters.postgres.records import records, table_of_records
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.cloud import (
    cloud_resource_events,
    resource_assignments,
    resource_meters,
)
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import EventKind, ResourceEvent
from arcadia_domain.cloud.looks import FoundRates, Look
from arcadia_domain.cloud.meters import Rates
from arcadia_domain.quantity import plain

_EVENTS: Final = columns_of(cloud_resource_events, "id", "resource_id", "kind", "at", "before", "after")
_LOG: Final = sa.text(f"""
INSERT INTO cloud_resource_events ({", ".join(_EVENTS)})
SELECT {", ".join(_EVENTS)} FROM {table_of_records("event", _EVENTS)} ON CONFLICT (id) DO NOTHING
""")

_RATES: Final = {**columns_of(resource_meters, "resource_id", "from_at", "rates"), "if_first": sa.Boolean()}
_METER: Final = sa.text(f"""
INSERT INTO resource_meters (resource_id, from_at, rates)
SELECT resource_id, from_at, rates FROM {table_of_records("found", _RATES)}
WHERE NOT if_first OR NOT EXISTS (
    SELECT FROM resource_meters AS known WHERE known.resource_id = found.resource_id)
ON CONFLICT (resource_id, from_at) DO UPDATE SET rates = excluded.rates
""")

_TAGGED: Final = columns_of(resource_assignments, "resource_id", "from_at", "tenant_id", "deployment_id")
_ASSIGN: Final = sa.text(f"""
INSERT INTO resource_assignments (resource_id, from_at, tenant_id, deployment_id, by, actor)
SELECT resource_id, from_at, tenant_id, deployment_id, 'tag', :actor
FROM {table_of_records("tagged", _TAGGED)}
ON CONFLICT (resource_id, from_at) DO UPDATE
SET tenant_id = excluded.tenant_id, deployment_id = excluded.deployment_id, by = 'tag', actor = excluded.actor
""")
_SHOW_HOLDERS: Final = sa.text(f"""
UPDATE cloud_resources SET tenant_id = tagged.tenant_id, deployment_id = tagged.deployment_id
FROM {table_of_records("tagged", _TAGGED)} WHERE id = resource_id
""")


def event_id(look: Look, kind: EventKind, resource_id: UUID, at: datetime) -> UUID:
    """What a sync found out at that time about a resource is one entry, however often it is written."""
    return uuid5(resource_id, _named(look, kind, at))


def write_events(connection: sa.Connection, look: Look, events: Sequence[ResourceEvent]) -> None:
    """The entries of the event log."""
    names = {kind: _named(look, kind, look.at) for kind in EventKind}
    rows = (
        (uuid5(one.resource_id, names[one.kind]), one.resource_id, one.kind, look.at, *_fields(one))
        for one in events
    )
    connection.execute(_LOG, {"event_rows": records(_EVENTS, rows)})


def write_rates(connection: sa.Connection, found: Sequence[FoundRates]) -> None:
    """Changes of what resources count for; one of the same instant is written over."""
    rows = ([one.resource_id, one.change.from_at, _written(one.change.rates), one.if_first] for one in found)
    connection.execute(_METER, {"found_rows": records(_RATES, rows)})


def write_assignments(connection: sa.Connection, assignments: Sequence[Assignment], actor: str) -> None:
    """Assignments by tag, each the latest of its resource."""
    rows = ([one.resource_id, one.from_at, one.tenant_id, one.deployment_id] for one in assignments)
    told = {"tagged_rows": records(_TAGGED, rows)}
    connection.execute(_ASSIGN, {**told, "actor": actor})
    connection.execute(_SHOW_HOLDERS, told)


def _written(rates: Rates) -> dict[str, str | None]:
    """Rates as they are stored: decimal strings, null where the rate is not told."""
    return {kind: None if rate is None else plain(rate) for kind, rate in rates.items()}


def _named(look: Look, kind: EventKind, at: datetime) -> str:
    return f"{look.sync_id}/{kind}/{at.isoformat()}"


def _fields(event: ResourceEvent) -> tuple[object, object]:
    """What changed, before and after."""
    if not event.fields:
        return None, None
    before = {name: change.before for name, change in event.fields.items()}
    return before, {name: change.after for name, change in event.fields.items()}
