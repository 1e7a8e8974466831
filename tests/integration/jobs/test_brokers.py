"""Jobs over real brokers: what is stored is run, also where the broker was away, or was wiped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from msgspec import Struct

from arcadia_adapters.brokers import UnknownBroker, broker_at
from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Progress
from arcadia_app.jobs.relay import Relay, RelayOptions
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.jobs.workers import Workers, declare, message_of
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import QUEUES, ClaimedJob, JobState, NewJob
from tests.integration.jobs.brokers import Broker
from tests.integration.servers import Database
from tests.world import OLGA

PATIENCE = 60
SOON = RelayOptions(again=timedelta(milliseconds=300), poll=timedelta(milliseconds=50))


class Said(Struct):
    word: str


@pytest.fixture
def app(pools: Pools) -> Arcadia:
    return wire_on(PostgresTransactions(pools), SystemClock())


def asked(app: Arcadia, count: int) -> list[UUID]:
    with app.transactions.begin(OLGA) as work:
        ids = [
            work.jobs.add(
                NewJob(work.new_id(), "act", QUEUES[n % len(QUEUES)], {}, "request-1", "olga"),
                app.clock.now(),
            )
            for n in range(count)
        ]
    app.job_stored.set()
    return ids


def states(app: Arcadia, ids: list[UUID]) -> set[JobState]:
    with app.transactions.begin(OLGA) as work:
        found = [work.jobs.get(job_id) for job_id in ids]
    return {job.state for job in found if job is not None}


class Counted:
    """An act that counts how often each job was done, and tells when so many were."""

    def __init__(self) -> None:
        self.done: dict[UUID, int] = {}
        self._awaited: list[tuple[int, Event]] = []

    def __call__(self, app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        self.done[job.id] = self.done.get(job.id, 0) + 1
        for count, event in self._awaited:
            if len(self.done) >= count:
                event.set()
        return Said("done")

    def wait_for(self, count: int) -> bool:
        event = Event()
        self._awaited.append((count, event))
        if len(self.done) >= count:
            event.set()
        return event.wait(PATIENCE)


@contextmanager
def worked(app: Arcadia, url: str, act: Callable[..., Struct]) -> Iterator[None]:
    """A relay and workers on this broker, beside the block."""
    broker, sender = broker_at(url), broker_at(url)
    declare(sender)
    try:
        with (
            Workers(broker, JobRunner(app, acts={"act": act})).running(),
            Relay(app, lambda job: sender.enqueue(message_of(job)), SOON).running(),
        ):
            yield
    finally:
        sender.close()
        broker.close()


def test_the_database_is_a_broker(app: Arcadia, database: Database) -> None:
    act = Counted()
    with worked(app, database.operator_url, act):
        ids = asked(app, 60)
        assert act.wait_for(60)
    assert act.done == dict.fromkeys(ids, 1)
    assert states(app, ids) == {JobState.SUCCEEDED}


def test_jobs_go_over_the_broker_and_each_is_done_once(app: Arcadia, foreign_broker: Broker) -> None:
    act = Counted()
    with worked(app, foreign_broker.url, act):
        ids = asked(app, 60)
        assert act.wait_for(60)
    assert act.done == dict.fromkeys(ids, 1)


def test_a_broker_that_is_away_loses_nothing_and_nobody_who_stores_waits(
    app: Arcadia, foreign_broker: Broker
) -> None:
    act = Counted()
    with worked(app, foreign_broker.url, act):
        first = asked(app, 10)
        assert act.wait_for(10)
        foreign_broker.stop()
        second = asked(app, 30)
        assert states(app, second) == {JobState.QUEUED}
        foreign_broker.start()
        assert act.wait_for(40)
    assert act.done == dict.fromkeys(first + second, 1)


def test_a_broker_that_is_wiped_loses_nothing(app: Arcadia, foreign_broker: Broker) -> None:
    sender = broker_at(foreign_broker.url)
    declare(sender)
    ids = asked(app, 30)
    Relay(app, lambda job: sender.enqueue(message_of(job))).tell()
    sender.close()
    foreign_broker.wipe()  # with all thirty messages in it
    act = Counted()
    with worked(app, foreign_broker.url, act):
        assert act.wait_for(30)
    assert act.done == dict.fromkeys(ids, 1)


def test_an_address_of_no_broker_is_refused() -> None:
    with pytest.raises(UnknownBroker, match="No broker is known for kafka://"):
        broker_at("kafka://127.0.0.1")
