"""Jobs: what was asked for and is done after the answer. The row is the truth about its job (SPEC 17).

A message on a broker only says that there is one: losing a broker loses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

QUEUES = (
    "provisioning",
    "cloud_sync_fast",
    "cloud_sync_full",
    "cloud_sync_slow",
    "cloud_billing",
    "metering",
)
"""Each is worked off by itself, so that a slow sync never delays billing."""


LONGEST_PAUSE = timedelta(minutes=5)
"""Until a job that nobody takes, however often it was told of, is told of again."""


class JobState(StrEnum):
    """Queued and running jobs are unfinished; a failed or parked one waits for nobody but an operator."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """A rule said no: done again as things are, it would fail again."""
    PARKED = "parked"
    """It went wrong at each of its tries."""
    DISCARDED = "discarded"
    """An operator will not have it done."""


class Outcome(StrEnum):
    """How one try ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PARKED = "parked"
    RETRIED = "retried"
    PUT_BACK = "put_back"
    """Its process was stopped; that is no try. Of a job that waits for others it is logged only."""
    LOST = "lost"
    """Its process died, or held the job no longer."""


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
    queue: str
    state: JobState
    cause: str
    created_by: str
    created_at: datetime
    run_after: datetime
    attempts: int = 0
    done: int = 0
    total: int | None = None
    result: Mapping[str, Any] | None = None
    error_code: str | None = None
    error_detail: str | None = None
    started_at: datetime | None = None
    """When its first try began."""
    begun_at: datetime | None = None
    """When its last try began."""
    finished_at: datetime | None = None
    worker: str | None = None
    """Who runs it."""


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that a worker may take now."""

    id: UUID
    name: str
    queue: str


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job in the hands of one worker, until its lease ends. A write with an older `fence` is refused."""

    id: UUID
    name: str
    queue: str
    payload: Mapping[str, Any]
    input: bytes | None
    cause: str
    created_by: str
    attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job, as the history tells it."""

    attempt: int
    outcome: Outcome
    worker: str
    began_at: datetime
    ended_at: datetime
    error_code: str | None = None
    error_detail: str | None = None


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """How a queue stands. `oldest_due` is since when the job that waits longest could have been begun."""

    queue: str
    waiting: int
    running: int
    retrying: int
    """Of those that wait, how many were tried before."""
    stopped: int
    """Failed or parked: they wait for an operator."""
    oldest_due: datetime | None


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

    def those(self, job_ids: Sequence[UUID]) -> Sequence[Job]:
        """Those of these jobs that are there."""
        ...

    def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        state: JobState | None = None,
        queue: str | None = None,
        tried: bool = False,
    ) -> list[Job]:
        """Jobs, newest first, from the one that follows `after`. `tried`: only those that were tried."""
        ...

    def due(
        self,
        now: datetime,
        sent_before: datetime,
        limit: int,
        *,
        queue: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[DueJob]:
        """Jobs that could be begun and that nobody was told of since `sent_before`, longest due first. They
        are told of now: who asks next within that time is given others. Each time that nobody takes a job it
        rests twice as long, up to LONGEST_PAUSE: a queue without a worker must not fill the broker.
        """
        ...

    def not_told(self, job_ids: Sequence[UUID]) -> None:
        """Nobody was told of these after all: who asks next is given them, as if for the first time."""
        ...

    def claim(
        self, job_id: UUID, now: datetime, lease_until: datetime, *, names: Collection[str], worker: str
    ) -> ClaimedJob | None:
        """Take a job, if it is due (it waits, or its lease has ended) and of one of these names.

        Never waits for another worker. Jobs of one ordering key run one at a time, in the order of their ids.
        A try whose lease has ended goes into the history as lost.
        """
        ...

    def report(self, job: ClaimedJob, *, done: int, total: int | None, lease_until: datetime) -> bool:
        """Store how far it is, and hold it longer. False, and nothing done: another has it, so stop."""
        ...

    def hold(self, job: ClaimedJob) -> bool:
        """Keep others from taking it until this transaction ends, even if its lease does. False: another has
        it, so what is written here must not be committed. Waits for one who is just taking it.
        """
        ...

    def succeed(self, job: ClaimedJob, result: Mapping[str, Any], at: datetime) -> bool:
        """Finish it. False, and nothing done: another has it."""
        ...

    def fail(self, job: ClaimedJob, code: str, detail: str, at: datetime, *, parked: bool = False) -> bool:
        """Finish it as failed, or as parked. False, and nothing done: another has it."""
        ...

    def retry(
        self,
        job: ClaimedJob,
        run_after: datetime,
        at: datetime,
        *,
        error: tuple[str, str] | None = None,
    ) -> bool:
        """Let it wait until `run_after`, then it is due again. False, and nothing done: another has it.

        `error` is the code and the detail of what went wrong; without one it was put back, and this try was
        none. Where the same was asked for while it ran, both are done.
        """
        ...

    def wait(
        self, job: ClaimedJob, until: datetime, at: datetime, *, why: tuple[str, str] | None = None
    ) -> bool:
        """Put it back until `until`, or until it is advanced to be due; this try was none. False, and nothing
        done: another has it. `why`, a code and a detail, is shown where somebody must do something first.

        It has begun: the same asked for from now on is another job. It is no end of a try, so the history
        has nothing of it.
        """
        ...

    def advance(self, job_id: UUID, *, done: int, total: int, due_at: datetime | None) -> None:
        """Store how far an unfinished job is, as those who do its parts know it. With `due_at` it is due
        then: if it waits, at once; if it runs, once it is put back to wait.
        """
        ...

    def begin_again(self, job_id: UUID, at: datetime) -> bool:
        """Let a failed or parked job be done after all, with all its tries. False: it is neither."""
        ...

    def discard(self, job_id: UUID, at: datetime) -> bool:
        """Finish a waiting, failed or parked job for good. False: it is none of these."""
        ...

    def attempts(self, job_id: UUID) -> Sequence[Attempt]:
        """The tries at a job that the history still has, in order."""
        ...

    def load(self, now: datetime) -> Sequence[QueueLoad]:
        """Every queue, in the order of QUEUES; then those of jobs whose queue only another version knows."""
        ...
