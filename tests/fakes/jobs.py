"""Jobs in memory. One transaction runs at a time, so no job is ever locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState, NewJob
from tests.fakes.state import State, StoredJob, must_be_operator

_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class FakeJobs:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def add(self, job: NewJob, at: datetime) -> UUID:
        must_be_operator(self._principal)
        waiting = self._waiting_as(job.dedupe_key)
        if waiting is not None:
            return waiting.job.id
        made = Job(job.id, job.name, JobState.QUEUED, job.created_by, at)
        self._state.jobs[job.id] = StoredJob(job, made, run_after=at)
        return job.id

    def add_all(self, jobs: Sequence[NewJob], at: datetime) -> None:
        for job in jobs:
            self.add(job, at)

    def get(self, job_id: UUID) -> Job | None:
        must_be_operator(self._principal)
        stored = self._state.jobs.get(job_id)
        return None if stored is None else stored.job

    def page(self, *, after: UUID | None, limit: int, state: JobState | None = None) -> list[Job]:
        must_be_operator(self._principal)
        newest_first = sorted(self._state.jobs.values(), key=lambda one: one.job.id, reverse=True)
        return [
            one.job
            for one in newest_first
            if (after is None or one.job.id < after) and state in (None, one.job.state)
        ][:limit]

    def claim(self, now: datetime, lease_until: datetime) -> ClaimedJob | None:
        must_be_operator(self._principal)
        due = [one for one in self._unfinished() if self._is_due(one, now)]
        if not due:
            return None
        oldest = min(due, key=lambda one: (one.run_after, one.job.id))
        job = replace(
            oldest.job,
            state=JobState.RUNNING,
            attempts=oldest.job.attempts + 1,
            started_at=oldest.job.started_at or now,
            done=0,
            total=None,
        )
        taken = replace(oldest, job=job, lease_until=lease_until, fence=oldest.fence + 1)
        self._state.jobs[job.id] = taken
        asked = taken.asked
        return ClaimedJob(
            id=job.id,
            name=job.name,
            payload=asked.payload,
            input=asked.input,
            cause=asked.cause,
            created_by=job.created_by,
            attempts=job.attempts,
            fence=taken.fence,
        )

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        return self._write(job, lease_until, done=done, total=total)

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        return self._write(job, None, state=JobState.SUCCEEDED, result=dict(result), finished_at=at)

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime) -> bool:
        return self._write(
            job, None, state=JobState.FAILED, error_code=code, error_detail=detail, finished_at=at
        )

    def retry(self, job: ClaimedJob, run_after: datetime, *, counted: bool = True) -> bool:
        asked = self._state.jobs[job.id].asked
        if self._waiting_as(asked.dedupe_key) is not None:
            asked = replace(asked, dedupe_key=None)
        attempts = job.attempts if counted else job.attempts - 1
        waiting = self._write(job, None, state=JobState.QUEUED, attempts=attempts)
        if waiting:
            self._state.jobs[job.id] = replace(self._state.jobs[job.id], asked=asked, run_after=run_after)
        return waiting

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
        waits = one.job.state is JobState.QUEUED or (one.lease_until is not None and one.lease_until <= now)
        return (
            waits
            and one.run_after <= now
            and not any(self._goes_before(other, one) for other in self._unfinished())
        )

    def _goes_before(self, other: StoredJob, one: StoredJob) -> bool:
        key = one.asked.ordering_key
        if key is None or other.asked.ordering_key != key or other.job.id == one.job.id:
            return False
        return other.job.state is JobState.RUNNING or other.job.id < one.job.id

    def _write(self, job: ClaimedJob, lease_until: datetime | None, **values: Any) -> bool:
        must_be_operator(self._principal)
        stored = self._state.jobs[job.id]
        if stored.fence != job.fence or stored.job.state is not JobState.RUNNING:
            return False
        self._state.jobs[job.id] = replace(stored, job=replace(stored.job, **values), lease_until=lease_until)
        return True
