"""A month end in shards: run by any number of workers, it comes to what one run in one process comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.billing_acts import NET, billing_acts
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.use_cases.billing.billing_run import bill_tenants
from arcadia_app.use_cases.billing.price_month import draft_month
from arcadia_app.use_cases.billing.read_runs import RunNotFound, list_runs, read_run
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.platform.settle_job import ShardsToBeDone, begin_again, discard_job
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState
from arcadia_domain.ports.month_end import RunState, ShardState, Written
from tests.april import APRIL, AS_OF, metered, pilots
from tests.contracts.facts import pushed
from tests.fakes.jobs import FakeJobs
from tests.fakes.state import LlmEvent
from tests.fakes.transactions import FakeTransactions
from tests.held import assigned, recorded, resource
from tests.world import ANN, OLGA, SetClock

IDS = ("a", "b", "c", "d", "e")


class Month:
    """April's tenants, a clock, and a runner whose shards have two tenants."""

    def __init__(self, shop: FakeTransactions) -> None:
        self.shop = shop
        self.clock = SetClock(AS_OF)
        self.app: Arcadia = wire_on(shop, self.clock)
        self.runner = JobRunner(self.app, acts={**ACTS, **billing_acts(tenants_a_shard=2)})

    def asked(self, **told: Any) -> UUID:
        with self.shop.begin(OLGA) as work:
            return request_rollup(work, OLGA, period=APRIL, now=self.clock.at, cause="request-1", **told)

    def run(self, steps: int = 1000) -> None:
        """Whatever is due now, one after the other."""
        while steps and self.runner.run_next():
            steps -= 1

    def job(self, job_id: UUID) -> Job:
        with self.shop.begin(OLGA) as work:
            job = work.jobs.get(job_id)
        assert job is not None
        return job

    def shards(self) -> list[Job]:
        with self.shop.begin(OLGA) as work:
            jobs = work.jobs.page(after=None, limit=99)
        return [job for job in reversed(jobs) if job.name == "roll_up_shard"]

    def result(self, job_id: UUID) -> dict[str, Any]:
        job = self.job(job_id)
        assert job.state is JobState.SUCCEEDED, (job.error_code, job.error_detail)
        assert job.result is not None
        return dict(job.result)


@pytest.fixture
def month(shop: FakeTransactions) -> Month:
    return Month(shop)


def counts(result: dict[str, Any]) -> tuple[int, int, int]:
    return result["created"], result["rebuilt"], result["unchanged"]


def breaks(monkeypatch: pytest.MonkeyPatch, tenant_id: str, times: int = 1000) -> None:
    """Pricing this tenant fails so many times, for a reason of ours."""
    works, left = draft_month, [times]

    def draft(month: Any, *told: Any, **more: Any) -> Any:
        if month.tenant.tenant_id == tenant_id and left[0]:
            left[0] -= 1
            raise ZeroDivisionError
        return works(month, *told, **more)

    monkeypatch.setattr(bill_tenants, "draft_month", draft)


def fails_to_write(monkeypatch: pytest.MonkeyPatch, shop: FakeTransactions, tenant_id: str) -> list[bool]:
    """Writing a chunk with this tenant in it fails, as long as there is something in the list."""
    works, broken = bill_tenants.bill_tenants, [True]
    from arcadia_app.use_cases.billing.billing_run import roll_up_shard

    def bill(work: Any, asking: Any, batch: Any, now: Any) -> Any:
        if broken and tenant_id in {one.tenant.tenant_id for one in batch}:
            raise ZeroDivisionError
        return works(work, asking, batch, now)

    monkeypatch.setattr(roll_up_shard, "bill_tenants", bill)
    return broken


def test_it_comes_to_what_one_process_comes_to(month: Month) -> None:
    made = pilots(month.shop, *IDS)
    metered(month.shop, *((one, "droplet_hours", day, "72") for one in made for day in (1, 9)))
    alone = FakeTransactions(month.shop.state.copy())
    expected = roll_up_period(alone, OLGA, period=APRIL, now=AS_OF)
    job_id = month.asked()
    month.run()
    result = month.result(job_id)
    assert counts(result) == (expected.created, expected.rebuilt, expected.unchanged) == (5, 0, 0)
    assert month.shop.state.invoices == alone.state.invoices
    assert [job.result and job.result["created"] for job in month.shards()] == [2, 2, 1]
    assert (month.job(job_id).done, month.job(job_id).total) == (5, 5)


def test_while_its_shards_are_done_it_waits_and_says_how_far_it_is(month: Month) -> None:
    pilots(month.shop, *IDS)
    job_id = month.asked()
    seen = []
    for _ in range(4):
        month.run(steps=1)
        job = month.job(job_id)
        seen.append((job.state, job.done, job.total, job.attempts))
    queued = [(JobState.QUEUED, done, 5, 0) for done in (0, 2, 4, 5)]
    assert seen == queued
    assert month.job(job_id).run_after == AS_OF  # the last one made it due
    month.run()
    assert counts(month.result(job_id)) == (5, 0, 0)


def test_a_month_in_which_nobody_is_due_is_closed_at_once(month: Month) -> None:
    job_id = month.asked()
    month.run(steps=1)
    assert counts(month.result(job_id)) == (0, 0, 0)
    with month.shop.begin(OLGA) as work:
        standing, failures = read_run(work, OLGA, period=APRIL)
    assert (standing.state, failures) == (RunState.FINISHED, [])


def test_failures_and_conflicts_of_every_step_are_in_the_result(month: Month) -> None:
    broken, conflicted, priced, *_ = pilots(month.shop, *IDS)
    for held, deployment in ((resource(1, created_at=None), broken), (resource(2), conflicted)):
        recorded(month.shop, held)
        assigned(month.shop, held, deployment)
    pushed(month.shop, conflicted, "droplet_hours", date(2026, 4, 5), "7")
    month.shop.state.llm_events.append(
        LlmEvent(priced.tenant_id, priced.id, date(2026, 4, 5), Decimal(1), "USD", LlmMode.GATEWAY)
    )
    job_id = month.asked()
    month.run()
    result = month.result(job_id)
    assert counts(result) == (3, 0, 0)
    assert [(one["tenant_id"], one["code"]) for one in result["failures"]] == [
        ("a", "resource_without_created_at"),
        ("c", "mixed_currencies"),
    ]
    assert [one["tenant_id"] for one in result["conflicts"]] == ["b"]


def test_a_fault_of_ours_names_its_tenant_and_costs_the_others_nothing(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    pilots(month.shop, *IDS)
    breaks(monkeypatch, "b")
    job_id = month.asked()
    month.run()
    result = month.result(job_id)
    assert counts(result) == (4, 0, 0)
    [failure] = result["failures"]
    assert (failure["tenant_id"], failure["code"]) == ("b", "internal_error")
    assert "ZeroDivisionError" in failure["detail"]


def test_who_becomes_due_while_shards_are_done_is_billed_before_the_run_closes(month: Month) -> None:
    pilots(month.shop, "b", "d", "f")
    job_id = month.asked()
    month.run(steps=2)  # the first shard is done: up to d
    pilots(month.shop, "a", "c", "e", "z")
    month.run()
    assert counts(month.result(job_id)) == (7, 0, 0)
    assert sorted(one.tenant_id for one in month.shop.state.invoices.values()) == list("abcdefz")


def test_a_forced_run_plans_its_own_shards_and_makes_drafts_anew(month: Month) -> None:
    first, *_ = pilots(month.shop, *IDS)
    month.asked()
    month.run()
    pushed(month.shop, first, "droplet_hours", date(2026, 4, 5), "1500")
    forced = month.asked(force=True)
    month.run()
    assert counts(month.result(forced)) == (0, 1, 4)
    assert len(month.shards()) == 6
    again = month.asked()
    month.run()
    assert counts(month.result(again)) == (0, 0, 0)


def test_the_same_asked_for_before_it_begins_is_the_same(month: Month) -> None:
    assert month.asked() == month.asked()
    assert month.asked(force=True) != month.asked()


def test_what_is_asked_for_while_shards_are_done_comes_after_and_prices_those_that_are_anew(
    month: Month,
) -> None:
    first, *_ = pilots(month.shop, *IDS)
    asking = month.asked(force=True)
    month.run(steps=2)  # it is planned, and the first shard is done
    pushed(month.shop, first, "droplet_hours", date(2026, 4, 5), "1500")
    again = month.asked(force=True)
    assert again != asking
    assert month.asked(force=True) == again
    month.run()
    assert counts(month.result(asking)) == (5, 0, 0)
    assert counts(month.result(again)) == (0, 1, 4)


def state_of(month: Month) -> RunState:
    with month.shop.begin(OLGA) as work:
        return read_run(work, OLGA, period=APRIL)[0].state


def test_one_tenant_alone_is_one_shard_and_its_run_is_open(month: Month) -> None:
    pilots(month.shop, *IDS)
    job_id = month.asked(tenant_id="d")
    month.run()
    assert counts(month.result(job_id)) == (1, 0, 0)
    assert [one.tenant_id for one in month.shop.state.invoices.values()] == ["d"]
    assert state_of(month) is RunState.OPEN


def test_one_tenant_alone_leaves_a_finished_run_finished_and_all_of_them_open_it_again(month: Month) -> None:
    pilots(month.shop, *IDS)
    month.asked()
    month.run()
    assert state_of(month) is RunState.FINISHED
    for steps in (1, 1000):
        month.asked(tenant_id="d", force=True)
        month.run(steps)
        assert state_of(month) is RunState.FINISHED
    month.asked(force=True)
    month.run(steps=1)
    assert state_of(month) is RunState.RUNNING


@pytest.mark.parametrize("force", [False, True])
def test_a_shard_bills_no_more_at_once_than_were_planned_and_leaves_nobody_out(
    month: Month, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    made = pilots(month.shop, "b", "d", "f", "h")
    roll_up_period(month.shop, OLGA, period=APRIL, now=AS_OF)
    for one in made:
        pushed(month.shop, one, "droplet_hours", date(2026, 4, 5), "1500")
    if not force:
        month.shop.state.invoices.clear()
    sizes = chunk_sizes(monkeypatch)
    job_id = month.asked(force=force)
    month.run(steps=1)
    pilots(month.shop, "a", "aa", "c", "e", "z")
    month.run()
    assert counts(month.result(job_id)) == ((5, 4, 0) if force else (9, 0, 0))
    assert max(sizes) == 2
    for shard in month.shards():
        assert shard.state is JobState.SUCCEEDED


def chunk_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tenants each transaction of a shard bills."""
    from arcadia_app.use_cases.billing.billing_run import roll_up_shard

    works, sizes = bill_tenants.bill_tenants, []

    def bill(work: Any, asking: Any, batch: Any, now: Any) -> Any:
        sizes.append(len(batch))
        return works(work, asking, batch, now)

    monkeypatch.setattr(roll_up_shard, "bill_tenants", bill)
    return sizes


def test_a_shard_that_was_settled_while_it_was_billed_writes_nothing(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arcadia_app.use_cases.billing.billing_run import roll_up_shard

    pilots(month.shop, *IDS)
    month.asked()
    month.run(steps=1)
    shard = month.shards()[0]
    works = bill_tenants.bill_tenants

    def bill(work: Any, asking: Any, batch: Any, now: Any) -> Any:
        [first, *_] = work.month_end.shards(asking)
        work.month_end.finish_shard(asking, replace(first, state=ShardState.DISCARDED), now)
        return works(work, asking, batch, now)

    monkeypatch.setattr(roll_up_shard, "bill_tenants", bill)
    month.run(steps=1)
    told = month.job(shard.id)
    assert (told.state, told.error_code) == (JobState.FAILED, "shard_settled")
    assert not month.shop.state.invoices


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_a_job_that_another_has_taken_writes_nothing(
    month: Month, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """It plans, it bills a shard, it closes the run: each of them after its lease."""
    pilots(month.shop, *IDS)
    job_id = month.asked()
    month.run(steps)
    due = month.runner.next()
    assert due is not None
    if steps == 4:  # its shards are done: there is somebody left
        pilots(month.shop, "z")
    kept = FakeJobs.hold
    stolen: list[ClaimedJob] = []

    def hold(jobs: FakeJobs, job: ClaimedJob) -> bool:
        if not stolen:
            stored = jobs._state.jobs[job.id]
            jobs._state.jobs[job.id] = replace(stored, fence=stored.fence + 1)
            stolen.append(job)
        return kept(jobs, job)

    month.clock.at += timedelta(seconds=1)
    before = month.shop.state.copy()
    monkeypatch.setattr(FakeJobs, "hold", hold)
    month.runner.run(due)
    monkeypatch.undo()
    assert [one.id for one in stolen] == [due]
    after = month.shop.state
    assert (after.invoices, after.run_shards) == (before.invoices, before.run_shards)
    assert (after.run_closed, after.run_failures) == (before.run_closed, before.run_failures)
    month.clock.at += timedelta(minutes=2)
    month.run()
    assert counts(month.result(job_id)) == (5 + (steps == 4), 0, 0)


def test_an_asking_is_not_discarded_before_its_shards_are(month: Month) -> None:
    pilots(month.shop, *IDS)
    job_id = month.asked()
    month.run(steps=2)
    with pytest.raises(ShardsToBeDone, match="2 shards"), month.shop.begin(OLGA) as work:
        discard_job(work, OLGA, job_id=job_id, now=month.clock.at)
    assert month.job(job_id).state is JobState.QUEUED
    for shard in month.shards()[1:]:
        with month.shop.begin(OLGA) as work:
            discard_job(work, OLGA, job_id=shard.id, now=month.clock.at)
    month.clock.at += NET
    month.run()
    result = month.result(job_id)
    assert counts(result) == (2, 0, 0)
    assert [one["tenant_id"] for one in result["failures"]] == ["c", "d", "e"]
    assert state_of(month) is RunState.FINISHED


def test_an_asking_that_is_not_planned_can_be_discarded(month: Month) -> None:
    job_id = month.asked()
    with month.shop.begin(OLGA) as work:
        assert discard_job(work, OLGA, job_id=job_id, now=AS_OF).state is JobState.DISCARDED


def parked(month: Month, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Job, list[bool]]:
    """The asking, its middle shard after all its tries, and what is to be emptied to mend it."""
    pilots(month.shop, *IDS)
    broken = fails_to_write(monkeypatch, month.shop, "c")
    job_id = month.asked()
    for _ in range(30):
        month.run()
        month.clock.at += timedelta(minutes=10)
    (shard,) = (job for job in month.shards() if job.state is JobState.PARKED)
    return job_id, shard, broken


def test_a_shard_that_stopped_keeps_the_run_open_and_is_named(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, shard, _ = parked(month, monkeypatch)
    waiting = month.job(job_id)
    assert (waiting.state, waiting.done, waiting.total) == (JobState.QUEUED, 3, 5)
    assert waiting.error_code == "shards_stopped"
    assert waiting.error_detail is not None
    assert (
        f"1 of 3 shards stopped. The first is shard 1, whose job {shard.id} is parked:"
        in waiting.error_detail
    )
    with month.shop.begin(OLGA) as work:
        standing, _ = read_run(work, OLGA, period=APRIL)
    assert (standing.state, standing.shards_stopped, standing.shards_done) == (RunState.RUNNING, 1, 2)
    assert standing.written == Written(created=3)


def test_a_shard_that_is_begun_again_finishes_the_run(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, shard, broken = parked(month, monkeypatch)
    broken.clear()
    with month.shop.begin(OLGA) as work:
        begin_again(work, OLGA, job_id=shard.id, now=month.clock.at)
    month.run()
    assert counts(month.result(job_id)) == (5, 0, 0)
    assert month.job(job_id).error_code is None


def test_a_shard_that_is_discarded_names_its_tenants_and_finishes_the_run(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, shard, _ = parked(month, monkeypatch)
    with month.shop.begin(OLGA) as work:
        discard_job(work, OLGA, job_id=shard.id, now=month.clock.at)
    month.clock.at += NET
    month.run()
    result = month.result(job_id)
    assert counts(result) == (3, 0, 0)
    assert [(one["tenant_id"], one["code"]) for one in result["failures"]] == [
        ("c", "shard_discarded"),
        ("d", "shard_discarded"),
    ]
    with month.shop.begin(OLGA) as work:
        standing, _ = read_run(work, OLGA, period=APRIL)
    assert (standing.state, standing.shards_discarded) == (RunState.FINISHED, 1)


class Killed(BaseException):
    """Nothing after it is done: whatever was not committed is not there."""


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("after", range(14))
def test_whichever_commit_is_the_last_before_a_stop_the_invoices_and_the_result_are_the_same(
    month: Month, after: int, force: bool
) -> None:
    made = pilots(month.shop, *IDS)
    metered(month.shop, *((one, "droplet_hours", 3, "72") for one in made))
    with month.shop.begin(OLGA) as work:
        work.month_end.open_run(APRIL, AS_OF, work.new_id())  # both as of one instant
    undisturbed = Month(FakeTransactions(month.shop.state.copy()))
    expected = undisturbed.asked(force=force)
    undisturbed.run()
    job_id = month.asked(force=force)
    _stopped_after(month, after, month.run)
    month.clock.at += timedelta(minutes=2)  # its lease is over
    month.run()
    assert month.result(job_id) == undisturbed.result(expected)
    assert month.shop.state.invoices == undisturbed.shop.state.invoices


def _stopped_after(month: Month, commits: int, act: Callable[[], object]) -> None:
    """The process goes on until it has committed so often, and then no transaction begins."""
    begin, left = month.shop.begin, [commits]

    def counted(principal: Any) -> Any:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return begin(principal)

    month.shop.begin = counted  # type: ignore[method-assign]
    try:
        act()
    except Killed:
        pass
    finally:
        month.shop.begin = begin  # type: ignore[method-assign]


def test_runs_are_for_operators_and_one_that_is_not_there_is_not_found(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        for act in (
            lambda: read_run(work, ANN, period=APRIL),
            lambda: list_runs(work, ANN, after=None, limit=9),
        ):
            with pytest.raises(OperatorsOnly):
                act()
    with shop.begin(OLGA) as work, pytest.raises(RunNotFound, match="no billing run of 2026-04"):
        read_run(work, OLGA, period=APRIL)
