"""What runs beside the doors, or alone: the relay, the workers, the scheduler (SPEC 17, 18).

Owns which of them a process has. Each may run any number of times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from arcadia_adapters.brokers import broker_at
from arcadia_adapters.cron import CronCalendar
from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.relay import Relay, RelayOptions
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from arcadia_app.jobs.workers import WorkerOptions, Workers, declare, message_of
from arcadia_app.settings import AT_ONCE
from arcadia_app.use_cases.platform.fire_ticks import Tick
from arcadia_domain.ports.jobs import QUEUES
from arcadia_domain.ports.schedule import Calendar

BESIDE_JOBS: Final = 3
"""Connections for what runs beside jobs: the relay, the scheduler, and one to spare."""

_TO_SEND: Final = 2
_BESIDE_QUEUES: Final = 2
"""Connections to a Postgres that is the broker: one that listens for all queues, one for what is done."""

_TELLING: Final = RelayOptions()
_TRIES: Final = RunnerOptions()
_CALENDAR: Final = CronCalendar()


def connections_for(queues: Collection[str], at_once: int) -> int:
    """Of operators, at most: two for each job that runs at a time, its act's and that of who keeps its lease,
    and those beside.
    """
    return 2 * len(queues) * at_once + BESIDE_JOBS


@contextmanager
def apart(app: Arcadia, connections: int = BESIDE_JOBS) -> Iterator[Arcadia]:
    """The application with so many connections of its own, so that jobs and requests never wait for each
    other's.
    """
    if app.apart is None:
        yield app
        return
    with app.apart(connections) as transactions:
        yield replace(app, transactions=transactions)


@contextmanager
def relaying(app: Arcadia, broker_url: str, options: RelayOptions = _TELLING) -> Iterator[None]:
    """Workers, wherever they are, are told of what is stored. Raises UnknownBroker."""
    broker = broker_at(broker_url, _TO_SEND)
    declare(broker)
    try:
        with Relay(app, lambda job: broker.enqueue(message_of(job)), options).running():
            yield
    finally:
        broker.close()


@contextmanager
def working(
    app: Arcadia,
    broker_url: str,
    *,
    queues: Collection[str] = QUEUES,
    at_once: int = AT_ONCE,
    patience: timedelta = timedelta(seconds=20),
    tries: RunnerOptions = _TRIES,
    acts: Mapping[str, Act] = ACTS,
) -> Iterator[None]:
    """The jobs of these queues are run here. Raises UnknownBroker."""
    broker = broker_at(broker_url, len(queues) + _BESIDE_QUEUES)
    options = WorkerOptions(queues=queues, at_once=at_once, patience=patience)
    try:
        with Workers(broker, JobRunner(app, tries, acts), options).running():
            yield
    finally:
        broker.close()


@contextmanager
def scheduling(app: Arcadia, ticks: Sequence[Tick] = TICKS, calendar: Calendar = _CALENDAR) -> Iterator[None]:
    """The ticks of the schedule are fired."""
    with Scheduler(app, ticks, calendar).running():
        yield


@contextmanager
def everything(app: Arcadia, broker_url: str, patience: timedelta) -> Iterator[None]:
    """All of them, in this process, apart from its requests. In this order, so that what a tick stores is
    told of till the end.
    """
    with ExitStack() as stack:
        own = stack.enter_context(apart(app, connections_for(QUEUES, AT_ONCE)))
        stack.enter_context(working(own, broker_url, patience=patience))
        stack.enter_context(relaying(own, broker_url))
        stack.enter_context(scheduling(own))
        yield
