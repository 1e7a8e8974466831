"""read_job, list_jobs: for operators; who else asks is told so before the store is looked at."""

from __future__ import annotations

from uuid import UUID

import pytest

from arcadia_app.use_cases.platform.read_jobs import JobNotFound, list_jobs, read_job
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.jobs import JobState, NewJob
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, NOBODYS, NOW, OLGA


def asked(store: FakeTransactions) -> UUID:
    with store.begin(OLGA) as work:
        return work.jobs.add(NewJob(work.new_id(), "n", "q", {}, "c", "olga"), NOW)


def test_an_operator_reads_a_job_and_lists_them_newest_first(store: FakeTransactions) -> None:
    first, second = asked(store), asked(store)
    with store.begin(OLGA) as work:
        assert read_job(work, OLGA, job_id=first).id == first
        assert [job.id for job in list_jobs(work, OLGA, after=None, limit=9)] == [second, first]
        assert [job.id for job in list_jobs(work, OLGA, after=second, limit=9)] == [first]
        assert list_jobs(work, OLGA, after=None, limit=9, state=JobState.FAILED) == []


def test_a_job_that_is_not_there_is_named(store: FakeTransactions) -> None:
    with pytest.raises(JobNotFound, match=str(NOBODYS)), store.begin(OLGA) as work:
        read_job(work, OLGA, job_id=NOBODYS)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_reads_jobs(store: FakeTransactions, by: Principal) -> None:
    job_id = asked(store)
    with store.begin(by) as work:
        with pytest.raises(OperatorsOnly):
            read_job(work, by, job_id=job_id)
        with pytest.raises(OperatorsOnly):
            list_jobs(work, by, after=None, limit=1)
