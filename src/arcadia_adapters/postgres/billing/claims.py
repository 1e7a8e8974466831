"""Claims of days by those who tell us usage, on Postgres: the first source has the day (ADR 0004).

Owns the claiming and the waiting that it takes. Metering claims its days itself (`usage`). A kind and its
sizes have one source: the row of the kind without a size says which; that of a size only holds its sum.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of, array_of_text
from arcadia_adapters.postgres.locks import Lock
from arcadia_domain.billing.usage import DayOfKind, Source
from arcadia_domain.pricing.kinds import base_of

_DAYS: Final = """
unnest(CAST(:tenants AS text[]), CAST(:deployments AS uuid[]), CAST(:kinds AS text[]), CAST(:days AS date[]))
"""

_SAME_BASE: Final = """
(claim.tenant_id, claim.deployment_id, claim.kind, claim.day)
    = (asked.tenant_id, asked.deployment_id, split_part(asked.kind, ':', 1), asked.day)
"""

_HOLDERS: Final = sa.text(f"""
SELECT asked.place, claim.source
FROM {_DAYS} WITH ORDINALITY AS asked (tenant_id, deployment_id, kind, day, place)
JOIN usage_daily AS claim ON {_SAME_BASE}
""")

# In one order, so that two batches meet and never cross: first the kinds without a size; within a day, in
# that of metering.
_CLAIM: Final = sa.text(f"""
INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)
SELECT DISTINCT tenant_id, deployment_id, split_part(kind, ':', 1) AS base, day, :source
FROM {_DAYS} AS asked (tenant_id, deployment_id, kind, day)
ORDER BY day, tenant_id, deployment_id, base
ON CONFLICT DO NOTHING
""")
_CLAIM_SIZES: Final = sa.text(f"""
INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)
SELECT asked.tenant_id, asked.deployment_id, asked.kind, asked.day, claim.source
FROM {_DAYS} AS asked (tenant_id, deployment_id, kind, day)
JOIN usage_daily AS claim ON {_SAME_BASE}
WHERE claim.source = :source
ORDER BY asked.day, asked.tenant_id, asked.deployment_id, asked.kind
ON CONFLICT DO NOTHING
""")

_PUSHED: Final = sa.text(f"""
SELECT asked.place
FROM {_DAYS} WITH ORDINALITY AS asked (tenant_id, deployment_id, kind, day, place)
WHERE EXISTS (SELECT FROM usage_daily AS claim WHERE {_SAME_BASE} AND claim.source <> 'metered')
   OR EXISTS (
    SELECT FROM usage_events AS event
    WHERE (event.tenant_id, event.deployment_id, event.occurred_day)
        = (asked.tenant_id, asked.deployment_id, asked.day)
      AND split_part(event.resource_kind, ':', 1) = asked.kind
)
""")

_TURNS: Final = 256
"""Strangers that share one take turns for a moment. A lock for each day of a large batch would use up the
server's whole table of locks."""

_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, turn) FROM unnest(CAST(:turns AS int[])) AS turn")


def holders(connection: sa.Connection, days: Collection[DayOfKind]) -> dict[DayOfKind, Source]:
    """The source of each day that has one: that of its kind without a size."""
    asked = list(days)
    return {
        asked[place - 1]: Source(source) for place, source in connection.execute(_HOLDERS, _columns(asked))
    }


def claim(connection: sa.Connection, days: Collection[DayOfKind], source: Source) -> None:
    """Give each day that has no source this one. Waits for whoever claims one of them at the same moment.

    Days of a size have a row afterwards where their source is this one.
    """
    asked = list(days)
    connection.execute(_CLAIM, {**_columns(asked), "source": source.value})
    if sized := [day for day in asked if day.kind != base_of(day.kind)]:
        connection.execute(_CLAIM_SIZES, {**_columns(sized), "source": source.value})


def pushed(connection: sa.Connection, days: Collection[DayOfKind]) -> Collection[DayOfKind]:
    """Those of these days, of kinds without a size, of which anything was told us, be it 0."""
    asked = list(days)
    return frozenset(asked[place - 1] for place in connection.scalars(_PUSHED, _columns(asked)))


def lock_levels(connection: sa.Connection, days: Collection[DayOfKind]) -> None:
    """The levels of these days rise one batch after the other, until the transaction ends."""
    turns = sorted({_turn(day) for day in days})
    connection.execute(_LOCK, {"lock": Lock.USAGE_PEAK.value, "turns": turns})


def _turn(day: DayOfKind) -> int:
    return zlib.crc32(f"{day.tenant_id}/{day.deployment_id}/{day.kind}/{day.day}".encode()) % _TURNS


def _columns(days: Sequence[DayOfKind]) -> Mapping[str, str]:
    return {
        "tenants": array_of_text(day.tenant_id for day in days),
        "deployments": array_of(day.deployment_id for day in days),
        "kinds": array_of_text(day.kind for day in days),
        "days": array_of(day.day for day in days),
    }
