"""The folding of usage on Postgres: deltas become part of the sum of their day (data_model rule 8).

Owns the statements of a batch. A day that somebody has locked is passed over: folding waits for nobody, so it
can deadlock with nobody; and its own lock lets those in who append to the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of, array_of_text
from arcadia_domain.billing.usage import DayOfKind, Folded

_NEXT: Final = """
SELECT DISTINCT tenant_id, deployment_id, kind, day FROM usage_deltas
WHERE at < :before{onward}
ORDER BY tenant_id, deployment_id, kind, day
LIMIT :limit
"""
_FIRST: Final = sa.text(_NEXT.format(onward=""))
_ONWARD: Final = sa.text(
    _NEXT.format(
        onward=" AND (tenant_id, deployment_id, kind, day)"
        " > (:tenant_id, CAST(:deployment_id AS uuid), :kind, CAST(:day AS date))"
    )
)

_DAYS: Final = """
unnest(CAST(:tenants AS text[]), CAST(:deployments AS uuid[]), CAST(:kinds AS text[]), CAST(:days AS date[]))
    AS asked (tenant_id, deployment_id, kind, day)
"""

_LOCK: Final = sa.text(f"""
SELECT tenant_id, deployment_id, kind, day
FROM usage_daily
JOIN {_DAYS} USING (tenant_id, deployment_id, kind, day)
FOR NO KEY UPDATE OF usage_daily SKIP LOCKED
""")

# A statement of its own, after the lock: its snapshot holds what whoever had the lock has written. To any
# reader a delta is in one place: both are changed in one statement.
_FOLD: Final = sa.text(f"""
WITH taken AS (
    DELETE FROM usage_deltas AS delta USING {_DAYS}
    WHERE (delta.tenant_id, delta.deployment_id, delta.kind, delta.day)
        = (asked.tenant_id, asked.deployment_id, asked.kind, asked.day) AND delta.at < :before
    RETURNING delta.tenant_id, delta.deployment_id, delta.kind, delta.day, delta.qty
), added AS (
    SELECT tenant_id, deployment_id, kind, day, sum(qty) AS qty, count(*) AS deltas FROM taken
    GROUP BY tenant_id, deployment_id, kind, day
)
UPDATE usage_daily AS daily SET qty = daily.qty + added.qty FROM added
WHERE (daily.tenant_id, daily.deployment_id, daily.kind, daily.day)
    = (added.tenant_id, added.deployment_id, added.kind, added.day)
RETURNING added.deltas
""")


def fold(connection: sa.Connection, before: datetime, after: DayOfKind | None, limit: int) -> Folded:
    """Fold the deltas from before an instant of the next `limit` days of kinds that follow `after`."""
    asked: dict[str, object] = {"before": before, "limit": limit}
    if after is None:
        rows = connection.execute(_FIRST, asked)
    else:
        rows = connection.execute(_ONWARD, {**asked, **_key(after)})
    days = [DayOfKind(*row) for row in rows]
    if not days:
        return Folded(0, 0, None)
    last = days[-1] if len(days) == limit else None
    free = [DayOfKind(*row) for row in connection.execute(_LOCK, _columns(days))]
    deltas = connection.scalars(_FOLD, {**_columns(free), "before": before}).all()
    return Folded(len(deltas), sum(deltas), last)


def _key(day: DayOfKind) -> Mapping[str, object]:
    return {
        "tenant_id": day.tenant_id,
        "deployment_id": day.deployment_id,
        "kind": day.kind,
        "day": day.day,
    }


def _columns(days: Sequence[DayOfKind]) -> Mapping[str, str]:
    return {
        "tenants": array_of_text(day.tenant_id for day in days),
        "deployments": array_of(day.deployment_id for day in days),
        "kinds": array_of_text(day.kind for day in days),
        "days": array_of(day.day for day in days),
    }
