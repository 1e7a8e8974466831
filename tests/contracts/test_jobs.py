"""Jobs: asked for once, done by one worker at a time, and never left with a worker that died (SPEC 17)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState, NewJob
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.job_steps import (
    ERROR,
    LEASE,
    NAMES,
    SECOND,
    asked,
    claimed,
    read,
    retried,
    succeeded,
    taken,
)
from tests.contracts.refusals import refused
from tests.world import ANN, GATEWAY, NOW, OLGA


def test_a_job_waits_as_it_was_asked_for(transactions: Transactions) -> None:
    job_id = asked(transactions)
    assert read(transactions, job_id) == Job(
        id=job_id,
        name="roll_up_period",
        queue="cloud_billing",
        state=JobState.QUEUED,
        cause="request-1",
        created_by="olga",
        created_at=NOW,
        run_after=NOW,
    )


def test_who_claims_a_job_is_told_all_of_it(transactions: Transactions) -> None:
    job_id = asked(transactions, input=b"a,b\n1,2\n", created_by="otto")
    assert claimed(transactions) == ClaimedJob(
        id=job_id,
        name="roll_up_period",
        queue="cloud_billing",
        payload={"period": "2026-04", "force": False},
        input=b"a,b\n1,2\n",
        cause="request-1",
        created_by="otto",
        attempts=1,
        fence=1,
    )
    running = read(transactions, job_id)
    assert (running.state, running.attempts, running.started_at) == (JobState.RUNNING, 1, NOW)


def test_what_nobody_stored_is_not_there(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        assert work.jobs.get(UUID(int=1)) is None


def test_of_two_waiting_jobs_with_one_key_there_is_one(transactions: Transactions) -> None:
    first = asked(transactions, dedupe_key="rollup:2026-04")
    assert asked(transactions, NOW + SECOND, dedupe_key="rollup:2026-04") == first
    other = asked(transactions, dedupe_key="rollup:2026-05")
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.page(after=None, limit=9)] == [other, first]


@pytest.mark.parametrize("ended", [False, True])
def test_a_job_that_was_begun_can_be_asked_for_again(transactions: Transactions, ended: bool) -> None:
    first = asked(transactions, dedupe_key="rollup:2026-04")
    held = taken(transactions)
    if ended:
        succeeded(transactions, held)
    again = asked(transactions, dedupe_key="rollup:2026-04")
    assert again != first
    assert asked(transactions, dedupe_key="rollup:2026-04") == again


def test_a_job_that_waits_for_another_try_is_the_one_that_is_asked_for(transactions: Transactions) -> None:
    first = asked(transactions, dedupe_key="rollup:2026-04")
    assert retried(transactions, taken(transactions), NOW + SECOND)
    assert asked(transactions, dedupe_key="rollup:2026-04") == first


def test_a_job_that_was_asked_for_again_while_it_ran_may_still_be_tried_again(
    transactions: Transactions,
) -> None:
    keys: dict[str, Any] = {"dedupe_key": "rollup:2026-04", "ordering_key": "rollup:2026-04"}
    first = asked(transactions, **keys)
    held = taken(transactions)
    second = asked(transactions, **keys)
    assert retried(transactions, held)
    assert asked(transactions, **keys) == second
    for expected in (first, second):
        held = taken(transactions)
        assert held.id == expected
        assert succeeded(transactions, held)


def test_a_job_that_was_put_back_was_not_tried(transactions: Transactions) -> None:
    job_id = asked(transactions)
    for _ in range(3):
        held = taken(transactions)
        assert held.attempts == 1
        assert retried(transactions, held, error=None)
        assert read(transactions, job_id).attempts == 0


def test_jobs_without_a_key_are_all_made(transactions: Transactions) -> None:
    assert asked(transactions) != asked(transactions)


def test_the_job_that_is_due_longest_comes_first_and_each_goes_to_one_worker(
    transactions: Transactions,
) -> None:
    late = asked(transactions, NOW)
    early = asked(transactions, NOW - SECOND)
    same = asked(transactions, NOW)
    assert [taken(transactions).id for _ in range(3)] == [early, late, same]
    assert claimed(transactions) is None


def test_a_job_is_not_claimed_before_it_is_due(transactions: Transactions) -> None:
    asked(transactions, NOW + SECOND)
    assert claimed(transactions) is None
    assert claimed(transactions, NOW + SECOND) is not None


def test_of_one_ordering_key_one_runs_at_a_time_and_in_order(transactions: Transactions) -> None:
    first = asked(transactions, NOW, ordering_key="rollup:2026-04")
    second = asked(transactions, NOW - SECOND, ordering_key="rollup:2026-04")
    other = asked(transactions, NOW, ordering_key="rollup:2026-05")
    held = taken(transactions)
    assert held.id == first
    assert taken(transactions).id == other
    assert claimed(transactions) is None
    succeeded(transactions, held)
    assert taken(transactions).id == second


def test_a_job_that_waits_for_another_try_keeps_its_turn(transactions: Transactions) -> None:
    first = asked(transactions, ordering_key="rollup:2026-04")
    asked(transactions, ordering_key="rollup:2026-04")
    held = taken(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.retry(held, NOW + SECOND, NOW, error=ERROR)
    assert claimed(transactions) is None
    assert taken(transactions, NOW + SECOND).id == first


def test_a_job_waits_for_the_one_that_runs_also_where_it_was_made_before(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        early_id = work.new_id()
    late = asked(transactions, ordering_key="rollup:2026-04")
    held = taken(transactions)
    assert held.id == late
    with transactions.begin(OLGA) as work:
        early = NewJob(early_id, "n", "q", {}, "c", "olga", ordering_key="rollup:2026-04")
        work.jobs.add(early, NOW)
    assert claimed(transactions) is None
    succeeded(transactions, held)
    assert taken(transactions).id == early_id


def test_a_job_is_its_workers_until_the_lease_ends(transactions: Transactions) -> None:
    job_id = asked(transactions)
    first = taken(transactions)
    assert claimed(transactions, NOW + LEASE - SECOND) is None
    second = taken(transactions, NOW + LEASE)
    assert (second.id, second.attempts) == (job_id, 2)
    assert second.fence > first.fence
    assert read(transactions, job_id).started_at == NOW


def test_what_a_worker_says_after_its_job_was_taken_is_refused(transactions: Transactions) -> None:
    job_id = asked(transactions)
    first = taken(transactions)
    taken(transactions, NOW + LEASE)
    after = NOW + LEASE
    before = read(transactions, job_id)
    with transactions.begin(OLGA) as work:
        assert not work.jobs.report(first, done=1, total=2, lease_until=after + LEASE)
        assert not work.jobs.succeed(first, {}, after)
        assert not work.jobs.fail(first, "late", "Too late.", after)
        assert not work.jobs.fail(first, "late", "Too late.", after, parked=True)
        assert not work.jobs.retry(first, after, after)
    assert read(transactions, job_id) == before
    assert claimed(transactions, after + LEASE) is not None


def test_a_late_worker_whose_job_nobody_took_may_still_finish(transactions: Transactions) -> None:
    job_id = asked(transactions)
    held = taken(transactions)
    assert succeeded(transactions, held, NOW + 2 * LEASE)
    assert read(transactions, job_id).state is JobState.SUCCEEDED


def test_a_worker_holds_its_job_until_another_takes_it_or_it_is_over(transactions: Transactions) -> None:
    asked(transactions)

    def held(job: ClaimedJob) -> bool:
        with transactions.begin(OLGA) as work:
            return work.jobs.hold(job)

    first = taken(transactions)
    assert held(first)
    second = taken(transactions, NOW + LEASE)
    assert (held(first), held(second)) == (False, True)
    assert succeeded(transactions, second)
    assert not held(second)


def test_a_report_tells_how_far_it_is_and_holds_it_longer(transactions: Transactions) -> None:
    job_id = asked(transactions)
    held = taken(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.report(held, done=500, total=1200, lease_until=NOW + 2 * LEASE)
    running = read(transactions, job_id)
    assert (running.done, running.total) == (500, 1200)
    assert claimed(transactions, NOW + LEASE) is None
    assert taken(transactions, NOW + 2 * LEASE).id == job_id
    again = read(transactions, job_id)
    assert (again.done, again.total) == (0, None)


def test_a_job_that_succeeded_has_its_result_and_is_not_claimed_again(transactions: Transactions) -> None:
    job_id = asked(transactions, input=b"file")
    held = taken(transactions)
    assert succeeded(transactions, held, NOW + SECOND)
    done = read(transactions, job_id)
    assert (done.state, done.result) == (JobState.SUCCEEDED, {"created": 2, "failures": []})
    assert (done.error_code, done.finished_at) == (None, NOW + SECOND)
    assert claimed(transactions, NOW + 2 * LEASE) is None
    assert not succeeded(transactions, held, NOW + 2 * LEASE)


def test_a_job_that_failed_says_why(transactions: Transactions) -> None:
    job_id = asked(transactions)
    held = taken(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.fail(held, "month_not_over", "It is not over.", NOW + SECOND)
    failed = read(transactions, job_id)
    assert (failed.state, failed.result, failed.finished_at) == (JobState.FAILED, None, NOW + SECOND)
    assert (failed.error_code, failed.error_detail) == ("month_not_over", "It is not over.")
    assert claimed(transactions, NOW + 2 * LEASE) is None


def test_pages_are_newest_first_and_can_be_of_one_state(transactions: Transactions) -> None:
    ids = [asked(transactions) for _ in range(4)]
    taken(transactions)
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.page(after=None, limit=3)] == ids[:0:-1]
        assert [job.id for job in work.jobs.page(after=ids[1], limit=3)] == [ids[0]]
        running = work.jobs.page(after=None, limit=9, state=JobState.RUNNING)
        assert [job.id for job in running] == [ids[0]]
        waiting = work.jobs.page(after=ids[3], limit=1, state=JobState.QUEUED)
        assert [job.id for job in waiting] == [ids[2]]


def test_pages_can_be_of_one_queue_or_of_those_that_were_tried(transactions: Transactions) -> None:
    first = asked(transactions)
    assert retried(transactions, taken(transactions))
    with transactions.begin(OLGA) as work:
        other = work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), NOW)
    third = asked(transactions, NOW + SECOND)
    with transactions.begin(OLGA) as work:
        metering = work.jobs.page(after=None, limit=9, queue="metering")
        assert [job.id for job in metering] == [other]
        billing = work.jobs.page(after=None, limit=9, queue="cloud_billing")
        assert [job.id for job in billing] == [third, first]
        tried = work.jobs.page(after=None, limit=9, state=JobState.QUEUED, tried=True)
        assert [job.id for job in tried] == [first]


def test_since_when_a_job_runs_is_told_of_its_last_try_too(transactions: Transactions) -> None:
    job_id = asked(transactions)
    assert retried(transactions, taken(transactions))
    taken(transactions, NOW + SECOND)
    running = read(transactions, job_id)
    assert (running.started_at, running.begun_at) == (NOW, NOW + SECOND)


def test_who_runs_a_job_is_told_as_long_as_it_runs(transactions: Transactions) -> None:
    job_id = asked(transactions)
    held = taken(transactions)
    assert read(transactions, job_id).worker == "one"
    assert retried(transactions, held)
    assert read(transactions, job_id).worker is None


@pytest.mark.parametrize("principal", [ANN, GATEWAY], ids=["tenant", "gateway"])
@pytest.mark.parametrize("act", ["add", "get", "page", "claim", "due", "not_told", "load", "attempts"])
def test_only_operators_have_to_do_with_jobs(
    transactions: Transactions, principal: Principal, act: str
) -> None:
    job_id = asked(transactions)
    with refused(), transactions.begin(principal) as work:
        match act:
            case "add":
                work.jobs.add(NewJob(work.new_id(), "n", "q", {}, "c", "ann"), NOW)
            case "get":
                work.jobs.get(UUID(int=1))
            case "page":
                work.jobs.page(after=None, limit=1)
            case "claim":
                work.jobs.claim(job_id, NOW, NOW + LEASE, names=NAMES, worker="one")
            case "due":
                work.jobs.due(NOW, NOW, 1)
            case "not_told":
                work.jobs.not_told([job_id])
            case "load":
                work.jobs.load(NOW)
            case "attempts":
                work.jobs.attempts(job_id)


def test_many_are_asked_for_at_once_and_what_waits_is_not_asked_for_twice(transactions: Transactions) -> None:
    waiting = asked(transactions, dedupe_key="ingest:1")
    with transactions.begin(OLGA) as work:
        jobs = [
            NewJob(
                id=work.new_id(),
                name="ingest",
                queue="cloud_billing",
                payload={"n": n},
                cause="tick",
                created_by="olga",
                dedupe_key=f"ingest:{n}",
            )
            for n in range(3)
        ]
        work.jobs.add_all(jobs, NOW)
        work.jobs.add_all([], NOW)
        found = work.jobs.page(after=None, limit=9)
    assert {job.id for job in found} == {waiting, jobs[0].id, jobs[2].id}
    assert {job.name for job in found if job.id != waiting} == {"ingest"}


def test_several_jobs_are_read_at_once(transactions: Transactions) -> None:
    first, _, third = (asked(transactions) for _ in range(3))
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.those([third, UUID(int=1), first])] == sorted([first, third])
        assert list(work.jobs.those([])) == []
