"""What is done when: the ticks of SPEC 17, in UTC, and the job that each asks for.

Owns the list. When a tick is due and how often it is fired is `fire_ticks`'s; what a job does is its act's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
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


def _balance(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_balance(work, by, now=now, cause=cause)


def _discovery(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_discovery(work, by, now=now, cause=cause)


def _month_to_date(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_preview(work, by, now=now, cause=cause)


def _sync(speed: Speed) -> Ask:
    def ask(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
        return request_sync(work, by, speed=speed, now=now, cause=cause)

    return ask


def _metering(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    """Of the day that has just ended."""
    return request_metering(work, by, day=at.date() - _DAY, now=now, cause=cause)


def _missed_days(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    """Of whatever day its own tick has not brought in."""
    return request_missed_days(work, by, now=now, cause=cause)


def _folding(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_folding(work, by, now=now, cause=cause)


def _partitions(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_partitions(work, by, now=now, cause=cause)


def _retention(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    return request_retention(work, by, now=now, cause=cause)


def _rollup(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    """Of the month that has just ended."""
    month = month_of(at.date().replace(day=1) - _DAY)
    return request_rollup(work, by, period=month, now=now, cause=cause)


TICKS: Final = (
    Tick("balance", "7 * * * *", Missed.SKIP, _balance),
    Tick("cloud_sync_fast", "*/5 * * * *", Missed.SKIP, _sync(Speed.FAST)),
    Tick("cloud_sync_full", "15 * * * *", Missed.ONCE, _sync(Speed.FULL)),
    Tick("cloud_sync_slow", "40 1 * * *", Missed.ONCE, _sync(Speed.SLOW)),
    Tick("billing_history", "23 2 * * *", Missed.ONCE, _discovery),
    Tick("month_to_date", "37 * * * *", Missed.SKIP, _month_to_date),
    Tick("metering", "30 0 * * *", Missed.EACH, _metering),
    Tick("missed_days", "10 1 * * *", Missed.ONCE, _missed_days),
    Tick("folding", "*/10 * * * *", Missed.ONCE, _folding),
    Tick("partitions", "50 2 * * *", Missed.ONCE, _partitions),
    Tick("retention", "20 4 * * *", Missed.ONCE, _retention),
    Tick("rollup", "0 3 1 * *", Missed.EACH, _rollup),
)
"""The whole schedule."""
