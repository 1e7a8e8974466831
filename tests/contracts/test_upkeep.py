"""What every Upkeep must do (ports.upkeep), in memory and on Postgres. Months are tested on a database that a
test may change: `tests/integration/postgres/test_months.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from arcadia_domain.cloud.syncing import Speed, Synced, SyncedScope
from arcadia_domain.identity import Principal
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer, Rate
from arcadia_domain.ports.jobs import ClaimedJob, JobState, NewJob
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.ports.upkeep import Upkeep
from tests.contracts.refusals import refused
from tests.world import ANN, GATEWAY, NOW, OLGA

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
Forget = Callable[[Upkeep], Callable[[datetime, int], int]]


def forgotten(transactions: Transactions, forget: Forget, before: datetime, limit: int = 100) -> int:
    with transactions.begin(OLGA) as work:
        return forget(work.upkeep)(before, limit)


def claimed(transactions: Transactions) -> ClaimedJob:
    with transactions.begin(OLGA) as work:
        job = NewJob(work.new_id(), "n", "metering", {}, "test", "olga")
        work.jobs.add(job, NOW)
        taken = work.jobs.claim(job.id, NOW, NOW + DAY, names=["n"], worker="one")
    assert taken is not None
    return taken


def ended(transactions: Transactions, state: JobState, at: datetime = NOW) -> UUID:
    """A job that ended so."""
    job = claimed(transactions)
    with transactions.begin(OLGA) as work:
        match state:
            case JobState.SUCCEEDED:
                assert work.jobs.succeed(job, {}, at)
            case JobState.DISCARDED:
                assert work.jobs.fail(job, "refused", "It is.", NOW)
                assert work.jobs.discard(job.id, at)
            case _:
                assert work.jobs.fail(job, "refused", "It is.", at, parked=state is JobState.PARKED)
    return job.id


def test_jobs_that_ended_well_go_and_those_that_stopped_or_are_not_done_stay(
    transactions: Transactions,
) -> None:
    went = [ended(transactions, state) for state in (JobState.SUCCEEDED, JobState.DISCARDED)]
    stay = [ended(transactions, state) for state in (JobState.FAILED, JobState.PARKED)]
    stay += [ended(transactions, JobState.SUCCEEDED, NOW + DAY), claimed(transactions).id]
    assert forgotten(transactions, lambda upkeep: upkeep.forget_jobs, NOW) == 0
    assert forgotten(transactions, lambda upkeep: upkeep.forget_jobs, NOW + MOMENT) == 2
    with transactions.begin(OLGA) as work:
        assert [work.jobs.get(job_id) for job_id in went] == [None, None]
        assert None not in [work.jobs.get(job_id) for job_id in stay]
        assert [len(work.jobs.attempts(job_id)) for job_id in stay] == [1, 1, 1, 0]


def test_they_go_in_batches(transactions: Transactions) -> None:
    for _ in range(5):
        ended(transactions, JobState.SUCCEEDED)
    for gone in (2, 2, 1, 0):
        assert forgotten(transactions, lambda upkeep: upkeep.forget_jobs, NOW + DAY, 2) == gone


def test_answers_go_when_they_have_expired(transactions: Transactions) -> None:
    answer = KeptAnswer(b"\x01" * 32, 201, {}, b"{}")
    keys = [AnswerKey("acme", "ann", "POST /api/v1/deployments", f"k-{number}") for number in range(2)]
    with transactions.begin(ANN) as work:
        for number, key in enumerate(keys):
            work.answers.keep(key, answer, NOW + number * DAY)
    assert forgotten(transactions, lambda upkeep: upkeep.forget_answers, NOW + MOMENT) == 1
    with transactions.begin(ANN) as work:
        assert [work.answers.find(key, NOW - DAY) for key in keys] == [None, answer]


def test_places_in_a_rate_go_when_all_has_come_back(transactions: Transactions) -> None:
    rate = Rate(1, timedelta(minutes=1))
    with transactions.begin(ANN) as work:
        assert work.limits.take("acme", rate, NOW) is None
    assert forgotten(transactions, lambda upkeep: upkeep.forget_rates, NOW + timedelta(minutes=1)) == 0
    assert forgotten(transactions, lambda upkeep: upkeep.forget_rates, NOW + DAY) == 1
    with transactions.begin(ANN) as work:
        assert work.limits.take("acme", rate, NOW + DAY) is None


def test_syncs_go_but_for_the_last_complete_one_of_each_speed(transactions: Transactions) -> None:
    scope = SyncedScope(kind="droplet", seen=1, total=1)
    told = [
        (1, Speed.FAST, True),
        (2, Speed.FAST, True),  # the last complete one
        (3, Speed.FAST, False),
        (4, Speed.FULL, True),  # the last complete one
        (5, Speed.SLOW, False),
        (6, Speed.ALL, None),  # it has not ended
        (90, Speed.SLOW, False),  # not old
    ]
    with transactions.begin(OLGA) as work:
        for number, speed, complete in told:
            begun = Synced(
                sync_id=UUID(int=number),
                account="digitalocean",
                speed=speed,
                actor="olga",
                started_at=NOW + number * DAY,
            )
            work.syncs.begin(begun)
            if complete is not None:
                end = replace(begun, finished_at=begun.started_at + DAY / 2, complete=complete)
                work.syncs.finish(replace(end, scopes=(scope,)))
    assert forgotten(transactions, lambda upkeep: upkeep.forget_syncs, NOW + 90 * DAY, 2) == 2
    assert forgotten(transactions, lambda upkeep: upkeep.forget_syncs, NOW + 90 * DAY) == 1
    assert forgotten(transactions, lambda upkeep: upkeep.forget_syncs, NOW + 90 * DAY) == 0
    with transactions.begin(OLGA) as work:
        kept = {one.sync_id.int: len(one.scopes) for one in work.syncs.page(after=None, limit=100)}
    assert kept == {2: 1, 4: 1, 6: 0, 90: 1}


@pytest.mark.parametrize("by", [ANN, GATEWAY], ids=["tenant", "gateway"])
@pytest.mark.parametrize("what", ["jobs", "answers", "rates", "syncs"])
def test_only_operators_give_anything_up(transactions: Transactions, by: Principal, what: str) -> None:
    with refused(), transactions.begin(by) as work:
        getattr(work.upkeep, f"forget_{what}")(NOW, 1)
