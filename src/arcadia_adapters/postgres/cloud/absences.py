"""What a whole listing did not show: missing, and once the provider does not know it, tombstoned (SPEC 6).

Owns both statements. That the listing was whole, and that the resource was looked up, is the caller's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.findings import event_id
from arcadia_adapters.postgres.cloud.projects import empty_projects, mirror_projects
from arcadia_adapters.postgres.cloud.turns import take_turn
from arcadia_adapters.postgres.staged import ColumnTypes, staged
from arcadia_adapters.postgres.tables.foundation import Instant, Uuid
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.looks import Grave, Look, MissingResource

# By the time of the last look: what another sync has seen since is there. The sync's own looks may be as old
# as the listing.
_MISS: Final = sa.text("""
UPDATE cloud_resources SET missing_since = coalesce(missing_since, :at)
WHERE account = :account AND kind = :kind AND (CAST(:region AS text) IS NULL OR region = :region)
  AND deleted_at IS NULL AND last_seen <= :since AND last_seen_sync IS DISTINCT FROM :sync
RETURNING id, provider_id, missing_since
""")

_GRAVES: Final[ColumnTypes] = {
    "resource_id": Uuid(),
    "deleted_at": Instant,
    "looked_at": Instant,
    "event_id": Uuid(),
}
# The bounds are Grave.end_of's, by the row as it is now. GREATEST passes over a birth that is not told.
_BURY: Final = sa.text("""
WITH buried AS (
    UPDATE cloud_resources AS gone
    SET deleted_at = GREATEST(LEAST(grave.deleted_at, looked_at), last_seen, created_at)
    FROM temp_graves AS grave
    WHERE gone.id = resource_id AND gone.deleted_at IS NULL AND last_seen <= looked_at
    RETURNING event_id, resource_id, looked_at
)
INSERT INTO cloud_resource_events (id, resource_id, kind, at)
SELECT event_id, resource_id, 'disappeared', looked_at FROM buried
RETURNING resource_id
""")


def find_missing(
    connection: sa.Connection, look: Look, region: str | None, since: datetime
) -> Sequence[MissingResource]:
    """See Syncs.missing."""
    take_turn(connection, look.account)
    facts = {"account": look.account, "kind": look.kind, "at": look.at, "sync": look.sync_id}
    found = connection.execute(_MISS, {**facts, "region": region, "since": since})
    missing = [MissingResource(row.id, row.provider_id, row.missing_since) for row in found]
    return sorted(missing, key=lambda one: (one.missing_since, one.provider_id))


def bury(connection: sa.Connection, look: Look, graves: Sequence[Grave]) -> int:
    """See Syncs.bury."""
    take_turn(connection, look.account)
    rows = ([one.resource_id, one.deleted_at, one.looked_at, _entry(look, one)] for one in graves)
    with staged(connection, "temp_graves", _GRAVES, rows):
        buried = connection.scalars(_BURY).all()
    if look.kind == "project" and buried:
        mirror_projects(connection, buried)
        empty_projects(connection, buried)
    return len(buried)


def _entry(look: Look, grave: Grave) -> object:
    return event_id(look, EventKind.DISAPPEARED, grave.resource_id, grave.looked_at)
