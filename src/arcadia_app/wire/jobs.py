"""Jobs on the wire: what was asked for, how far it is, what it came to (SPEC 18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import Instant, Json, Shape
from arcadia_domain.ports import jobs
from arcadia_domain.ports.jobs import QUEUES, JobState, Outcome

_MILLISECOND = timedelta(milliseconds=1)

JobQueue = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(QUEUES)})\Z",
        description="A queue that jobs wait in.",
        examples=["metering"],
        extra_json_schema={"enum": list(QUEUES)},
    ),
]


class JobProgress(Shape):
    """How many are done, of what the job is about: days of the month and then tenants of a rollup, tenants
    of a shard, lines of an invoice, kinds of a sync, invoices of a discovery, days of metering and folding,
    months made ahead, months and rows of retention.
    """

    done: int
    total: Annotated[int | None, Meta(description="Null where it is not known yet.")]


class JobError(Shape):
    """What went wrong: with a job that failed or was parked, with a try, or with the last try of a job that
    waits for another. Decide by `code`; `detail` is for people.
    """

    code: str
    detail: str

    @classmethod
    def of(cls, job: jobs.Job | jobs.Attempt) -> JobError | None:
        if job.error_code is None:
            return None
        return cls(code=job.error_code, detail=job.error_detail or "")


class Job(Shape):
    """A long act that was asked for, by a request or by a tick (`cause`).

    It is over once its state is `succeeded`, `failed` (a rule said no), `parked` (it went wrong at each of
    its tries) or `discarded`. One that failed or was parked can be begun again, or discarded.
    """

    id: UUID
    name: str
    queue: str
    state: JobState
    progress: JobProgress
    error: JobError | None
    result: Annotated[
        Json | None,
        Meta(
            description=(
                "Once it has succeeded: a RolledUp of a rollup, a RolledUpShard of a shard of it, an "
                "IngestedInvoice of an upload, a Discovery of a discovery, a ReconciledInvoice of an invoice "
                "that was discovered, a CloudBalance of a balance, a MonthLookedAt of the running month, an "
                "InventorySync of a sync, a MeteredDay of a day's metering, the MissedDays that were found, "
                "FoldedUsage of folding, KeptPartitions of months made ahead, RetainedRows of retention."
            )
        ),
    ]
    attempts: Annotated[int, Meta(description="Tries that were begun, since it was last begun anew.")]
    cause: Annotated[
        str,
        Meta(description="The id of the request, or the tick.", examples=["tick metering 2026-05-20T00:30Z"]),
    ]
    created_by: str
    created_at: Instant
    run_after: Annotated[Instant, Meta(description="Not before then: a try is followed by a pause.")]
    started_at: Instant | None
    finished_at: Instant | None
    worker: Annotated[str | None, Meta(description="Who runs it: host and process.", examples=["web-1/4711"])]

    @classmethod
    def of(cls, job: jobs.Job) -> Job:
        return cls(
            id=job.id,
            name=job.name,
            queue=job.queue,
            state=job.state,
            progress=JobProgress(done=job.done, total=job.total),
            error=JobError.of(job),
            result=None if job.result is None else dict(job.result),
            attempts=job.attempts,
            cause=job.cause,
            created_by=job.created_by,
            created_at=job.created_at,
            run_after=job.run_after,
            started_at=job.started_at,
            finished_at=job.finished_at,
            worker=job.worker,
        )


class Jobs(Shape):
    """A page of jobs, newest first."""

    items: list[Job]
    next_cursor: str | None


class JobAttempt(Shape):
    """One try at a job that has ended. `put_back`: its process was stopped; that is no try. `lost`: its
    process died, or held the job no longer. A job that waited for others ended no try with it.
    """

    attempt: int
    outcome: Outcome
    worker: Annotated[str, Meta(description="Who ran it: host and process.", examples=["web-1/4711"])]
    began_at: Instant
    ended_at: Instant
    duration_ms: int
    error: JobError | None

    @classmethod
    def of(cls, tried: jobs.Attempt) -> JobAttempt:
        return cls(
            attempt=tried.attempt,
            outcome=tried.outcome,
            worker=tried.worker,
            began_at=tried.began_at,
            ended_at=tried.ended_at,
            duration_ms=(tried.ended_at - tried.began_at) // _MILLISECOND,
            error=JobError.of(tried),
        )


class JobAttempts(Shape):
    """The tries at a job that ended, in order, as far back as the history goes."""

    items: list[JobAttempt]


class JobWithAttempts(Shape):
    """A job, and the tries at it that ended."""

    job: Job
    attempts: list[JobAttempt]

    @classmethod
    def made(cls, job: jobs.Job, tries: Sequence[jobs.Attempt]) -> JobWithAttempts:
        return cls(job=Job.of(job), attempts=[JobAttempt.of(one) for one in tries])


class JobAccepted(Shape):
    """The job that does what was asked for: follow it at `/api/v1/jobs/{job_id}`."""

    job_id: UUID
