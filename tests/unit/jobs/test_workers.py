"""Workers and the relay on a broker in memory: what is stored is run, each queue by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from dramatiq.brokers.stub import StubBroker
from msgspec import Struct

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.hold import JobTaken
from arcadia_app.jobs.relay import Relay, RelayOptions
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.jobs.workers import WorkerOptions, Workers, declare, message_of
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob, DueJob, Job, JobState, NewJob
from arcadia_domain.ports.unit_of_work import DatabaseBusy, Transactions, Work
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW, OLGA

PATIENCE = 30
"""Seconds until a test that hangs is a test that fails."""
NEVER = timedelta(hours=1)


@dataclass
class SetClock:
    """Set by the test, and later each time it is read: no two instants are one."""

    at: datetime = NOW

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


class Said(Struct):
    word: str


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def app(clock: SetClock) -> Arcadia:
    return wire_on(FakeTransactions(), clock)


@pytest.fixture
def broker() -> Iterator[StubBroker]:
    made = StubBroker(middleware=[])
    declare(made)
    yield made
    made.close()


def asked(app: Arcadia, queue: str = "metering", **told: Any) -> UUID:
    with app.transactions.begin(OLGA) as work:
        job = NewJob(work.new_id(), "act", queue, {}, "request-1", "olga", **told)
        stored = work.jobs.add(job, app.clock.now())
    app.job_stored.set()
    return stored


def read(app: Arcadia, job_id: UUID) -> Job:
    with app.transactions.begin(OLGA) as work:
        job = work.jobs.get(job_id)
    assert job is not None
    return job


@contextmanager
def worked(app: Arcadia, broker: StubBroker, act: Act, **options: Any) -> Iterator[None]:
    """A relay and workers beside the block."""
    relay = RelayOptions(poll=NEVER)
    workers = Workers(broker, JobRunner(app, acts={"act": act}), WorkerOptions(**options))
    with workers.running(), Relay(app, lambda job: broker.enqueue(message_of(job)), relay).running():
        yield


def test_what_is_stored_is_run_without_waiting_for_a_poll(app: Arcadia, broker: StubBroker) -> None:
    ran = [Event(), Event()]

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        next(event for event in ran if not event.is_set()).set()
        return Said("run")

    with worked(app, broker, act):
        for event in ran:
            asked(app)
            assert event.wait(PATIENCE)


def test_a_slow_queue_delays_no_other(app: Arcadia, broker: StubBroker) -> None:
    billed, go_on = Event(), Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        if job.queue == "cloud_sync_slow":
            assert go_on.wait(PATIENCE)
        else:
            billed.set()
        return Said("run")

    with worked(app, broker, act, at_once=1):
        slow = [asked(app, "cloud_sync_slow") for _ in range(5)]
        asked(app, "cloud_billing")
        assert billed.wait(PATIENCE)
        assert read(app, slow[4]).state is JobState.QUEUED
        go_on.set()


def test_as_many_of_a_queue_run_at_once_as_are_allowed(app: Arcadia, broker: StubBroker) -> None:
    here, most, ended = [0], [0], Event()
    both = Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        here[0] += 1
        most[0] = max(most[0], here[0])
        if here[0] == 2:
            both.set()
        assert both.wait(PATIENCE)
        here[0] -= 1
        if all(read(app, one).state is not JobState.QUEUED for one in ids):
            ended.set()
        return Said("run")

    ids = [asked(app) for _ in range(6)]
    with worked(app, broker, act, at_once=2):
        assert ended.wait(PATIENCE)
    assert most[0] == 2


def test_a_worker_of_some_queues_leaves_the_others(app: Arcadia, broker: StubBroker) -> None:
    ran = Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        ran.set()
        return Said("run")

    with worked(app, broker, act, queues=("cloud_billing",)):
        other = asked(app, "metering")
        asked(app, "cloud_billing")
        assert ran.wait(PATIENCE)
    assert read(app, other).state is JobState.QUEUED


def test_jobs_of_one_key_run_one_after_the_other_in_order(app: Arcadia, broker: StubBroker) -> None:
    log: list[UUID] = []
    ended = Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        log.append(job.id)
        progress(0, 1)  # a look at the store, in which another would come in between
        log.append(job.id)
        if len(log) == 2 * len(ids):
            ended.set()
        return Said("run")

    ids = [asked(app, ordering_key="k") for _ in range(7)]
    with worked(app, broker, act):
        assert ended.wait(PATIENCE)
    assert log == [one for one in ids for _ in ("begun", "ended")]


def test_who_is_stopped_lets_the_act_end_and_begins_no_other(app: Arcadia, broker: StubBroker) -> None:
    first, second = asked(app), asked(app)
    begun = Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        begun.set()
        assert workers._stopping.wait(PATIENCE)
        return Said("ended")

    workers = Workers(broker, JobRunner(app, acts={"act": act}), WorkerOptions(at_once=1))
    with workers.running():
        broker.enqueue(message_of(DueJob(first, "act", "metering")))
        assert begun.wait(PATIENCE)
    assert read(app, first).state is JobState.SUCCEEDED
    assert read(app, second).state is JobState.QUEUED


def test_a_job_that_takes_too_long_to_stop_is_put_back_and_done_by_the_next(
    app: Arcadia, broker: StubBroker
) -> None:
    job_id = asked(app)
    begun, go_on, heard = Event(), Event(), Event()

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        begun.set()
        go_on.wait(PATIENCE)
        try:
            progress(1, 2)
        except JobTaken:
            heard.set()
            raise
        return Said("too late")

    with worked(app, broker, act, patience=timedelta()):
        assert begun.wait(PATIENCE)
    waiting = read(app, job_id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 0)
    go_on.set()
    assert heard.wait(PATIENCE)
    assert JobRunner(app, acts={"act": lambda *_: Said("done")}).run_next()
    assert read(app, job_id).result == {"word": "done"}


# -- the relay


def test_a_broker_that_is_away_loses_nothing(app: Arcadia, clock: SetClock) -> None:
    job_id, sent, away = asked(app), [], [True]

    def send(job: DueJob) -> None:
        if away[0]:
            raise OSError("refused")
        sent.append(job.id)

    relay = Relay(app, send)
    with pytest.raises(OSError, match="refused"):
        relay.tell()
    away[0] = False
    assert relay.tell() == 1  # at once: nobody was told of it
    assert sent == [job_id]


def test_a_queue_that_cannot_be_reached_keeps_no_other_waiting(app: Arcadia) -> None:
    broken = [asked(app, "metering") for _ in range(2)]
    reached = [asked(app, "cloud_billing") for _ in range(2)]
    sent, away = [], {"metering"}

    def send(job: DueJob) -> None:
        if job.queue in away:
            raise OSError("refused")
        sent.append(job.id)

    relay = Relay(app, send)
    with pytest.raises(OSError, match="refused"):
        relay.tell()
    assert sent == reached
    away.clear()
    assert relay.tell() == 2
    assert sent == [*reached, *broken]


def test_where_the_store_is_away_too_a_job_is_told_of_after_a_while(app: Arcadia, clock: SetClock) -> None:
    job_id, sent = asked(app), []
    store = Away(app.transactions)
    store.refusals = []
    faults: list[Exception] = [OSError("refused")]

    def send(job: DueJob) -> None:
        if faults:
            store.refusals = [DatabaseBusy()]  # to who would take it back
            raise faults.pop()
        sent.append(job.id)

    relay = Relay(replace(app, transactions=store), send)
    with pytest.raises(OSError, match="refused"):
        relay.tell()
    assert (relay.tell(), store.refusals) == (0, [])
    clock.at += RelayOptions().again + timedelta(seconds=1)
    assert relay.tell() == 1
    assert sent == [job_id]


def test_what_nobody_took_is_told_of_again(app: Arcadia, clock: SetClock) -> None:
    sent: list[DueJob] = []
    job_id = asked(app)
    relay = Relay(app, sent.append)
    assert [relay.tell(), relay.tell()] == [1, 0]
    clock.at += RelayOptions().again + timedelta(seconds=1)
    assert relay.tell() == 1
    assert [job.id for job in sent] == [job_id, job_id]


class Away:
    """A store that cannot be reached at first."""

    def __init__(self, store: Transactions) -> None:
        self._store = store
        self.refusals: list[Exception] = [DatabaseBusy(), RuntimeError("the connection broke")]

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[Work]:
        if self.refusals:
            raise self.refusals.pop()
        with self._store.begin(principal) as work:
            yield work


def test_a_relay_outlives_a_store_that_is_away_for_a_while(app: Arcadia) -> None:
    asked(app)
    told = Event()
    away = replace(app, transactions=Away(app.transactions))
    options = RelayOptions(poll=timedelta(milliseconds=1))
    with Relay(away, lambda job: told.set(), options).running():
        assert told.wait(PATIENCE)
