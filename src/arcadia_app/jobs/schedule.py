"""What is done when: the ticks of SPEC 17, in UTC, and the job that each asks for.

Owns the list. When a tick is due and how often it is fired is `fire_ticks`'s; what a job does is its act's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from arcadia_app.use_cases.billing.request_folding import request_folding
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_app.use_cases.cloud.request_discovery import (
    request_balance,
    request_discovery,
    request_preview,
)
from arcadia_app.use_cases.cloud.request_metering import request_metering
from arcadia_app.use_cases.cloud.request_missed_days import request_missed_days
from arcadia_app.use_cases.cloud.request_sync import request_sync
from arcadia_app.use_cases.platform.fire_ticks import Ask, Missed, Tick
from arcadia_app.use_cases.platform.request_upkeep import request_partitions, request_retention
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.unit_of_work import Work

_DAY: Final = timedelta(days=1)


class _Request(Protocol):
    """Asks for a job that is the same whichever tick it is asked by."""

    def __call__(self, work: Work, by: Principal, *, now: datetime, cause: str) -> UUID: ...


def _whatever_tick(request: _Request) -> Ask:
    def ask(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
        return request(work, by, now=now, cause=cause)

    return ask


def _sync(speed: Speed) -> Ask:
    def ask(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
        return request_sync(work, by, speed=speed, now=now, cause=cause)

    return ask


def _metering(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    """Of the day that has just ended."""
    return request_metering(work, by, day=at.date() - _DAY, now=now, cause=cause)


def _rollup(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    """Of the month that has just ended."""
    month = month_of(at.date().replace(day=1) - _DAY)
    return request_rollup(work, by, period=month, now=now, cause=cause)


TICKS: Final = (
    Tick("balance", "7 * * * *", Missed.SKIP, _whatever_tick(request_balance)),
    Tick("cloud_sync_fast", "*/5 * * * *", Missed.SKIP, _sync(Speed.FAST)),
    Tick("cloud_sync_full", "15 * * * *", Missed.ONCE, _sync(Speed.FULL)),
    Tick("cloud_sync_slow", "40 1 * * *", Missed.ONCE, _sync(Speed.SLOW)),
    Tick("billing_history", "23 2 * * *", Missed.ONCE, _whatever_tick(request_discovery)),
    Tick("month_to_date", "37 * * * *", Missed.SKIP, _whatever_tick(request_preview)),
    Tick("metering", "30 0 * * *", Missed.EACH, _metering),
    Tick("missed_days", "10 1 * * *", Missed.ONCE, _whatever_tick(request_missed_days)),
    Tick("folding", "*/10 * * * *", Missed.ONCE, _whatever_tick(request_folding)),
    Tick("partitions", "50 2 * * *", Missed.ONCE, _whatever_tick(request_partitions)),
    Tick("retention", "20 4 * * *", Missed.ONCE, _whatever_tick(request_retention)),
    Tick("rollup", "0 3 1 * *", Missed.EACH, _rollup),
)
"""The whole schedule."""
