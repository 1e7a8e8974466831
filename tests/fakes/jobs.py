"""Jobs in memory. One transaction runs at a time, so no job is ever locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from arcadia_domain.identity import Principal
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
from tests.fakes.state import State, StoredJob, must_be_operator

_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
_STOPPED = (JobState.FAILED, JobState.PARKED)


class FakeJobs:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def add(self, job: NewJob, at: datetime) -> UUID:
        must_be_operator(self._principal)
        waiting = self._waiting_as(job.dedupe_key)
        if waiting is not None:
            return waiting.job.id
        made = Job(job.id, job.name, job.queue, JobState.QUEUED, job.cause, job.created_by, at, at)
        self._state.jobs[job.id] = StoredJob(job, made)
        return job.id

    def add_all(self, jobs: Sequence[NewJob], at: datetime) -> None:
        for job in jobs:
            self.add(job, at)

    def get(self, job_id: UUID) -> Job | None:
        must_be_operator(self._principal)
        stored = self._state.jobs.get(job_id)
        return None if stored is None else stored.job

    def those(self, job_ids: Sequence[UUID]) -> Sequence[Job]:
        must_be_operator(self._principal)
        return [one.job for job_id, one in sorted(self._state.jobs.items()) if job_id in job_ids]

    def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        state: JobState | None = None,
        queue: str | None = None,
        tried: bool = False,
    ) -> list[Job]:
        must_be_operator(self._principal)
        newest_first = sorted(self._state.jobs.values(), key=lambda one: one.job.id, reverse=True)
        return [
            one.job
            for one in newest_first
            if (after is None or one.job.id < after)
            and state in (None, one.job.state)
            and queue in (None, one.job.queue)
            and (one.job.attempts > 0 or not tried)
        ][:limit]

    def due(
        self,
        now: datetime,
        sent_before: datetime,
        limit: int,
        *,
        queue: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[DueJob]:
        must_be_operator(self._principal)
        due = [
            one
            for one in self._unfinished()
            if self._is_due(one, now)
            and (one.sent_at is None or one.sent_at < now - _pause(one, now - sent_before))
            and queue in (None, one.job.queue)
            and (names is None or one.job.name in names)
        ]
        told = sorted(due, key=lambda one: (one.job.run_after, one.job.id))[:limit]
        for one in told:
            self._state.jobs[one.job.id] = replace(one, sent_at=now, told=one.told + 1)
        return [DueJob(one.job.id, one.job.name, one.job.queue) for one in told]

    def not_told(self, job_ids: Sequence[UUID]) -> None:
        must_be_operator(self._principal)
        for job_id in job_ids:
            self._state.jobs[job_id] = replace(self._state.jobs[job_id], sent_at=None, told=0)

    def claim(
        self, job_id: UUID, now: datetime, lease_until: datetime, *, names: Collection[str], worker: str
    ) -> ClaimedJob | None:
        must_be_operator(self._principal)
        found = self._state.jobs.get(job_id)
        if found is None or not self._is_due(found, now) or found.job.name not in names:
            return None
        if found.job.state is JobState.RUNNING:
            assert found.lease_until is not None
            found = _remembered(found, Outcome.LOST, found.lease_until, None)
        job = replace(
            found.job,
            state=JobState.RUNNING,
            attempts=found.job.attempts + 1,
            started_at=found.job.started_at or now,
            begun_at=now,
            done=0,
            total=None,
            worker=worker,
        )
        taken = replace(
            found,
            job=job,
            lease_until=lease_until,
            fence=found.fence + 1,
            worker=worker,
            woken=False,
            told=0,
        )
        self._state.jobs[job.id] = taken
        asked = taken.asked
        return ClaimedJob(
            id=job.id,
            name=job.name,
            queue=job.queue,
            payload=asked.payload,
            input=asked.input,
            cause=asked.cause,
            created_by=job.created_by,
            attempts=job.attempts,
            fence=taken.fence,
        )

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        held = self._held(job)
        if held is not None:
            told = replace(held.job, done=done, total=total)
            self._state.jobs[job.id] = replace(held, job=told, lease_until=lease_until)
        return held is not None

    def hold(self, job: ClaimedJob) -> bool:
        return self._held(job) is not None

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        told = {"result": dict(result), "finished_at": at, "error_code": None, "error_detail": None}
        return self._end(job, Outcome.SUCCEEDED, at, None, state=JobState.SUCCEEDED, **told)

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime, *, parked: bool = False) -> bool:
        state = JobState.PARKED if parked else JobState.FAILED
        told = {"error_code": code, "error_detail": detail, "finished_at": at}
        outcome = Outcome.PARKED if parked else Outcome.FAILED
        return self._end(job, outcome, at, (code, detail), state=state, **told)

    def retry(
        self,
        job: ClaimedJob,
        run_after: datetime,
        at: datetime,
        *,
        error: tuple[str, str] | None = None,
    ) -> bool:
        held = self._held(job)
        if held is None:
            return False
        if self._waiting_as(held.asked.dedupe_key) is not None:
            self._state.jobs[job.id] = replace(held, asked=replace(held.asked, dedupe_key=None))
        told: dict[str, Any] = {"state": JobState.QUEUED, "run_after": run_after}
        if error is None:
            told["attempts"] = held.job.attempts - 1
        else:
            told["error_code"], told["error_detail"] = error
        ended = self._end(job, Outcome.RETRIED if error else Outcome.PUT_BACK, at, error, **told)
        self._state.jobs[job.id] = replace(self._state.jobs[job.id], sent_at=None, told=0)
        return ended

    def wait(
        self, job: ClaimedJob, until: datetime, at: datetime, *, why: tuple[str, str] | None = None
    ) -> bool:
        held = self._held(job)
        if held is None:
            return False
        code, detail = why or (None, None)
        self.retry(job, at if held.woken else until, at)
        put_back = self._state.jobs[job.id]
        told = replace(put_back.job, error_code=code, error_detail=detail)
        asked = replace(put_back.asked, dedupe_key=None)
        self._state.jobs[job.id] = replace(put_back, job=told, asked=asked, history=held.history)
        return True

    def advance(self, job_id: UUID, *, done: int, total: int, due_at: datetime | None) -> None:
        must_be_operator(self._principal)
        found = self._state.jobs.get(job_id)
        if found is None or found.job.state not in _UNFINISHED:
            return
        job = replace(found.job, done=done, total=total, run_after=due_at or found.job.run_after)
        if due_at is not None:
            found = replace(found, sent_at=None, told=0, woken=True)
        self._state.jobs[job_id] = replace(found, job=job)

    def begin_again(self, job_id: UUID, at: datetime) -> bool:
        must_be_operator(self._principal)
        found = self._state.jobs.get(job_id)
        if found is None or found.job.state not in _STOPPED:
            return False
        job = replace(
            found.job,
            state=JobState.QUEUED,
            run_after=at,
            attempts=0,
            finished_at=None,
            error_code=None,
            error_detail=None,
        )
        asked = replace(found.asked, dedupe_key=None)
        self._state.jobs[job_id] = replace(found, job=job, asked=asked, sent_at=None, told=0)
        return True

    def discard(self, job_id: UUID, at: datetime) -> bool:
        must_be_operator(self._principal)
        found = self._state.jobs.get(job_id)
        if found is None or found.job.state not in (*_STOPPED, JobState.QUEUED):
            return False
        job = replace(found.job, state=JobState.DISCARDED, finished_at=at)
        self._state.jobs[job_id] = replace(found, job=job, asked=replace(found.asked, input=None))
        return True

    def attempts(self, job_id: UUID) -> Sequence[Attempt]:
        must_be_operator(self._principal)
        found = self._state.jobs.get(job_id)
        return () if found is None else found.history

    def load(self, now: datetime) -> Sequence[QueueLoad]:
        must_be_operator(self._principal)
        of_others = {one.job.queue for one in self._state.jobs.values() if _stands(one.job)} - set(QUEUES)
        return [self._load_of(queue, now) for queue in (*QUEUES, *sorted(of_others))]

    def _load_of(self, queue: str, now: datetime) -> QueueLoad:
        jobs = [one.job for one in self._state.jobs.values() if one.job.queue == queue]
        waiting = [job for job in jobs if job.state is JobState.QUEUED]
        return QueueLoad(
            queue,
            waiting=len(waiting),
            running=sum(job.state is JobState.RUNNING for job in jobs),
            retrying=sum(job.attempts > 0 for job in waiting),
            stopped=sum(job.state in _STOPPED for job in jobs),
            oldest_due=min((job.run_after for job in waiting if job.run_after <= now), default=None),
        )

    def _waiting_as(self, dedupe_key: str | None) -> StoredJob | None:
        """The job that waits to be begun under this key."""
        for one in self._unfinished():
            waits = one.job.state is JobState.QUEUED
            if waits and dedupe_key is not None and one.asked.dedupe_key == dedupe_key:
                return one
        return None

    def _unfinished(self) -> list[StoredJob]:
        return [one for one in self._state.jobs.values() if one.job.state in _UNFINISHED]

    def _is_due(self, one: StoredJob, now: datetime) -> bool:
        if one.job.state not in _UNFINISHED:
            return False
        waits = one.job.state is JobState.QUEUED or (one.lease_until is not None and one.lease_until <= now)
        return (
            waits
            and one.job.run_after <= now
            and not any(self._goes_before(other, one) for other in self._unfinished())
        )

    def _goes_before(self, other: StoredJob, one: StoredJob) -> bool:
        key = one.asked.ordering_key
        if key is None or other.asked.ordering_key != key or other.job.id == one.job.id:
            return False
        return other.job.state is JobState.RUNNING or other.job.id < one.job.id

    def _held(self, job: ClaimedJob) -> StoredJob | None:
        must_be_operator(self._principal)
        stored = self._state.jobs[job.id]
        return stored if stored.fence == job.fence and stored.job.state is JobState.RUNNING else None

    def _end(
        self, job: ClaimedJob, outcome: Outcome, at: datetime, error: tuple[str, str] | None, **values: Any
    ) -> bool:
        held = self._held(job)
        if held is None:
            return False
        ended = replace(held.job, worker=None, **values)
        told = replace(_remembered(held, outcome, at, error), job=ended)
        self._state.jobs[job.id] = replace(told, lease_until=None, worker=None)
        return True


def _stands(job: Job) -> bool:
    """It is counted in the load of its queue."""
    return job.state in (*_UNFINISHED, *_STOPPED)


def _pause(stored: StoredJob, pause: timedelta) -> timedelta:
    """After which it is told of again."""
    longest = max(pause, LONGEST_PAUSE)
    for _ in range(stored.told - 1):
        pause = min(2 * pause, longest)
    return pause


def _remembered(
    stored: StoredJob, outcome: Outcome, at: datetime, error: tuple[str, str] | None
) -> StoredJob:
    code, detail = error or (None, None)
    assert stored.worker is not None
    assert stored.job.begun_at is not None
    entry = Attempt(stored.job.attempts, outcome, stored.worker, stored.job.begun_at, at, code, detail)
    return replace(stored, history=(*stored.history, entry))
