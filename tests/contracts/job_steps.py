"""What is asked of the jobs of a store and said of them, in the words of the tests about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from arcadia_domain.ports.jobs import ClaimedJob, Job, NewJob
from arcadia_domain.ports.unit_of_work import Transactions
from tests.world import NOW, OLGA

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)
NAMES = ("roll_up_period", "n")
ERROR = ("internal_error", "ZeroDivisionError")


def asked(transactions: Transactions, at: datetime = NOW, **told: Any) -> UUID:
    with transactions.begin(OLGA) as work:
        facts = {"payload": {"period": "2026-04", "force": False}, "cause": "request-1", "created_by": "olga"}
        job = NewJob(id=work.new_id(), name="roll_up_period", queue="cloud_billing", **{**facts, **told})
        return work.jobs.add(job, at)


def claimed(transactions: Transactions, now: datetime = NOW) -> ClaimedJob | None:
    """The job that has been due longest, told of before or not."""
    with transactions.begin(OLGA) as work:
        due = work.jobs.due(now, now + SECOND, 1)
        if not due:
            return None
        return work.jobs.claim(due[0].id, now, now + LEASE, names=NAMES, worker="one")


def taken(transactions: Transactions, now: datetime = NOW) -> ClaimedJob:
    job = claimed(transactions, now)
    assert job is not None
    return job


def read(transactions: Transactions, job_id: UUID) -> Job:
    with transactions.begin(OLGA) as work:
        job = work.jobs.get(job_id)
    assert job is not None
    return job


def succeeded(transactions: Transactions, job: ClaimedJob, at: datetime = NOW) -> bool:
    with transactions.begin(OLGA) as work:
        return work.jobs.succeed(job, {"created": 2, "failures": []}, at)


def retried(
    transactions: Transactions,
    job: ClaimedJob,
    run_after: datetime = NOW,
    error: tuple[str, str] | None = ERROR,
) -> bool:
    with transactions.begin(OLGA) as work:
        return work.jobs.retry(job, run_after, NOW, error=error)


def parked(transactions: Transactions) -> UUID:
    job_id = asked(transactions, input=b"file", dedupe_key="rollup:2026-04")
    held = taken(transactions)
    with transactions.begin(OLGA) as work:
        assert work.jobs.fail(held, "internal_error", "Five times.", NOW, parked=True)
    return job_id
