"""Jobs on Postgres (`arcadia_domain.ports.jobs`): a table that workers take turns at.

Owns the statements. Who is woken, and what a job does, is the business of whoever runs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.foundation import Instant, Uuid
from arcadia_adapters.postgres.tables.jobs import jobs
from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState, NewJob

_J: Final = jobs.c
_UNFINISHED: Final = (JobState.QUEUED.value, JobState.RUNNING.value)

# The row of the job that is there is locked and comes back: told to do nothing, Postgres would give no id,
# and by the time we looked the job could have been begun.
_insert = insert(jobs)
_ADD: Final = _insert.on_conflict_do_update(
    index_elements=[_J.dedupe_key],
    index_where=sa.text("state = 'queued'"),
    set_={"dedupe_key": _insert.excluded.dedupe_key},
).returning(_J.id)

# All but the payload and the input, which may be large and are the worker's.
_READ: Final = sa.select(
    *(
        _J[name]
        for name in (
            "id",
            "name",
            "state",
            "created_by",
            "created_at",
            "attempts",
            "done",
            "total",
            "result",
            "error_code",
            "error_detail",
            "started_at",
            "finished_at",
        )
    )
)
_BY_ID: Final = _READ.where(_J.id == sa.bindparam("job", type_=Uuid))

_NOW: Final = sa.bindparam("now", type_=Instant)
_LEASE: Final = sa.bindparam("lease", type_=Instant)
_one: Final = jobs.alias("one")
_other: Final = jobs.alias("other")
_before_it: Final = sa.exists().where(
    _other.c.ordering_key == _one.c.ordering_key,
    _other.c.id != _one.c.id,
    sa.or_(
        _other.c.state == JobState.RUNNING.value,
        sa.and_(_other.c.state == JobState.QUEUED.value, _other.c.id < _one.c.id),
    ),
)
_DUE: Final = (
    sa.select(_one.c.id)
    .where(
        _one.c.state.in_(_UNFINISHED),
        _one.c.run_after <= _NOW,
        sa.or_(_one.c.state == JobState.QUEUED.value, _one.c.lease_until <= _NOW),
        ~_before_it,
    )
    .order_by(_one.c.run_after, _one.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM: Final = (
    sa.update(jobs)
    .where(_J.id == _DUE)
    .values(
        state=JobState.RUNNING.value,
        attempts=_J.attempts + 1,
        fence=_J.fence + 1,
        lease_until=_LEASE,
        started_at=sa.func.coalesce(_J.started_at, _NOW),
        done=0,
        total=None,
    )
    .returning(_J.id, _J.name, _J.payload, _J.input, _J.cause, _J.created_by, _J.attempts, _J.fence)
)

_MINE: Final = (
    sa.update(jobs)
    .where(
        _J.id == sa.bindparam("job", type_=Uuid),
        _J.fence == sa.bindparam("held_fence", type_=sa.BigInteger),
        _J.state == JobState.RUNNING.value,
    )
    .returning(_J.id)
)


class PostgresJobs:
    """Jobs, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, job: NewJob, at: datetime) -> UUID:
        stored: UUID = self._connection.execute(_ADD, _new_row(job, at)).scalar_one()
        return stored

    def add_all(self, jobs: Sequence[NewJob], at: datetime) -> None:
        if jobs:  # as many rows as there are in one INSERT
            self._connection.execute(_ADD, [_new_row(job, at) for job in jobs])

    def get(self, job_id: UUID) -> Job | None:
        row = self._connection.execute(_BY_ID, {"job": job_id}).one_or_none()
        return None if row is None else _job(row)

    def page(self, *, after: UUID | None, limit: int, state: JobState | None = None) -> list[Job]:
        asked = _READ.order_by(_J.id.desc()).limit(limit)
        if after is not None:
            asked = asked.where(_J.id < after)
        if state is not None:
            asked = asked.where(_J.state == state.value)
        return [_job(row) for row in self._connection.execute(asked)]

    def claim(self, now: datetime, lease_until: datetime) -> ClaimedJob | None:
        try:
            with self._connection.begin_nested():
                row = self._connection.execute(_CLAIM, {"now": now, "lease": lease_until}).one_or_none()
        except sa.exc.IntegrityError as error:
            # Another worker has taken a job of the same ordering key since this statement began.
            if isinstance(error.orig, UniqueViolation):
                return None
            raise
        return None if row is None else ClaimedJob(**row._mapping)

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        return self._write(job, done=done, total=total, lease_until=lease_until)

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        return self._finish(job, at, state=JobState.SUCCEEDED.value, result=dict(result))

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime) -> bool:
        return self._finish(job, at, state=JobState.FAILED.value, error_code=code, error_detail=detail)

    def retry(self, job: ClaimedJob, run_after: datetime, *, counted: bool = True) -> bool:
        waits: dict[str, object] = {
            "state": JobState.QUEUED.value,
            "run_after": run_after,
            "lease_until": None,
            "attempts": _J.attempts if counted else _J.attempts - 1,
        }
        try:
            with self._connection.begin_nested():
                return self._write(job, **waits)
        except sa.exc.IntegrityError as error:
            # The same was asked for again while it ran: that one waits under the key.
            if isinstance(error.orig, UniqueViolation):
                return self._write(job, dedupe_key=None, **waits)
            raise

    def _finish(self, job: ClaimedJob, at: datetime, **values: object) -> bool:
        # What it was made from is of no use any more, and may be many megabytes.
        return self._write(job, finished_at=at, lease_until=None, input=None, **values)

    def _write(self, job: ClaimedJob, **values: object) -> bool:
        mine = _MINE.values(values)
        return self._connection.scalar(mine, {"job": job.id, "held_fence": job.fence}) is not None


def _new_row(job: NewJob, at: datetime) -> dict[str, object]:
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


def _job(row: sa.Row[Any]) -> Job:
    return Job(**{**row._mapping, "state": JobState(row.state)})
