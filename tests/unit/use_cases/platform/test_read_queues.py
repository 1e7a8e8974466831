"""read_overview: of what stopped, the newest, whichever way it stopped; for operators."""

from __future__ import annotations

from uuid import UUID

import pytest

from arcadia_app.use_cases.platform.read_queues import OF_EACH, read_overview
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, NOW, OLGA


def stopped(work: Work, *, parked: bool) -> UUID:
    job_id = work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), NOW)
    held = work.jobs.claim(job_id, NOW, NOW, names=["n"], worker="one")
    assert held is not None
    work.jobs.fail(held, "internal_error", "ZeroDivisionError", NOW, parked=parked)
    return job_id


@pytest.mark.parametrize("parked", [True, False])
def test_the_newest_that_stopped_is_told_first_however_many_stopped_otherwise(
    store: FakeTransactions, parked: bool
) -> None:
    with store.begin(OLGA) as work:
        others = [stopped(work, parked=parked) for _ in range(OF_EACH)]
        newest = stopped(work, parked=not parked)
        told = [job.id for job in read_overview(work, OLGA, now=NOW).stopped]
    assert told == [newest, *reversed(others[1:])]


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_reads_the_overview(store: FakeTransactions, by: Principal) -> None:
    with store.begin(by) as work, pytest.raises(OperatorsOnly):
        read_overview(work, by, now=NOW)
