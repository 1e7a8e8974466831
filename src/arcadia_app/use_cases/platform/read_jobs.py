"""Read jobs: how far they are, and what they came to (SPEC 18). Operators only."""

from __future__ import annotations

from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import Job, JobState
from arcadia_domain.ports.unit_of_work import Work


class JobNotFound(DomainError):
    code = "job_not_found"
    sentence = "There is no job {job_id}."
    field = "job_id"


def read_job(work: Work, by: Principal, *, job_id: UUID) -> Job:
    """The job as it stands. Raises OperatorsOnly, JobNotFound."""
    by.must_be_operator("read jobs")
    job = work.jobs.get(job_id)
    if job is None:
        raise JobNotFound(job_id=job_id)
    return job


def list_jobs(
    work: Work,
    by: Principal,
    *,
    after: UUID | None,
    limit: int,
    state: JobState | None = None,
    queue: str | None = None,
) -> list[Job]:
    """Jobs, newest first, from the one that follows `after`. Raises OperatorsOnly."""
    by.must_be_operator("read jobs")
    return work.jobs.page(after=after, limit=limit, state=state, queue=queue)
