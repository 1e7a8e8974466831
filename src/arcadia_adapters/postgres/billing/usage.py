"""The usage ledger on Postgres: one source a day, and the difference to what is recorded (ADR 0004).

Owns the recording of a metered day and the reading of a deployment's usage.
Which days are still missing is `unmetered_days`; what else was told of a day, `claims`; `folding` folds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.claims import pushed
from arcadia_adapters.postgres.billing.deployments import TENANT_OF
from arcadia_adapters.postgres.billing.folding import fold
from arcadia_adapters.postgres.billing.unmetered_days import unmetered_days
from arcadia_adapters.postgres.locks import Lock
from arcadia_adapters.postgres.staged import drop, staged
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.deployments import cloud_deployments
from arcadia_adapters.postgres.tables.foundation import Day, Uuid
from arcadia_adapters.postgres.tables.usage import usage_daily, usage_deltas
from arcadia_domain.billing.usage import DayOfKind, DayUsage, Folded, Recorded, Source, SourceConflict
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.period import Period
from arcadia_domain.quantity import from_micro, to_micro

_COLUMNS: Final = columns_of(usage_daily, "tenant_id", "deployment_id", "kind", "day", "source", "qty")

# Each statement goes through the keys in one order, so that two meterings meet and never cross. First the
# kinds without a size: their rows say whose the day is. What is left to be pushed comes before the metered.
_CLAIM: Final = sa.text("""
INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)
SELECT DISTINCT tenant_id, deployment_id, split_part(kind, ':', 1) AS base, day, source FROM temp_metered
ORDER BY tenant_id, deployment_id, base, source DESC
ON CONFLICT DO NOTHING
""")

_CLAIM_SIZES: Final = sa.text("""
INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)
SELECT sized.tenant_id, sized.deployment_id, sized.kind, sized.day, 'metered'
FROM temp_metered AS sized
JOIN usage_daily AS claim ON (claim.tenant_id, claim.deployment_id, claim.kind, claim.day)
    = (sized.tenant_id, sized.deployment_id, split_part(sized.kind, ':', 1), sized.day)
WHERE sized.kind LIKE '%:%' AND claim.source = 'metered'
ORDER BY sized.tenant_id, sized.deployment_id, sized.kind
ON CONFLICT DO NOTHING
""")

# Also the claims that this metering does not name: they go to zero.
_LOCK: Final = sa.text("""
CREATE TEMP TABLE temp_claims ON COMMIT DROP AS
SELECT tenant_id, deployment_id, kind, day FROM usage_daily
WHERE day = :day AND source = 'metered' AND tenant_id <> ALL (CAST(:failed AS text[]))
ORDER BY tenant_id, deployment_id, kind
FOR UPDATE
""")

# A statement of its own, after the lock: its snapshot holds what whoever had the lock has written.
_APPEND: Final = sa.text("""
INSERT INTO usage_deltas (tenant_id, deployment_id, kind, day, batch_id, qty, at)
SELECT tenant_id, deployment_id, kind, day, :batch_id, difference.qty, :at
FROM temp_claims
JOIN usage_daily AS daily USING (tenant_id, deployment_id, kind, day)
LEFT JOIN (SELECT * FROM temp_metered WHERE source = 'metered') AS metered
    USING (tenant_id, deployment_id, kind, day)
CROSS JOIN LATERAL (
    SELECT COALESCE(metered.qty, 0) - daily.qty - COALESCE(sum(delta.qty), 0) AS qty
    FROM usage_deltas AS delta
    WHERE (delta.tenant_id, delta.deployment_id, delta.kind, delta.day)
        = (daily.tenant_id, daily.deployment_id, daily.kind, daily.day)
) AS difference
WHERE difference.qty <> 0
""")

_CONFLICTS: Final = sa.text("""
SELECT metered.tenant_id, metered.deployment_id, metered.kind, metered.day
FROM temp_metered AS metered
JOIN usage_daily AS claim ON (claim.tenant_id, claim.deployment_id, claim.kind, claim.day)
    = (metered.tenant_id, metered.deployment_id, split_part(metered.kind, ':', 1), metered.day)
WHERE metered.source = 'metered' AND claim.source = 'pushed'
ORDER BY metered.tenant_id COLLATE "C", metered.deployment_id, metered.kind COLLATE "C"
""")

_LOCK_DAY: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, :day)")
_HAS_METERING: Final = sa.text("""
SELECT EXISTS (SELECT FROM cloud_resources WHERE deployment_id IS NOT NULL)
    OR EXISTS (SELECT FROM resource_assignments WHERE deployment_id IS NOT NULL)
    OR EXISTS (SELECT FROM usage_daily WHERE source = 'metered' AND day >= :start AND day < :end)
""")

_UNFOLDED: Final = (
    sa.select(sa.func.coalesce(sa.func.sum(usage_deltas.c.qty), 0))
    .where(
        usage_deltas.c.tenant_id == usage_daily.c.tenant_id,
        usage_deltas.c.deployment_id == usage_daily.c.deployment_id,
        usage_deltas.c.kind == usage_daily.c.kind,
        usage_deltas.c.day == usage_daily.c.day,
    )
    .scalar_subquery()
)
USED: Final = usage_daily.c.qty + _UNFOLDED
"""What a row of usage_daily comes to, with the deltas that are not folded into it yet."""


def _told(table: sa.Table) -> sa.Select[Any]:
    """What a table says of some deployments in a period."""
    owner = cloud_deployments
    return (
        sa.select(table.c.deployment_id, table.c.kind, table.c.qty)
        .join(owner, (owner.c.tenant_id == table.c.tenant_id) & (owner.c.id == table.c.deployment_id))
        .where(
            owner.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))),
            table.c.day >= sa.bindparam("start", type_=Day),
            table.c.day < sa.bindparam("end", type_=Day),
            table.c.qty != 0,
        )
    )


_both = sa.union_all(_told(usage_daily), _told(usage_deltas)).subquery()
# No day is below zero, so what the days come to is zero only where each of them is.
_USED_KINDS: Final = (
    sa.select(_both.c.deployment_id, _both.c.kind)
    .group_by(_both.c.deployment_id, _both.c.kind)
    .having(sa.func.sum(_both.c.qty) != 0)
)

_OF_PERIOD: Final = (
    sa.select(usage_daily.c.kind, usage_daily.c.day, USED.label("qty"))
    .where(
        usage_daily.c.tenant_id == TENANT_OF,
        usage_daily.c.deployment_id == sa.bindparam("deployment", type_=Uuid),
        usage_daily.c.day >= sa.bindparam("start", type_=Day),
        usage_daily.c.day < sa.bindparam("end", type_=Day),
        USED != 0,
    )
    .order_by(usage_daily.c.kind.collate("C"), usage_daily.c.day)
)


class PostgresUsageLedger:
    """Recorded usage, as the role of this connection sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock_day(self, day: date) -> None:
        self._connection.execute(_LOCK_DAY, {"lock": Lock.USAGE_DAY.value, "day": day.toordinal()})

    def has_metering(self, period: Period) -> bool:
        bounds = {"start": period.start, "end": period.end}
        return bool(self._connection.scalar(_HAS_METERING, bounds))

    def record_metered(self, metered: MeteredDay, batch_id: UUID, at: datetime) -> Recorded:
        run = self._connection.execute
        rows = [_row(used, Source.METERED, used.qty) for used in metered.usage]
        rows += [_row(left, Source.PUSHED, Decimal(0)) for left in metered.left_to_push]
        failed = sorted({failure.tenant_id for failure in metered.failures})
        with staged(self._connection, "temp_metered", _COLUMNS, rows):
            run(_CLAIM)
            run(_CLAIM_SIZES)
            run(_LOCK, {"day": metered.day, "failed": failed})
            appended = run(_APPEND, {"batch_id": batch_id, "at": at}).rowcount
            conflicts = tuple(_conflict(*row) for row in run(_CONFLICTS))
        drop(self._connection, "temp_claims")
        return Recorded(changed=appended, conflicts=conflicts)

    def pushed(self, days: Collection[DayOfKind]) -> Collection[DayOfKind]:
        return pushed(self._connection, days)

    def for_period(self, deployment_id: UUID, period: Period) -> Mapping[str, Mapping[date, Decimal]]:
        used: dict[str, dict[date, Decimal]] = {}
        bounds = {"deployment": deployment_id, "start": period.start, "end": period.end}
        for kind, day, qty in self._connection.execute(_OF_PERIOD, bounds):
            used.setdefault(kind, {})[day] = from_micro(to_micro(qty, kind))  # as metered: 72, not 72.000000
        return used

    def used_kinds(self, deployment_ids: Collection[UUID], period: Period) -> Mapping[UUID, Collection[str]]:
        used: dict[UUID, list[str]] = defaultdict(list)
        asked = {"ids": list(deployment_ids), "start": period.start, "end": period.end}
        for deployment_id, kind in self._connection.execute(_USED_KINDS, asked):
            used[deployment_id].append(kind)
        return dict(used)

    def unmetered_days(self, period: Period, tenant_id: str | None = None) -> Sequence[tuple[date, str]]:
        return unmetered_days(self._connection, period, tenant_id)

    def fold(self, *, before: datetime, after: DayOfKind | None, limit: int) -> Folded:
        return fold(self._connection, before, after, limit)


def _row(of: DayUsage | DayOfKind, source: Source, qty: Decimal) -> tuple[object, ...]:
    return of.tenant_id, of.deployment_id, of.kind, of.day, source.value, qty


def _conflict(tenant_id: str, deployment_id: UUID, kind: str, day: date) -> SourceConflict:
    return SourceConflict(
        tenant_id=tenant_id,
        kind=kind,
        deployment_id=deployment_id,
        day=day,
        first=Source.PUSHED.value,
        second=Source.METERED.value,
    )
