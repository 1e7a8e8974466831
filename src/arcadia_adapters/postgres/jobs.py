"""Jobs on Postgres (`arcadia_domain.ports.jobs`): a table that workers take turns at.

Owns the life of a job: what each word about it changes. How a row is read and written is `job_rows`', how
turns are taken `job_claims`'. Who is woken, and what a job does, is the business of whoever runs them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.job_claims import (
    CLAIM,
    CLAIMABLE,
    DUE,
    HELD,
    MINE,
    NOT_TOLD,
    UNFINISHED,
    UNTOLD,
    is_held,
)
from arcadia_adapters.postgres.job_rows import ATTEMPTS, READ, attempt_of, finished_row, job_of, new_row
from arcadia_adapters.postgres.tables.foundation import Instant, Uuid
from arcadia_adapters.postgres.tables.jobs import job_history, jobs
from arcadia_domain.ports.jobs import (
    LONGEST_PAUSE,
    QUEUES,
    Attempt,
    ClaimedJob,
    DueJob,
    Job,
    JobState,
    NewJob,
    Outcome,
    QueueLoad,
)

_J: Final = jobs.c
_UNKNOWN: Final = "unknown"
"""Who ran what a version from before the history had begun."""
_STOPPED: Final = (JobState.FAILED.value, JobState.PARKED.value)

# The row of the job that is there is locked and comes back: told to do nothing, Postgres would give no id,
# and by the time we looked the job could have been begun.
_insert = insert(jobs)
_ADD: Final = _insert.on_conflict_do_update(
    index_elements=[_J.dedupe_key],
    index_where=sa.text("state = 'queued'"),
    set_={"dedupe_key": _insert.excluded.dedupe_key},
).returning(_J.id)

_JOB: Final = sa.bindparam("job", type_=Uuid)
_BY_ID: Final = READ.where(_J.id == _JOB)
_BY_IDS: Final = READ.where(_J.id == sa.any_(sa.bindparam("jobs", type_=sa.ARRAY(Uuid)))).order_by(_J.id)
_NOW: Final = sa.bindparam("now", type_=Instant)
_LOAD: Final = (
    sa.select(
        _J.queue,
        sa.func.count().filter(_J.state == JobState.QUEUED.value),
        sa.func.count().filter(_J.state == JobState.RUNNING.value),
        sa.func.count().filter(_J.state == JobState.QUEUED.value, _J.attempts > 0),
        sa.func.count().filter(_J.state.in_(_STOPPED)),
        sa.func.min(_J.run_after).filter(_J.state == JobState.QUEUED.value, _J.run_after <= _NOW),
    )
    .where(_J.state.in_((*UNFINISHED, *_STOPPED)))
    .group_by(_J.queue)
)


class PostgresJobs:
    """Jobs, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, job: NewJob, at: datetime) -> UUID:
        stored: UUID = self._connection.execute(_ADD, new_row(job, at)).scalar_one()
        return stored

    def add_all(self, jobs: Sequence[NewJob], at: datetime) -> None:
        if jobs:  # as many rows as there are in one INSERT
            self._connection.execute(_ADD, [new_row(job, at) for job in jobs])

    def get(self, job_id: UUID) -> Job | None:
        row = self._connection.execute(_BY_ID, {"job": job_id}).one_or_none()
        return None if row is None else job_of(row)

    def those(self, job_ids: Sequence[UUID]) -> Sequence[Job]:
        return [job_of(row) for row in self._connection.execute(_BY_IDS, {"jobs": list(job_ids)})]

    def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        state: JobState | None = None,
        queue: str | None = None,
        tried: bool = False,
    ) -> list[Job]:
        asked = READ.order_by(_J.id.desc()).limit(limit)
        if after is not None:
            asked = asked.where(_J.id < after)
        if state is not None:
            asked = asked.where(_J.state == state.value)
        if queue is not None:
            asked = asked.where(_J.queue == queue)
        if tried:
            asked = asked.where(_J.attempts > 0)
        return [job_of(row) for row in self._connection.execute(asked)]

    def due(
        self,
        now: datetime,
        sent_before: datetime,
        limit: int,
        *,
        queue: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[DueJob]:
        pause = now - sent_before
        asked = {
            "now": now,
            "pause": pause.total_seconds(),
            "longest": max(pause, LONGEST_PAUSE).total_seconds(),
            "most": limit,
            "of_queue": queue,
            "names": None if names is None else list(names),
        }
        rows = sorted(self._connection.execute(DUE, asked), key=lambda row: (row.run_after, row.id))
        return [DueJob(row.id, row.name, row.queue) for row in rows]

    def not_told(self, job_ids: Sequence[UUID]) -> None:
        self._connection.execute(NOT_TOLD, {"jobs": list(job_ids)})

    def claim(
        self, job_id: UUID, now: datetime, lease_until: datetime, *, names: Collection[str], worker: str
    ) -> ClaimedJob | None:
        asked = {"job": job_id, "now": now, "names": list(names)}
        found = self._connection.execute(CLAIMABLE, asked).one_or_none()
        if found is None:
            return None
        taken = {"job": job_id, "now": now, "lease": lease_until, "taken_by": worker}
        try:
            with self._connection.begin_nested():
                row = self._connection.execute(CLAIM, taken).one()
        except sa.exc.IntegrityError as error:
            # Another worker has taken a job of the same ordering key since we looked.
            if isinstance(error.orig, UniqueViolation):
                return None
            raise
        if found.state == JobState.RUNNING.value:
            self._remember(job_id, found, Outcome.LOST, found.lease_until, None)
        return ClaimedJob(**row._mapping)

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        told = sa.update(jobs).where(is_held(job)).values(done=done, total=total, lease_until=lease_until)
        return self._connection.execute(told).rowcount > 0

    def hold(self, job: ClaimedJob) -> bool:
        held = {"job": job.id, "held_fence": job.fence}
        return self._connection.execute(HELD, held).one_or_none() is not None

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        told = {"result": dict(result), "error_code": None, "error_detail": None}
        return self._end(job, Outcome.SUCCEEDED, at, finished_row(JobState.SUCCEEDED, at, **told))

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime, *, parked: bool = False) -> bool:
        state, outcome = (JobState.PARKED, Outcome.PARKED) if parked else (JobState.FAILED, Outcome.FAILED)
        # Its input stays: it may be begun again.
        finished = finished_row(state, at, error_code=code, error_detail=detail)
        del finished["input"]
        return self._end(job, outcome, at, finished, error=(code, detail))

    def retry(
        self,
        job: ClaimedJob,
        run_after: datetime,
        at: datetime,
        *,
        error: tuple[str, str] | None = None,
    ) -> bool:
        waits: dict[str, object] = {
            "state": JobState.QUEUED.value,
            "run_after": run_after,
            "lease_until": None,
            "worker": None,
            **UNTOLD,
            "attempts": _J.attempts if error else _J.attempts - 1,
        }
        if error is not None:
            waits["error_code"], waits["error_detail"] = error
        return self._put_back(job, Outcome.RETRIED if error else Outcome.PUT_BACK, at, waits, error)

    def wait(
        self, job: ClaimedJob, until: datetime, at: datetime, *, why: tuple[str, str] | None = None
    ) -> bool:
        code, detail = why or (None, None)
        waits = {
            "state": JobState.QUEUED.value,
            "run_after": sa.case((_J.woken, at), else_=until),
            "lease_until": None,
            "worker": None,
            **UNTOLD,
            "attempts": _J.attempts - 1,
            "error_code": code,
            "error_detail": detail,
            # It was begun: who asks for the same now asks for more than what it has done.
            "dedupe_key": None,
        }
        return self._connection.execute(sa.update(jobs).where(is_held(job)).values(waits)).rowcount > 0

    def advance(self, job_id: UUID, *, done: int, total: int, due_at: datetime | None) -> None:
        told: dict[str, object] = {"done": done, "total": total}
        if due_at is not None:
            told |= {"run_after": due_at, "woken": True, **UNTOLD}
        unfinished = (_J.id == job_id) & _J.state.in_(UNFINISHED)
        self._connection.execute(sa.update(jobs).where(unfinished).values(told))

    def begin_again(self, job_id: UUID, at: datetime) -> bool:
        waits = {
            "state": JobState.QUEUED.value,
            "run_after": at,
            **UNTOLD,
            "attempts": 0,
            "finished_at": None,
            "error_code": None,
            "error_detail": None,
            "dedupe_key": None,
        }
        stopped = (_J.id == job_id) & _J.state.in_(_STOPPED)
        return self._connection.execute(sa.update(jobs).where(stopped).values(waits)).rowcount > 0

    def discard(self, job_id: UUID, at: datetime) -> bool:
        idle = (_J.id == job_id) & _J.state.in_((*_STOPPED, JobState.QUEUED.value))
        finished = finished_row(JobState.DISCARDED, at)
        return self._connection.execute(sa.update(jobs).where(idle).values(finished)).rowcount > 0

    def attempts(self, job_id: UUID) -> Sequence[Attempt]:
        return [attempt_of(row) for row in self._connection.execute(ATTEMPTS, {"job": job_id})]

    def load(self, now: datetime) -> Sequence[QueueLoad]:
        found = {row[0]: QueueLoad(*row) for row in self._connection.execute(_LOAD, {"now": now})}
        of_others = sorted(found.keys() - set(QUEUES))
        return [found.get(queue) or QueueLoad(queue, 0, 0, 0, 0, None) for queue in (*QUEUES, *of_others)]

    def _put_back(
        self,
        job: ClaimedJob,
        outcome: Outcome,
        at: datetime,
        waits: Mapping[str, object],
        error: tuple[str, str] | None,
    ) -> bool:
        try:
            with self._connection.begin_nested():
                return self._end(job, outcome, at, waits, error=error)
        except sa.exc.IntegrityError as problem:
            # The same was asked for again while it ran: that one waits under the key.
            if isinstance(problem.orig, UniqueViolation):
                return self._end(job, outcome, at, {**waits, "dedupe_key": None}, error=error)
            raise

    def _end(
        self,
        job: ClaimedJob,
        outcome: Outcome,
        at: datetime,
        values: Mapping[str, object],
        *,
        error: tuple[str, str] | None = None,
    ) -> bool:
        """Write what became of a try, and remember it, if the job is still held by who says so."""
        held = {"job": job.id, "held_fence": job.fence}
        tried = self._connection.execute(MINE.with_for_update(), held).one_or_none()
        if tried is None:
            return False
        self._connection.execute(sa.update(jobs).where(_J.id == job.id).values(values))
        self._remember(job.id, tried, outcome, at, error)
        return True

    def _remember(
        self, job_id: UUID, tried: sa.Row[Any], outcome: Outcome, at: datetime, error: tuple[str, str] | None
    ) -> None:
        code, detail = error or (None, None)
        entry = {
            "ended_day": at.astimezone(UTC).date(),
            "job_id": job_id,
            "fence": tried.fence,
            "attempt": tried.attempts,
            "name": tried.name,
            "queue": tried.queue,
            "outcome": outcome.value,
            "worker": tried.worker or _UNKNOWN,
            "cause": tried.cause,
            "began_at": tried.begun_at or at,
            "ended_at": at,
            "error_code": code,
            "error_detail": detail,
        }
        self._connection.execute(sa.insert(job_history).values(entry))
