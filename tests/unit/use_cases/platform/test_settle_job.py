"""begin_again, discard_job, and what operators read before: again nothing more; who else asks is told so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from arcadia_app.use_cases.platform.read_attempts import read_attempts
from arcadia_app.use_cases.platform.read_jobs import JobNotFound
from arcadia_app.use_cases.platform.read_queues import OF_EACH, read_overview, read_queues
from arcadia_app.use_cases.platform.settle_job import JobNotStopped, JobUnderWay, begin_again, discard_job
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.jobs import QUEUES, JobState, NewJob, Outcome
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, NOBODYS, NOW, OLGA

ERROR = ("internal_error", "ZeroDivisionError")
LATER = NOW + timedelta(hours=1)


def asked(work: Work, state: JobState) -> UUID:
    """A job that has come to this state."""
    job_id = work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), NOW)
    if state is JobState.DISCARDED:
        work.jobs.discard(job_id, NOW)
    elif state is not JobState.QUEUED:
        held = work.jobs.claim(job_id, NOW, LATER, names=["n"], worker="one")
        assert held is not None
        if state is JobState.SUCCEEDED:
            work.jobs.succeed(held, {}, NOW)
        elif state is not JobState.RUNNING:
            work.jobs.fail(held, *ERROR, NOW, parked=state is JobState.PARKED)
    return job_id


@pytest.mark.parametrize("state", JobState)
def test_what_stopped_is_begun_again_what_waits_waits_and_the_rest_is_refused(
    store: FakeTransactions, state: JobState
) -> None:
    with store.begin(OLGA) as work:
        job_id = asked(work, state)
        if state in (JobState.FAILED, JobState.PARKED, JobState.QUEUED):
            first = begin_again(work, OLGA, job_id=job_id, now=LATER)
            assert (first.state, first.attempts, first.error_code) == (JobState.QUEUED, 0, None)
            assert begin_again(work, OLGA, job_id=job_id, now=LATER + timedelta(hours=1)) == first
        else:
            with pytest.raises(JobNotStopped, match=f"is {state.value}"):
                begin_again(work, OLGA, job_id=job_id, now=LATER)


@pytest.mark.parametrize("state", JobState)
def test_what_waits_or_stopped_is_discarded_and_the_rest_is_refused(
    store: FakeTransactions, state: JobState
) -> None:
    with store.begin(OLGA) as work:
        job_id = asked(work, state)
        if state in (JobState.RUNNING, JobState.SUCCEEDED):
            with pytest.raises(JobUnderWay, match=f"is {state.value}"):
                discard_job(work, OLGA, job_id=job_id, now=LATER)
        else:
            first = discard_job(work, OLGA, job_id=job_id, now=LATER)
            assert first.state is JobState.DISCARDED
            assert discard_job(work, OLGA, job_id=job_id, now=LATER + timedelta(hours=1)) == first


def test_the_tries_of_a_job_are_read(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        [tried] = read_attempts(work, OLGA, job_id=asked(work, JobState.PARKED))
        assert (tried.outcome, tried.error_code) == (Outcome.PARKED, "internal_error")
        assert list(read_attempts(work, OLGA, job_id=asked(work, JobState.QUEUED))) == []


def test_an_overview_names_what_runs_is_tried_again_and_stopped_and_no_more_than_can_be_read(
    store: FakeTransactions,
) -> None:
    with store.begin(OLGA) as work:
        ids = {state: asked(work, state) for state in JobState}
        retried = asked(work, JobState.QUEUED)
        held = work.jobs.claim(retried, NOW, LATER, names=["n"], worker="one")
        assert held is not None
        work.jobs.retry(held, LATER, NOW, error=ERROR)
        seen = read_overview(work, OLGA, now=NOW)
        assert [load.queue for load in seen.queues] == list(QUEUES)
        assert [job.id for job in seen.running] == [ids[JobState.RUNNING]]
        assert [job.id for job in seen.retrying] == [retried]
        assert [job.id for job in seen.stopped] == [ids[JobState.PARKED], ids[JobState.FAILED]]
        for _ in range(OF_EACH):
            asked(work, JobState.PARKED)
        assert len(read_overview(work, OLGA, now=NOW).stopped) == OF_EACH


Act = Callable[[Work, Principal], object]

ACTS: dict[str, Act] = {
    "begin_again": lambda work, by: begin_again(work, by, job_id=NOBODYS, now=NOW),
    "discard_job": lambda work, by: discard_job(work, by, job_id=NOBODYS, now=NOW),
    "read_attempts": lambda work, by: read_attempts(work, by, job_id=NOBODYS),
    "read_queues": lambda work, by: read_queues(work, by, now=NOW),
    "read_overview": lambda work, by: read_overview(work, by, now=NOW),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_has_to_do_with_jobs(store: FakeTransactions, by: Principal, act: str) -> None:
    with store.begin(by) as work, pytest.raises(OperatorsOnly):
        ACTS[act](work, by)


@pytest.mark.parametrize("act", ["begin_again", "discard_job", "read_attempts"])
def test_a_job_that_is_not_there_is_named(store: FakeTransactions, act: str) -> None:
    with pytest.raises(JobNotFound, match=str(NOBODYS)), store.begin(OLGA) as work:
        ACTS[act](work, OLGA)
