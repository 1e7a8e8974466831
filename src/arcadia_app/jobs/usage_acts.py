"""The jobs about usage: metering a day, finding the days that were missed, folding (SPEC 7, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress, counting
from arcadia_app.use_cases.billing import request_folding
from arcadia_app.use_cases.billing.fold_usage import fold_usage
from arcadia_app.use_cases.cloud import request_metering, request_missed_days
from arcadia_app.use_cases.cloud.find_missed_days import find_missed_days
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.wire.metering import MeteredDay
from arcadia_app.wire.upkeep import FoldedUsage, MissedDays
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob


def _meter_day(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> MeteredDay:
    with app.transactions.begin(by) as work:
        metered = meter_day(work, by, day=date.fromisoformat(job.payload["day"]), now=app.clock.now())
        progress.must_hold(work)
    progress(1, 1)
    return MeteredDay.of(metered)


def _find_missed_days(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> MissedDays:
    with app.transactions.begin(by) as work:
        days = find_missed_days(work, by, now=app.clock.now(), cause=job.cause)
        progress.must_hold(work)
    app.job_stored.set()
    progress(len(days), len(days))
    return MissedDays(days=list(days))


def _fold_usage(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> FoldedUsage:
    folded = fold_usage(
        app.transactions,
        by,
        now=app.clock.now(),
        progress=counting(progress),
        must_hold=progress.must_hold,
    )
    return FoldedUsage.of(folded)


USAGE_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        request_metering.JOB: _meter_day,
        request_missed_days.JOB: _find_missed_days,
        request_folding.JOB: _fold_usage,
    }
)
"""These jobs, by name."""
