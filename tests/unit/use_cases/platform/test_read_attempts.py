"""read_attempts: the tries at a job in their order; for operators, and of a job that there is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from arcadia_app.use_cases.platform.read_attempts import read_attempts
from arcadia_app.use_cases.platform.read_jobs import JobNotFound
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.jobs import ClaimedJob, NewJob, Outcome
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, NOBODYS, NOW, OLGA

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store() -> FakeTransactions:
    return FakeTransactions()


def asked(work: Work) -> UUID:
    return work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), NOW)


def claimed(work: Work, job_id: UUID) -> ClaimedJob:
    held = work.jobs.claim(job_id, NOW, NOW + MINUTE, names=["n"], worker="one")
    assert held is not None
    return held


def test_the_tries_at_a_job_are_told_in_order_and_those_at_no_other(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        job_id, other = asked(work), asked(work)
        assert read_attempts(work, OLGA, job_id=job_id) == ()
        work.jobs.retry(claimed(work, job_id), NOW, NOW + MINUTE, error=("internal_error", "E"))
        work.jobs.succeed(claimed(work, other), {}, NOW + MINUTE)
        work.jobs.succeed(claimed(work, job_id), {}, NOW + 2 * MINUTE)
        told = [(one.attempt, one.outcome) for one in read_attempts(work, OLGA, job_id=job_id)]
    assert told == [(1, Outcome.RETRIED), (2, Outcome.SUCCEEDED)]


def test_a_job_that_there_is_not_has_no_tries(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work, pytest.raises(JobNotFound):
        read_attempts(work, OLGA, job_id=NOBODYS)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_reads_them(store: FakeTransactions, by: Principal) -> None:
    with store.begin(OLGA) as work:
        job_id = asked(work)
    with store.begin(by) as work, pytest.raises(OperatorsOnly):
        read_attempts(work, by, job_id=job_id)
