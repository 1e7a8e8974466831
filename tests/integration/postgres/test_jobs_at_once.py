"""Several workers at one table of jobs: nobody waits, and no job has two (SPEC 17)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.ports.jobs import ClaimedJob, NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.world import NOW, OLGA

LEASE = timedelta(minutes=1)


def stored(
    work: Work, job_id: UUID, *, dedupe_key: str | None = None, ordering_key: str | None = None
) -> UUID:
    job = NewJob(job_id, "n", "q", {}, "c", "olga", dedupe_key=dedupe_key, ordering_key=ordering_key)
    return work.jobs.add(job, NOW)


def claimed(work: Work) -> UUID | None:
    for due in work.jobs.due(NOW, NOW + LEASE, 1):
        job = work.jobs.claim(due.id, NOW, NOW + LEASE, names=["n"], worker="one")
        if job is not None:
            return job.id
    return None


def test_a_worker_passes_over_the_job_that_another_is_taking(pools: Pools) -> None:
    transactions = PostgresTransactions(pools)
    with transactions.begin(OLGA) as work:
        first, second = (stored(work, work.new_id()) for _ in range(2))
    with transactions.begin(OLGA) as one, transactions.begin(OLGA) as other:
        assert [claimed(one), claimed(other)] == [first, second]
        assert claimed(other) is None


def test_twenty_workers_at_once_take_each_job_once(pools: Pools) -> None:
    transactions = PostgresTransactions(pools)
    with transactions.begin(OLGA) as work:
        ids = {stored(work, work.new_id()) for _ in range(12)}

    def take_all() -> list[UUID]:
        mine: list[UUID] = []
        while True:
            with transactions.begin(OLGA) as work:
                job_id = claimed(work)
            if job_id is None:
                return mine
            mine.append(job_id)

    taken = [job_id for mine in at_once(*[take_all] * 20) for job_id in mine]
    assert sorted(taken) == sorted(ids)


def test_the_same_job_asked_for_twice_at_once_is_one(pools: Pools) -> None:
    first, second = one_after_the_other(
        pools,
        lambda work: stored(work, work.new_id(), dedupe_key="k"),
        lambda work: stored(work, work.new_id(), dedupe_key="k"),
    )
    assert first == second


def test_jobs_of_one_ordering_key_never_run_at_once_also_where_the_first_is_stored_last(pools: Pools) -> None:
    with PostgresTransactions(pools).begin(OLGA) as work:
        early, late = work.new_id(), work.new_id()
        stored(work, late, ordering_key="k")

    def store_early_and_claim(work: Work) -> UUID | None:
        stored(work, early, ordering_key="k")
        return claimed(work)

    assert one_after_the_other(pools, claimed, store_early_and_claim) == (late, None)
    with PostgresTransactions(pools).begin(OLGA) as work:
        assert work.jobs.get(early) is not None  # the refused claim did not take the rest with it


def taken(work: Work, after: timedelta = timedelta()) -> ClaimedJob | None:
    now = NOW + after
    (job,) = work.jobs.page(after=None, limit=9)
    return work.jobs.claim(job.id, now, now + LEASE, names=["n"], worker="one")


def test_nobody_takes_a_job_while_a_transaction_holds_it_and_nobody_waits_for_that(pools: Pools) -> None:
    transactions = PostgresTransactions(pools)
    with transactions.begin(OLGA) as work:
        stored(work, work.new_id())
        first = taken(work)
    assert first is not None
    with transactions.begin(OLGA) as holding:
        assert holding.jobs.hold(first)
        with transactions.begin(OLGA) as other:
            assert taken(other, LEASE) is None  # its lease has ended, and yet
    with transactions.begin(OLGA) as other:
        assert taken(other, LEASE) is not None
    with transactions.begin(OLGA) as work:
        assert not work.jobs.hold(first)


def test_who_would_hold_a_job_that_is_just_being_taken_waits_and_has_lost_it(pools: Pools) -> None:
    with PostgresTransactions(pools).begin(OLGA) as work:
        stored(work, work.new_id())
        first = taken(work)
    assert first is not None
    second, still = one_after_the_other(
        pools, lambda work: taken(work, LEASE), lambda work: work.jobs.hold(first)
    )
    assert (second is not None, still) == (True, False)
