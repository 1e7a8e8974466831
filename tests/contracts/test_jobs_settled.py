"""What stopped waits for an operator, and what is remembered of each job and queue (SPEC 17)."""

from __future__ import annotations

from arcadia_domain.ports.jobs import QUEUES, JobState, NewJob, Outcome, QueueLoad
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.job_steps import (
    ERROR,
    LEASE,
    SECOND,
    asked,
    claimed,
    parked,
    read,
    retried,
    succeeded,
    taken,
)
from tests.world import NOW, OLGA


def test_a_parked_job_waits_for_an_operator_who_may_begin_it_again(transactions: Transactions) -> None:
    job_id = parked(transactions)
    assert read(transactions, job_id).state is JobState.PARKED
    assert claimed(transactions, NOW + 2 * LEASE) is None
    asked(transactions, NOW + 3 * LEASE, dedupe_key="rollup:2026-04")
    with transactions.begin(OLGA) as work:
        assert work.jobs.begin_again(job_id, NOW + SECOND)
        assert not work.jobs.begin_again(job_id, NOW + SECOND)
    again = read(transactions, job_id)
    assert (again.state, again.attempts, again.error_code) == (JobState.QUEUED, 0, None)
    held = taken(transactions, NOW + SECOND)
    assert (held.id, held.input, held.attempts) == (job_id, b"file", 1)


def test_a_job_can_be_discarded_unless_it_runs_or_is_over(transactions: Transactions) -> None:
    waiting, stopped = asked(transactions, NOW + LEASE), parked(transactions)
    running = asked(transactions)
    done = taken(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.discard(waiting, NOW)
        assert work.jobs.discard(stopped, NOW)
        assert not work.jobs.discard(running, NOW)
    assert succeeded(transactions, done)
    with transactions.begin(OLGA) as work:
        assert not work.jobs.discard(running, NOW)
        assert not work.jobs.discard(stopped, NOW)
        assert not work.jobs.begin_again(stopped, NOW)
    assert read(transactions, stopped).state is JobState.DISCARDED
    assert read(transactions, stopped).error_code == "internal_error"
    assert claimed(transactions, NOW + 2 * LEASE) is None


def test_the_history_has_every_try_with_its_outcome(transactions: Transactions) -> None:
    job_id = asked(transactions)
    assert retried(transactions, taken(transactions))
    assert retried(transactions, taken(transactions), error=None)
    lost = taken(transactions)
    held = taken(transactions, NOW + LEASE)
    assert succeeded(transactions, held, NOW + LEASE + SECOND)
    with transactions.begin(OLGA) as work:
        tries = work.jobs.attempts(job_id)
    assert [one.outcome for one in tries] == [
        Outcome.RETRIED,
        Outcome.PUT_BACK,
        Outcome.LOST,
        Outcome.SUCCEEDED,
    ]
    assert [(one.error_code, one.error_detail) for one in tries[:2]] == [ERROR, (None, None)]
    assert (tries[2].attempt, tries[2].ended_at) == (lost.attempts, NOW + LEASE)
    assert (tries[3].began_at, tries[3].ended_at) == (NOW + LEASE, NOW + LEASE + SECOND)
    assert {one.worker for one in tries} == {"one"}


def test_a_late_word_is_not_remembered(transactions: Transactions) -> None:
    job_id = asked(transactions)
    late = taken(transactions)
    taken(transactions, NOW + LEASE)
    assert not succeeded(transactions, late, NOW + LEASE)
    with transactions.begin(OLGA) as work:
        assert [one.outcome for one in work.jobs.attempts(job_id)] == [Outcome.LOST]


def test_the_load_tells_how_every_queue_stands(transactions: Transactions) -> None:
    parked(transactions)
    asked(transactions, NOW - SECOND)
    asked(transactions, NOW + LEASE)
    assert retried(transactions, taken(transactions), NOW - LEASE)
    asked(transactions, NOW - SECOND)
    taken(transactions)
    with transactions.begin(OLGA) as work:
        load = work.jobs.load(NOW)
    assert [one.queue for one in load] == list(QUEUES)
    billing = next(one for one in load if one.queue == "cloud_billing")
    assert billing == QueueLoad("cloud_billing", 2, 1, 0, 1, NOW - SECOND)
    idle = next(one for one in load if one.queue == "metering")
    assert idle == QueueLoad("metering", 0, 0, 0, 0, None)


def test_the_load_tells_of_a_queue_that_only_another_version_knows_last(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        work.jobs.add(NewJob(work.new_id(), "n", "a_later_queue", {}, "c", "olga"), NOW)
        *known, other = work.jobs.load(NOW)
    assert [one.queue for one in known] == list(QUEUES)
    assert other == QueueLoad("a_later_queue", 1, 0, 0, 0, NOW)
