"""How a job is read from its row, and written to it: columns and values; no statement of its life.

`jobs` has the repository, `job_claims` the taking of turns.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import Uuid
from arcadia_adapters.postgres.tables.jobs import job_history, jobs
from arcadia_domain.ports.jobs import Attempt, Job, JobState, NewJob, Outcome

_J: Final = jobs.c

# All but the payload and the input, which may be large and are the worker's.
READ: Final = sa.select(
    *(
        _J[name]
        for name in (
            "id",
            "name",
            "queue",
            "state",
            "cause",
            "created_by",
            "created_at",
            "run_after",
            "attempts",
            "done",
            "total",
            "result",
            "error_code",
            "error_detail",
            "started_at",
            "begun_at",
            "finished_at",
            "worker",
        )
    )
)
ATTEMPTS: Final = (
    sa.select(job_history)
    .where(job_history.c.job_id == sa.bindparam("job", type_=Uuid))
    .order_by(job_history.c.fence)
)
"""The tries at a job, in order."""


def job_of(row: sa.Row[Any]) -> Job:
    return Job(**{**row._mapping, "state": JobState(row.state)})


def attempt_of(row: sa.Row[Any]) -> Attempt:
    return Attempt(
        attempt=row.attempt,
        outcome=Outcome(row.outcome),
        worker=row.worker,
        began_at=row.began_at,
        ended_at=row.ended_at,
        error_code=row.error_code,
        error_detail=row.error_detail,
    )


def new_row(job: NewJob, at: datetime) -> dict[str, object]:
    """Due at once."""
    return {
        "id": job.id,
        "name": job.name,
        "queue": job.queue,
        "payload": dict(job.payload),
        "input": job.input,
        "dedupe_key": job.dedupe_key,
        "ordering_key": job.ordering_key,
        "run_after": at,
        "cause": job.cause,
        "created_by": job.created_by,
        "created_at": at,
    }


def finished_row(state: JobState, at: datetime, **values: object) -> dict[str, object]:
    """What a job that has ended becomes."""
    # What it was made from is of no use any more, and may be many megabytes.
    told = {"state": state.value, "finished_at": at, "lease_until": None, "worker": None, "input": None}
    return {**told, **values}
