"""Ask for a day to be metered: a job does it (SPEC 7, 17)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "meter_day"


def request_metering(work: Work, by: Principal, *, day: date, now: datetime, cause: str) -> UUID:
    """The id of the job; of the one that has yet to begin, where it was asked for before.

    Raises OperatorsOnly.
    """
    by.must_be_operator("meter a day")
    return work.jobs.add(metering_of(work, by, day=day, cause=cause), now)


def metering_of(work: Work, by: Principal, *, day: date, cause: str) -> NewJob:
    """The job that meters a day. Raises OperatorsOnly."""
    by.must_be_operator("meter a day")
    return NewJob(
        id=work.new_id(),
        name=JOB,
        queue="metering",
        payload={"day": day.isoformat()},
        cause=cause,
        created_by=by.subject,
        dedupe_key=f"meter:{day}",
        ordering_key=f"meter:{day}",
    )
