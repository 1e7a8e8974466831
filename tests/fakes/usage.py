"""The usage ledger in memory: a day's sum and its source are one value, and there are no deltas to fold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.usage import DayOfKind, Folded, Recorded, Source, SourceConflict
from arcadia_domain.cloud.assignments import tenures
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.cloud.meters import usage_kinds
from arcadia_domain.cloud.spans import FOREVER, micros
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.pricing.kinds import base_of
from tests.fakes.state import State, must_be_operator, sees

_Key = tuple[str, UUID, str, date]


class FakeUsageLedger:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def lock_day(self, day: date) -> None:
        """There is one transaction at a time here."""

    def has_metering(self, period: Period) -> bool:
        must_be_operator(self._principal)
        return bool(self._state.resources or self._state.day_usage)

    def record_metered(self, metered: MeteredDay, batch_id: UUID, at: datetime) -> Recorded:
        must_be_operator(self._principal)
        usage = self._state.day_usage
        new: dict[_Key, Decimal] = {
            (row.tenant_id, row.deployment_id, row.kind, row.day): row.qty for row in metered.usage
        }
        for left in metered.left_to_push:
            key = (left.tenant_id, left.deployment_id, left.kind, left.day)
            usage.setdefault(key, (Source.PUSHED, Decimal(0)))
        for key in new:
            usage.setdefault(_base(key), (Source.METERED, Decimal(0)))
        pushed = [key for key in new if usage[_base(key)][0] is Source.PUSHED]
        failed = {failure.tenant_id for failure in metered.failures}
        gone = {
            key: Decimal(0)
            for key, (source, _) in usage.items()
            if key[3] == metered.day and source is Source.METERED and key not in new and key[0] not in failed
        }
        changed = 0
        for key, qty in (gone | new).items():
            if key not in pushed:
                changed += usage.get(key, (Source.METERED, Decimal(0)))[1] != qty
                usage[key] = (Source.METERED, qty)
        return Recorded(changed, tuple(_conflict(key) for key in sorted(pushed, key=str)))

    def pushed(self, days: Collection[DayOfKind]) -> Collection[DayOfKind]:
        must_be_operator(self._principal)
        told = {replace(day, kind=base_of(day.kind)) for day in self._state.pushed}
        claims = self._state.day_usage.items()
        told |= {DayOfKind(*key) for key, (source, _) in claims if source is not Source.METERED}
        return told & set(days)

    def for_period(self, deployment_id: UUID, period: Period) -> Mapping[str, Mapping[date, Decimal]]:
        used: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for (tenant_id, deployment, kind, day), (_, qty) in sorted(self._state.day_usage.items(), key=str):
            if deployment == deployment_id and day in period and qty and sees(self._principal, tenant_id):
                used[kind][day] = qty
        return dict(used)

    def used_kinds(self, deployment_ids: Collection[UUID], period: Period) -> Mapping[UUID, Collection[str]]:
        used: dict[UUID, set[str]] = defaultdict(set)
        for (tenant_id, deployment, kind, day), (_, qty) in self._state.day_usage.items():
            if deployment in deployment_ids and day in period and qty and sees(self._principal, tenant_id):
                used[deployment].add(kind)
        return dict(used)

    def unmetered_days(self, period: Period, tenant_id: str | None = None) -> Sequence[tuple[date, str]]:
        missing = set()
        for resource in self._state.resources.values():
            for held_by, deployment_id, day in _held_days(self._state, resource, period):
                keys = {(held_by, deployment_id, kind, day) for kind in usage_kinds(resource.kind)}
                if keys - set(self._state.day_usage) and tenant_id in (None, held_by):
                    missing.add((day, held_by))
        return sorted(missing)

    def fold(self, *, before: datetime, after: DayOfKind | None, limit: int) -> Folded:
        must_be_operator(self._principal)
        return Folded(0, 0, None)


def _base(key: _Key) -> _Key:
    """The row that says whose the day is."""
    return (*key[:2], base_of(key[2]), key[3])


def _conflict(key: _Key) -> SourceConflict:
    tenant_id, deployment_id, kind, day = key
    return SourceConflict(
        tenant_id=tenant_id,
        kind=kind,
        deployment_id=deployment_id,
        day=day,
        first="pushed",
        second="metered",
    )


def _held_days(state: State, resource: CloudResource, period: Period) -> list[tuple[str, UUID, date]]:
    """Who held a metered resource on which day, for any instant of it."""
    if not usage_kinds(resource.kind):
        return []
    born = -FOREVER if resource.born_at is None else micros(resource.born_at)
    died = FOREVER if resource.deleted_at is None else micros(resource.deleted_at)
    if died < born:  # nobody can tell when it lived: metering refuses it
        born, died = -FOREVER, FOREVER
    held = []
    for tenure in tenures(resource, state.assignments.get(resource.id, ())):
        start, end = tenure.span.bounds
        for day in period:
            opens, closes = micros(midnight(day)), micros(midnight(day + timedelta(days=1)))
            if tenure.deployment_id and max(start, born, opens) < min(end, died, closes):
                held.append((tenure.tenant_id, tenure.deployment_id, day))
    return held
