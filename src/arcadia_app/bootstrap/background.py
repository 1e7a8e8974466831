"""What runs beside the doors, or alone: the relay, the workers, the scheduler (SPEC 17, 18).

Owns which of them a process has. Each may run any number of times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
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
from arcadia_app.use_cases.platform.fire_ticks import Tick
from arcadia_domain.ports.jobs import QUEUES
from arcadia_domain.ports.schedule import Calendar

AT_ONCE_IN_SERVE: Final = 2
"""Jobs of a queue at a time in the process that has everything in it: its pool of connections is small."""

_TELLING: Final = RelayOptions()
_TRIES: Final = RunnerOptions()
_CALENDAR: Final = CronCalendar()


@contextmanager
def relaying(app: Arcadia, broker_url: str, options: RelayOptions = _TELLING) -> Iterator[None]:
    """Workers, wherever they are, are told of what is stored. Raises UnknownBroker."""
    broker = broker_at(broker_url)
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
    at_once: int = 2,
    patience: timedelta = timedelta(seconds=20),
    tries: RunnerOptions = _TRIES,
    acts: Mapping[str, Act] = ACTS,
) -> Iterator[None]:
    """The jobs of these queues are run here. Raises UnknownBroker."""
    broker = broker_at(broker_url)
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
    """All of them, in this process. In this order, so that what a tick stores is told of till the end."""
    with ExitStack() as stack:
        stack.enter_context(working(app, broker_url, at_once=AT_ONCE_IN_SERVE, patience=patience))
        stack.enter_context(relaying(app, broker_url))
        stack.enter_context(scheduling(app))
        yield
