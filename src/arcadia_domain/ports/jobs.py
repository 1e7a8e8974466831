"""Jobs: what was asked for and is done after the answer. The row is the truth about its job (SPEC 17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is to be done. `payload` is JSON; `input` is what came with it, such as an uploaded file.

    While one with its `dedupe_key` waits to be begun, another is not made. `cause` is the request or tick
    that it came from.
    """

    id: UUID
    name: str
    queue: str
    payload: Mapping[str, Any]
    cause: str
    created_by: str
    input: bytes | None = None
    dedupe_key: str | None = None
    ordering_key: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `done` of `total` (None: not known) is its progress."""

    id: UUID
    name: str
    state: JobState
    created_by: str
    created_at: datetime
    attempts: int = 0
    done: int = 0
    total: int | None = None
    result: Mapping[str, Any] | None = None
    error_code: str | None = None
    error_detail: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job in the hands of one worker, until its lease ends. A write with an older `fence` is refused."""

    id: UUID
    name: str
    payload: Mapping[str, Any]
    input: bytes | None
    cause: str
    created_by: str
    attempts: int
    fence: int


class Jobs(Protocol):
    """Jobs, as operators and workers see them. A claimed job is its worker's until its lease ends and another
    claims it: from then on what the first one says of it is refused.
    """

    def add(self, job: NewJob, at: datetime) -> UUID:
        """Store a job, due at once; the id of the one that waits with its dedupe key where there is one."""
        ...

    def add_all(self, jobs: Sequence[NewJob], at: datetime) -> None:
        """Store jobs as `add` does, no two with one dedupe key."""
        ...

    def get(self, job_id: UUID) -> Job | None: ...

    def page(self, *, after: UUID | None, limit: int, state: JobState | None = None) -> list[Job]:
        """Jobs, newest first, from the one that follows `after`."""
        ...

    def claim(self, now: datetime, lease_until: datetime) -> ClaimedJob | None:
        """Take the job that has been due longest: it waits, or its lease has ended. None: none is due.

        Never waits for another worker. Jobs of one ordering key run one at a time, in the order of their ids.
        """
        ...

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        """Store how far it is, and hold it longer. False, and nothing done: another has it, so stop."""
        ...

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        """Finish it. False, and nothing done: another has it."""
        ...

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime) -> bool:
        """Finish it as failed. False, and nothing done: another has it."""
        ...

    def retry(self, job: ClaimedJob, run_after: datetime, *, counted: bool = True) -> bool:
        """Let it wait until `run_after`, then it is due again. False, and nothing done: another has it.

        Not `counted`, this try was none. Where the same was asked for while it ran, both are done.
        """
        ...
