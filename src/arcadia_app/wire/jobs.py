"""Jobs on the wire: what was asked for, how far it is, what it came to (SPEC 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import Instant, Json, Shape
from arcadia_domain.ports import jobs
from arcadia_domain.ports.jobs import JobState


class JobProgress(Shape):
    """How many are done: tenants of a rollup, lines of an invoice."""

    done: int
    total: Annotated[int | None, Meta(description="Null where it is not known yet.")]


class JobError(Shape):
    """Why a job failed. Decide by `code`; `detail` is for people."""

    code: str
    detail: str

    @classmethod
    def of(cls, job: jobs.Job) -> JobError | None:
        if job.error_code is None:
            return None
        return cls(code=job.error_code, detail=job.error_detail or "")


class Job(Shape):
    """A long act that was asked for. It is over once its state is succeeded or failed."""

    id: UUID
    name: str
    state: JobState
    progress: JobProgress
    error: JobError | None
    result: Annotated[
        Json | None,
        Meta(
            description=(
                "Once it has succeeded: a RolledUp of a rollup, an IngestedInvoice of an upload, a Discovery "
                "of a discovery, a ReconciledInvoice of an invoice that was discovered, an "
                "InventorySync of a sync."
            )
        ),
    ]
    attempts: int
    created_by: str
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None

    @classmethod
    def of(cls, job: jobs.Job) -> Job:
        return cls(
            id=job.id,
            name=job.name,
            state=job.state,
            progress=JobProgress(done=job.done, total=job.total),
            error=JobError.of(job),
            result=None if job.result is None else dict(job.result),
            attempts=job.attempts,
            created_by=job.created_by,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


class Jobs(Shape):
    """A page of jobs, newest first."""

    items: list[Job]
    next_cursor: str | None


class JobAccepted(Shape):
    """The job that does what was asked for: follow it at `/api/v1/jobs/{job_id}`."""

    job_id: UUID
