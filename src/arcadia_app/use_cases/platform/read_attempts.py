"""Read the tries at a job: when each began and ended, and how (SPEC 17). Operators only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arcadia_app.use_cases.platform.read_jobs import read_job
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import Attempt
from arcadia_domain.ports.unit_of_work import Work


def read_attempts(work: Work, by: Principal, *, job_id: UUID) -> Sequence[Attempt]:
    """The tries that ended, in order, as far back as the history goes. Raises OperatorsOnly, JobNotFound."""
    by.must_be_operator("read jobs")
    read_job(work, by, job_id=job_id)
    return work.jobs.attempts(job_id)
