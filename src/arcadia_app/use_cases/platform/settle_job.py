"""Settle a job that stopped: have it done after all, or never (SPEC 17). Operators only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.platform.read_jobs import read_job
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import Job, JobState
from arcadia_domain.ports.unit_of_work import Work


class JobNotStopped(DomainError):
    code = "job_not_stopped"
    sentence = "Job {job_id} is {state}: only one that failed or was parked can be begun again."
    field = "job_id"


class JobUnderWay(DomainError):
    code = "job_under_way"
    sentence = "Job {job_id} is {state}: only one that waits, failed or was parked can be discarded."
    field = "job_id"


class ShardsToBeDone(DomainError):
    code = "shards_to_be_done"
    sentence = "{waiting} shards of job {job_id} are still to be done: discard their jobs, then it finishes."
    field = "job_id"


def begin_again(work: Work, by: Principal, *, job_id: UUID, now: datetime) -> Job:
    """Let a failed or parked job be done after all, with all its tries. One that waits: nothing more.

    Raises OperatorsOnly, JobNotFound, JobNotStopped.
    """
    by.must_be_operator("begin a job again")
    begun = work.jobs.begin_again(job_id, now)
    job = read_job(work, by, job_id=job_id)  # after the act: whoever was quicker is seen
    if not begun and job.state is not JobState.QUEUED:
        raise JobNotStopped(job_id=job_id, state=job.state.value)
    return job


def discard_job(work: Work, by: Principal, *, job_id: UUID, now: datetime) -> Job:
    """Let a waiting, failed or parked job never be done. Again: nothing more.

    A month end is not, before its shards are settled: nobody else would say how it ended. Raises
    OperatorsOnly, JobNotFound, JobUnderWay, ShardsToBeDone.
    """
    by.must_be_operator("discard a job")
    discarded = work.jobs.discard(job_id, now)
    waiting = work.month_end.shards_waiting(job_id) if discarded else 0
    if waiting:
        raise ShardsToBeDone(job_id=job_id, waiting=waiting)
    job = read_job(work, by, job_id=job_id)
    if not discarded and job.state is not JobState.DISCARDED:
        raise JobUnderWay(job_id=job_id, state=job.state.value)
    return job
