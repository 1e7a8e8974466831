"""Claims of days by those who tell us usage, on Postgres: the first source has the day (ADR 0004).

Owns the claiming and the waiting that it takes. Metering claims its days itself (`usage`).
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of, array_of_text
from arcadia_domain.billing.usage import DayOfKind, Source

_DAYS: Final = """
unnest(CAST(:tenants AS text[]), CAST(:deployments AS uuid[]), CAST(:kinds AS text[]), CAST(:days AS date[]))
"""

_HOLDERS: Final = sa.text(f"""
SELECT asked.place, daily.source
FROM {_DAYS} WITH ORDINALITY AS asked (tenant_id, deployment_id, kind, day, place)
JOIN usage_daily AS daily USING (tenant_id, deployment_id, kind, day)
""")

# In one order, so that two batches meet and never cross; within a day, in that of metering.
_CLAIM: Final = sa.text(f"""
INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)
SELECT tenant_id, deployment_id, kind, day, :source
FROM {_DAYS} AS asked (tenant_id, deployment_id, kind, day)
ORDER BY day, tenant_id, deployment_id, kind
ON CONFLICT DO NOTHING
""")

_PEAK_LOCK: Final = 4_005_004
"""An arbitrary number, the first key of the locks on days of peak kinds; the other key is one of `_TURNS`."""

_TURNS: Final = 256
"""Strangers that share one take turns for a moment. A lock for each day of a large batch would use up the
server's whole table of locks."""

_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, turn) FROM unnest(CAST(:turns AS int[])) AS turn")


def holders(connection: sa.Connection, days: Collection[DayOfKind]) -> dict[DayOfKind, Source]:
    """The source of each day that has one."""
    asked = list(days)
    return {
        asked[place - 1]: Source(source) for place, source in connection.execute(_HOLDERS, _columns(asked))
    }


def claim(connection: sa.Connection, days: Collection[DayOfKind], source: Source) -> None:
    """Give each day that has no source this one. Waits for whoever claims one of them at the same moment."""
    connection.execute(_CLAIM, {**_columns(list(days)), "source": source.value})


def lock_levels(connection: sa.Connection, days: Collection[DayOfKind]) -> None:
    """The levels of these days rise one batch after the other, until the transaction ends."""
    turns = sorted({_turn(day) for day in days})
    connection.execute(_LOCK, {"lock": _PEAK_LOCK, "turns": turns})


def _turn(day: DayOfKind) -> int:
    return zlib.crc32(f"{day.tenant_id}/{day.deployment_id}/{day.kind}/{day.day}".encode()) % _TURNS


def _columns(days: Sequence[DayOfKind]) -> Mapping[str, str]:
    return {
        "tenants": array_of_text(day.tenant_id for day in days),
        "deployments": array_of(day.deployment_id for day in days),
        "kinds": array_of_text(day.kind for day in days),
        "days": array_of(day.day for day in days),
    }
