"""Who is told of a job: each that could be begun, once, and again where nobody takes it (SPEC 17)."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.job_steps import (
    LEASE,
    MOMENT,
    NAMES,
    SECOND,
    asked,
    taken,
)
from tests.world import NOW, OLGA


def test_a_job_is_told_of_once_and_again_when_nobody_took_it(transactions: Transactions) -> None:
    job_id = asked(transactions)
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.due(NOW, NOW, 9)] == [job_id]
        assert not work.jobs.due(NOW, NOW, 9)
        later = NOW + 15 * SECOND
        assert not work.jobs.due(later, NOW, 9)
        assert [job.id for job in work.jobs.due(later, NOW + SECOND, 9)] == [job_id]


def told_of(transactions: Transactions, now: datetime) -> bool:
    """Whether a relay that tells again after 15 seconds tells of a job now."""
    with transactions.begin(OLGA) as work:
        return bool(work.jobs.due(now, now - 15 * SECOND, 9))


def rests(transactions: Transactions, at: datetime, seconds: int) -> datetime:
    """When it is told of again: right after so many seconds."""
    again = at + seconds * SECOND
    assert not told_of(transactions, again)
    assert told_of(transactions, again + MOMENT)
    return again + MOMENT


def test_a_job_that_nobody_takes_is_told_of_at_pauses_that_double_up_to_five_minutes(
    transactions: Transactions,
) -> None:
    asked(transactions)
    assert told_of(transactions, NOW)
    at = NOW
    for seconds in (15, 30, 60, 120, 240, 300, 300):
        at = rests(transactions, at, seconds)


def test_a_job_that_was_taken_or_begun_again_is_told_of_as_if_for_the_first_time(
    transactions: Transactions,
) -> None:
    asked(transactions)
    assert told_of(transactions, NOW)
    at = rests(transactions, rests(transactions, NOW, 15), 30)
    with transactions.begin(OLGA) as work:
        (due,) = work.jobs.due(at, at + SECOND, 1)
        assert work.jobs.claim(due.id, at, at + LEASE, names=NAMES, worker="one") is not None
    assert told_of(transactions, at + LEASE)
    rests(transactions, at + LEASE, 15)


def test_a_job_that_was_told_of_in_vain_is_due_at_once_as_if_for_the_first_time(
    transactions: Transactions,
) -> None:
    first, _ = asked(transactions), asked(transactions)
    assert told_of(transactions, NOW)
    at = rests(transactions, NOW, 15)
    with transactions.begin(OLGA) as work:
        work.jobs.not_told([first])
        assert [job.id for job in work.jobs.due(at, at, 9)] == [first]
    again = at + 15 * SECOND + MOMENT
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.due(again, again - 15 * SECOND, 9)] == [first]
        work.jobs.not_told([])


def test_told_are_the_jobs_that_could_be_begun_longest_due_first(transactions: Transactions) -> None:
    late = asked(transactions, NOW)
    early = asked(transactions, NOW - SECOND, ordering_key="rollup:2026-04")
    asked(transactions, NOW - SECOND, ordering_key="rollup:2026-04")
    asked(transactions, NOW + SECOND)
    with transactions.begin(OLGA) as work:
        due = work.jobs.due(NOW, NOW, 9)
        assert [(job.id, job.queue) for job in due] == [(early, "cloud_billing"), (late, "cloud_billing")]
        assert not work.jobs.due(NOW, NOW, 9)


def test_a_job_whose_worker_died_is_told_of(transactions: Transactions) -> None:
    job_id = asked(transactions)
    taken(transactions)
    with transactions.begin(OLGA) as work:
        assert not work.jobs.due(NOW + LEASE - SECOND, NOW + LEASE, 9)
        assert [job.id for job in work.jobs.due(NOW + LEASE, NOW + LEASE, 9)] == [job_id]


def test_a_queue_and_names_can_be_asked_for(transactions: Transactions) -> None:
    rollup = asked(transactions)
    with transactions.begin(OLGA) as work:
        meter = work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), NOW)
    with transactions.begin(OLGA) as work:
        assert [job.id for job in work.jobs.due(NOW, NOW, 9, queue="metering")] == [meter]
        assert not work.jobs.due(NOW, NOW, 9, queue="cloud_billing", names=["n"])
        found = work.jobs.due(NOW, NOW, 9, queue="cloud_billing", names=["n", "roll_up_period"])
        assert [job.id for job in found] == [rollup]


def test_a_job_of_another_version_is_left_to_it(transactions: Transactions) -> None:
    job_id = asked(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.claim(job_id, NOW, NOW + LEASE, names=["other"], worker="one") is None
    assert taken(transactions).id == job_id


def test_who_waited_behind_a_job_of_its_key_cannot_be_claimed_by_name(transactions: Transactions) -> None:
    first = asked(transactions, ordering_key="rollup:2026-04")
    second = asked(transactions, ordering_key="rollup:2026-04")
    with transactions.begin(OLGA) as work:
        assert work.jobs.claim(second, NOW, NOW + LEASE, names=NAMES, worker="one") is None
        assert work.jobs.claim(first, NOW, NOW + LEASE, names=NAMES, worker="one") is not None
