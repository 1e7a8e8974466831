"""A job that waits for others: put back without a try, and due once they are done (SPEC 17)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.job_steps import (
    LEASE,
    SECOND,
    asked,
    claimed,
    read,
    succeeded,
    taken,
)
from tests.world import NOW, OLGA


def waited(
    transactions: Transactions, job: ClaimedJob, until: datetime, why: tuple[str, str] | None = None
) -> bool:
    with transactions.begin(OLGA) as work:
        return work.jobs.wait(job, until, NOW, why=why)


def advanced(transactions: Transactions, job_id: UUID, due_at: datetime | None = NOW) -> Job:
    with transactions.begin(OLGA) as work:
        work.jobs.advance(job_id, done=3, total=5, due_at=due_at)
    return read(transactions, job_id)


def test_a_job_that_waits_for_others_is_due_then_and_its_try_was_none(transactions: Transactions) -> None:
    asked(transactions)
    why = ("shards_stopped", "Begin it again.")
    assert waited(transactions, taken(transactions), NOW + LEASE, why)
    assert claimed(transactions, NOW + LEASE - SECOND) is None
    again = taken(transactions, NOW + LEASE)
    waiting = read(transactions, again.id)
    assert (again.attempts, waiting.error_code, waiting.error_detail) == (1, *why)
    assert waited(transactions, again, NOW + LEASE)
    assert read(transactions, again.id).error_code is None
    with transactions.begin(OLGA) as work:
        assert list(work.jobs.attempts(again.id)) == []
        assert not work.jobs.wait(again, NOW, NOW)  # it is nobody's now


@pytest.mark.parametrize("beforehand", [False, True])
def test_a_job_that_is_advanced_before_or_while_it_waits_is_due_at_once(
    transactions: Transactions, beforehand: bool
) -> None:
    job_id = asked(transactions)
    held = taken(transactions)
    if beforehand:
        advanced(transactions, job_id)
    assert waited(transactions, held, NOW + LEASE)
    if not beforehand:
        assert claimed(transactions) is None
        waiting = advanced(transactions, job_id)
        assert (waiting.state, waiting.done, waiting.total) == (JobState.QUEUED, 3, 5)
    again = taken(transactions)
    assert waited(transactions, again, NOW + LEASE)
    assert claimed(transactions) is None  # it was told once


def test_a_job_can_be_told_how_far_it_is_and_go_on_waiting(transactions: Transactions) -> None:
    job_id = asked(transactions)
    assert waited(transactions, taken(transactions), NOW + LEASE)
    assert advanced(transactions, job_id, due_at=None).done == 3
    assert claimed(transactions) is None


def test_a_job_that_is_over_is_advanced_no_more(transactions: Transactions) -> None:
    job_id = asked(transactions)
    succeeded(transactions, taken(transactions))
    over = read(transactions, job_id)
    assert advanced(transactions, job_id) == over


def test_a_job_that_was_asked_for_again_while_it_ran_may_still_wait(transactions: Transactions) -> None:
    first = asked(transactions, dedupe_key="rollup:2026-04")
    held = taken(transactions)
    assert asked(transactions, dedupe_key="rollup:2026-04") != first
    assert waited(transactions, held, NOW + LEASE)


def test_what_is_asked_for_while_a_job_waits_for_others_is_another(transactions: Transactions) -> None:
    first = asked(transactions, dedupe_key="rollup:2026-04")
    assert waited(transactions, taken(transactions), NOW + LEASE)
    again = asked(transactions, dedupe_key="rollup:2026-04")
    assert again != first
    assert asked(transactions, dedupe_key="rollup:2026-04") == again
