"""The processes without a door: a worker, a scheduler (SPEC 17, 18).

Owns the order, which is that of `serving`: first the address where they say how they are, if they have one.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from typing import Final

import structlog

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap.background import apart, connections_for, relaying, scheduling, working
from arcadia_app.http.server import listening, until_stopped, url_of
from arcadia_app.http.watched import watched
from arcadia_app.settings import METRICS_PORT, DoorSettings, Settings

Open = Callable[[], AbstractContextManager[Arcadia]]

_log: Final = structlog.get_logger("arcadia")


def run_worker(settings: Settings, open_: Open, *, queues: Sequence[str], at_once: int) -> None:
    """Run the jobs of these queues until the process is asked to stop. Raises UnknownBroker, AddressTaken."""
    with (
        until_stopped(),
        _seen_at(settings.door) as listener,
        open_() as app,
        _watched(app, listener),
        apart(app, connections_for(queues, at_once)) as own,
        working(own, own.broker_url, queues=queues, at_once=at_once),
        relaying(own, own.broker_url),
    ):
        _log.info("working", queues=list(queues))
        Event().wait()
    _log.info("stopped")


def run_scheduler(settings: Settings, open_: Open) -> None:
    """Fire the ticks of the schedule until the process is asked to stop. Raises as `run_worker`."""
    with (
        until_stopped(),
        _seen_at(settings.door) as listener,
        open_() as app,
        _watched(app, listener),
        relaying(app, app.broker_url),
        scheduling(app),
    ):
        _log.info("scheduling")
        Event().wait()
    _log.info("stopped")


@contextmanager
def _seen_at(door: DoorSettings) -> Iterator[socket.socket | None]:
    """Where a process without a door says how it is. Raises AddressTaken."""
    if door.metrics_port is None:
        yield None
        return
    with listening(door.host, door.metrics_port, METRICS_PORT) as listener:
        yield listener


@contextmanager
def _watched(app: Arcadia, listener: socket.socket | None) -> Iterator[None]:
    if listener is None:
        yield
        return
    with watched(app, listener):
        _log.info("serving", url=url_of(listener), what="health and metrics")
        yield
