"""Ask for the store to be kept in shape: jobs make its months, and give up what is old (SPEC 17)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

PARTITIONS_JOB: Final = "keep_partitions"
RETENTION_JOB: Final = "retain"


def request_partitions(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job that makes the months to come; of the one that has yet to begin, where there is one.

    Raises OperatorsOnly.
    """
    by.must_be_operator("keep partitions")
    return _asked(work, by, PARTITIONS_JOB, now, cause)


def request_retention(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job that gives up what is past its time; as above. Raises OperatorsOnly."""
    by.must_be_operator("give up what is past its time")
    return _asked(work, by, RETENTION_JOB, now, cause)


def _asked(work: Work, by: Principal, name: str, now: datetime, cause: str) -> UUID:
    job = NewJob(
        id=work.new_id(),
        name=name,
        queue="metering",
        payload={},
        cause=cause,
        created_by=by.subject,
        dedupe_key=name,
        ordering_key="upkeep",  # one takes the tables' locks at a time
    )
    return work.jobs.add(job, now)
