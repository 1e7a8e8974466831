"""Ask for the days that metering missed: one job finds them (SPEC 7, 17)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "find_missed_days"


def request_missed_days(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job that finds them; of the one that has yet to begin, where there is one.

    Raises OperatorsOnly.
    """
    by.must_be_operator("meter a day")
    job = NewJob(
        id=work.new_id(),
        name=JOB,
        queue="metering",
        payload={},
        cause=cause,
        created_by=by.subject,
        dedupe_key=JOB,
        ordering_key=JOB,
    )
    return work.jobs.add(job, now)
