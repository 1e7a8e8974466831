"""What every MonthEnd must keep of a run, its askings and their shards (ports.month_end)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.period import month_of
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.month_end import (
    Asking,
    BillingRun,
    Cut,
    Existing,
    Failure,
    RunStanding,
    RunState,
    Shard,
    ShardsDone,
    ShardState,
    Written,
)
from arcadia_domain.ports.unit_of_work import Transactions
from tests.april import APRIL, AS_OF, pilots, written
from tests.contracts.facts import failures_of
from tests.world import NOBODYS, OLGA, seeded

MARCH, MAY = month_of(date(2026, 3, 1)), month_of(date(2026, 5, 1))


@pytest.fixture
def store(transactions: Transactions) -> Transactions:
    return seeded(transactions)


def test_a_run_is_opened_once_and_keeps_its_as_of(store: Transactions) -> None:
    with store.begin(OLGA) as work:
        first = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        again = work.month_end.open_run(APRIL, AS_OF + timedelta(days=2), work.new_id())
        other = work.month_end.open_run(MAY, AS_OF + timedelta(days=31), work.new_id())
    assert first == again == BillingRun(first.id, APRIL, AS_OF)
    assert other.id != first.id


def asking_for(store: Transactions, *, force: bool = False, tenant_id: str | None = None) -> Asking:
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        return Asking(work.new_id(), run, force, tenant_id)


def begun(store: Transactions, asking: Asking, *failures: Failure) -> None:
    with store.begin(OLGA) as work:
        work.month_end.begin(asking, failures, [], AS_OF)


def test_an_asking_keeps_its_failures_in_place_of_the_earlier_ones(store: Transactions) -> None:
    pilots(store, "a", "b", "c")
    all_of_it = asking_for(store)
    run = all_of_it.run
    begun(store, all_of_it, Failure("a", "no_size", "…"), Failure("b", "not_metered", "…"))
    assert failures_of(store, run) == [("a", "no_size"), ("b", "not_metered")]
    begun(store, asking_for(store, tenant_id="c"), Failure("c", "no_size", "…"))
    begun(store, asking_for(store, tenant_id="a"))
    begun(store, asking_for(store, tenant_id="b"), Failure("b", "held_twice", "…"))
    assert failures_of(store, run) == [("b", "held_twice"), ("c", "no_size")]
    begun(store, asking_for(store))
    assert failures_of(store, run) == []


def test_a_failure_is_named_beside_the_others_and_anew_in_place_of_its_own(store: Transactions) -> None:
    pilots(store, "a", "b", "c")
    asking = asking_for(store)
    begun(store, asking, Failure("b", "no_size", "…"))
    with store.begin(OLGA) as work:
        work.month_end.name_failures(asking.run, [Failure("a", "x", "1"), Failure("b", "y", "2")], AS_OF)
        work.month_end.name_failures(asking.run, [], AS_OF)
        both = [Failure("a", "x", "1"), Failure("b", "y", "2")]
        assert work.month_end.failures(asking.run) == both
        assert work.month_end.failures(asking.run, "b") == both[1:]
        assert work.month_end.failed_among(asking.run, ["b", "c"]) == {"b"}


def test_conflicts_of_an_asking_come_back_as_they_were_found(store: Transactions) -> None:
    web, api = pilots(store, "acme", slugs=["web"]) + pilots(store, "b")
    asking = asking_for(store)

    def conflict(deployment: Deployment, day: int) -> SourceConflict:
        return SourceConflict(
            tenant_id=deployment.tenant_id,
            deployment_id=deployment.id,
            kind="droplet_hours",
            day=date(2026, 4, day),
            first="pushed",
            second="metered",
        )

    found = [conflict(web, 3), conflict(web, 5), conflict(api, 1)]
    for _ in range(2):
        with store.begin(OLGA) as work:
            work.month_end.begin(asking, [], found[::-1], AS_OF)
    with store.begin(OLGA) as work:
        told = work.month_end.conflicts(asking.run)
        assert [(type(one), one.facts) for one in told] == [(SourceConflict, one.facts) for one in found]
        assert [one.facts for one in work.month_end.conflicts(asking.run, "b")] == [found[2].facts]
        one_tenant = replace(asking, tenant_id="b")
        work.month_end.begin(one_tenant, [], [], AS_OF)
        assert [one.tenant_id for one in work.month_end.conflicts(asking.run)] == ["acme", "acme"]


def test_who_is_due_is_cut_into_shards_that_leave_nobody_out(store: Transactions) -> None:
    ids = [f"t{n}" for n in range(7)]
    pilots(store, *reversed(ids))
    with store.begin(OLGA) as work:
        run = work.month_end.open_run(APRIL, AS_OF, work.new_id())
        asking = Asking(work.new_id(), run)
        assert work.month_end.cut(asking, 3) == [Cut("t2", 3), Cut("t5", 3), Cut("t6", 1)]
        assert work.month_end.cut(asking, 7) == [Cut("t6", 7)]
        assert work.month_end.cut(replace(asking, tenant_id="t4"), 3) == [Cut("t4", 1)]
        between = work.month_end.due(APRIL, Existing.IGNORE, after="t2", limit=9, up_to="t5")
        assert [month.tenant.tenant_id for month in between] == ["t3", "t4", "t5"]
    written(store)
    with store.begin(OLGA) as work:
        assert work.month_end.cut(asking, 3) == []
        assert work.month_end.cut(replace(asking, force=True), 4) == [Cut("t3", 4), Cut("t6", 3)]


def shards_of(*tenants: int) -> list[Shard]:
    return [Shard(n, f"t{n}", f"t{n + 1}", count, job_id=UUID(int=n)) for n, count in enumerate(tenants)]


def test_a_shard_is_finished_once_and_the_last_one_knows_that_it_is(store: Transactions) -> None:
    asking, planned = asking_for(store), shards_of(5, 5, 2)
    planned[2] = replace(planned[2], up_to=None)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(asking, planned, AS_OF)
        work.month_end.add_shards(asking, [], AS_OF)
        assert work.month_end.shards(asking) == planned
        assert work.month_end.shards(replace(asking, id=NOBODYS)) == []
    done = [replace(one, state=ShardState.DONE, written=Written(1, 2, one.number)) for one in planned]
    done[0] = replace(done[0], state=ShardState.DISCARDED)
    far = []
    for one in (done[2], done[0], done[2], done[1]):
        with store.begin(OLGA) as work:
            far.append(work.month_end.finish_shard(asking, one, AS_OF))
    assert far == [ShardsDone(12, 2, 2), ShardsDone(12, 7, 1), None, ShardsDone(12, 12, 0)]
    with store.begin(OLGA) as work:
        assert work.month_end.shards(asking) == done


def test_a_run_stands_as_its_last_asking_left_it(store: Transactions) -> None:
    pilots(store, "a")
    first = asking_for(store)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(first, shards_of(9), AS_OF)
        assert work.month_end.run_of(MAY) is None
        work.month_end.close_run(first.run, AS_OF)
        closed = work.month_end.run_of(APRIL)
        assert closed is not None
        assert (closed.run, closed.state, closed.finished_at) == (first.run, RunState.FINISHED, AS_OF)
    last = asking_for(store)
    begun(store, last, Failure("a", "no_size", "…"))
    with store.begin(OLGA) as work:
        parked = work.jobs.add(NewJob(work.new_id(), "n", "cloud_billing", {}, "c", "olga"), AS_OF)
        claimed = work.jobs.claim(parked, AS_OF, AS_OF, names=["n"], worker="one")
        assert claimed is not None
        work.jobs.fail(claimed, "internal_error", "…", AS_OF, parked=True)
        planned = [replace(one, job_id=parked if one.number == 1 else None) for one in shards_of(4, 3, 2, 1)]
        work.month_end.add_shards(last, planned, AS_OF)
        came_to = replace(planned[0], state=ShardState.DONE, written=Written(2, 1, 1))
        work.month_end.finish_shard(last, came_to, AS_OF)
        work.month_end.finish_shard(last, replace(planned[2], state=ShardState.DISCARDED), AS_OF)
    with store.begin(OLGA) as work:
        assert work.month_end.run_of(APRIL) == RunStanding(
            run=first.run,
            state=RunState.RUNNING,
            started_at=AS_OF,
            finished_at=None,
            tenants=10,
            done=6,
            written=Written(2, 1, 1),
            shards_waiting=1,
            shards_stopped=1,
            shards_done=1,
            shards_discarded=1,
            failed=1,
        )


def test_an_asking_for_one_tenant_leaves_the_run_as_it_is(store: Transactions) -> None:
    pilots(store, "a")
    whole, alone = asking_for(store), asking_for(store, tenant_id="a")

    def state() -> tuple[RunState, bool]:
        with store.begin(OLGA) as work:
            standing = work.month_end.run_of(APRIL)
        assert standing is not None
        return standing.state, standing.finished_at is not None

    begun(store, alone)
    assert state() == (RunState.OPEN, False)
    begun(store, whole)
    begun(store, alone)
    assert state() == (RunState.RUNNING, False)
    with store.begin(OLGA) as work:
        work.month_end.close_run(whole.run, AS_OF)
    begun(store, alone)
    assert state() == (RunState.FINISHED, True)
    begun(store, whole)
    assert state() == (RunState.RUNNING, False)


def test_a_shard_is_taken_as_it_stands_and_may_be_done_in_part(store: Transactions) -> None:
    asking, planned = asking_for(store), shards_of(5, 5)
    with store.begin(OLGA) as work:
        work.month_end.add_shards(asking, planned, AS_OF)
        assert work.month_end.shards_waiting(asking.id) == 2
        assert work.month_end.shards_waiting(NOBODYS) == 0
    with store.begin(OLGA) as work:
        assert work.month_end.take_shard(asking, 1) == planned[1]
        assert work.month_end.take_shard(asking, 2) is None
        part = replace(planned[1], after="t11", written=Written(created=4))
        assert work.month_end.finish_shard(asking, part, AS_OF) == ShardsDone(10, 0, 2)
    with store.begin(OLGA) as work:
        work.month_end.take_run(asking)
        assert work.month_end.take_shard(asking, 1) == part
        done = replace(part, state=ShardState.DONE, written=Written(created=6))
        assert work.month_end.finish_shard(asking, done, AS_OF) == ShardsDone(10, 5, 1)
        assert work.month_end.shards(asking) == [planned[0], done]
        assert work.month_end.shards_waiting(asking.id) == 1


def test_runs_come_the_latest_month_first_in_pages(store: Transactions) -> None:
    with store.begin(OLGA) as work:
        for month in (APRIL, MARCH, MAY):
            work.month_end.open_run(month, AS_OF, work.new_id())
        assert [one.run.period for one in work.month_end.runs(after=None, limit=2)] == [MAY, APRIL]
        assert [one.run.period for one in work.month_end.runs(after=APRIL.start, limit=2)] == [MARCH]
