"""The jobs about usage: metering a day (SPEC 7, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.use_cases.cloud import request_metering
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.wire.metering import MeteredDay
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob


def _meter_day(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> MeteredDay:
    with app.transactions.begin(by) as work:
        metered = meter_day(work, by, day=date.fromisoformat(job.payload["day"]), now=app.clock.now())
    progress(1, 1)
    return MeteredDay.of(metered)


USAGE_ACTS: Final[Mapping[str, Act]] = MappingProxyType({request_metering.JOB: _meter_day})
"""These jobs, by name."""
