"""The processes that answer HTTP: `api`, and `serve`, which has everything in it (SPEC 18).

Owns the order: the address first, so that a taken one is told at once; then the database, jobs and requests.
What was opened is closed in the reverse order, when the process is asked to stop.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Final

import structlog

from arcadia_adapters.digitalocean.sandbox import SandboxClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap.background import (
    apart,
    connections_for,
    everything,
    relaying,
    scheduling,
    working,
)
from arcadia_app.bootstrap.local_cloud import beginning_at, sandbox_beside
from arcadia_app.bootstrap.tokens import own_secret, prepare, wire_verifier
from arcadia_app.http.app import HttpOptions, application
from arcadia_app.http.rooms import RoomOptions
from arcadia_app.http.server import Drain, answer, listening, until_stopped, url_of
from arcadia_app.http.watched import watched
from arcadia_app.settings import METRICS_PORT, CloudSettings, DoorSettings, SecretMissing, Settings
from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog
from arcadia_app.use_cases.sample.load_sample import load_sample
from arcadia_domain.identity import operator
from arcadia_domain.ports.clock import Clock

Open = Callable[[], AbstractContextManager[Arcadia]]
OpenWith = Callable[[CloudSettings, Clock | None], AbstractContextManager[Arcadia]]

_BY: Final = operator("serve")

_JOBS_PATIENCE: Final = timedelta(seconds=5)
"""For the job that runs when the process stops: another process, or the next one, runs it again."""

_log: Final = structlog.get_logger("arcadia")


def serve_api(settings: Settings, open_: Open) -> None:
    """Answer until the process is asked to stop. Raises SecretMissing, AddressTaken."""
    if settings.tokens.secret is None:
        raise SecretMissing()
    with (
        until_stopped(),
        listening(settings.door.host, settings.door.port) as listener,
        open_() as app,
        apart(app) as own,
        relaying(own, own.broker_url),
    ):
        _answer(app, listener, settings, settings.tokens.secret)
    _log.info("stopped")


def serve_all(settings: Settings, open_: OpenWith, data_dir: Path, *, sample: bool) -> None:
    """The same, with the catalogue and the `sample`'s tenants made where they are missing, a token secret
    where none is set, and a local DigitalOcean where none is named; where a time is set, both begin at it.
    Raises AddressTaken, SecretUnusable.
    """
    clock = None if settings.clock is None else beginning_at(settings.clock)
    with until_stopped(), listening(settings.door.host, settings.door.port) as listener:
        prepare(data_dir)
        secret = settings.tokens.secret or own_secret(data_dir)
        with _cloud(settings, data_dir, clock) as cloud, open_(cloud, clock) as app:
            with app.transactions.begin(_BY) as work:
                seed_catalog(work, _BY, app.clock.now())
            if sample:
                _load_sample(app)
            with everything(app, app.broker_url, _JOBS_PATIENCE):
                _answer(app, listener, settings, secret)
    _log.info("stopped")


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


@contextmanager
def _cloud(settings: Settings, data_dir: Path, clock: SandboxClock | None) -> Iterator[CloudSettings]:
    if settings.cloud is not None:
        yield settings.cloud
        return
    with sandbox_beside(data_dir, clock) as local:
        yield local


def _load_sample(app: Arcadia) -> None:
    new = load_sample(
        app.transactions,
        _BY,
        account=app.sample.account,
        identity=app.sample.identity,
        droplets=app.sample.droplets(),
        lines=app.read_invoice(app.sample.invoice_csv()).lines,
    )
    _log.info("sample loaded" if new else "sample was loaded before")


def _answer(app: Arcadia, listener: socket.socket, settings: Settings, secret: str) -> None:
    door = settings.door
    asgi = application(
        app,
        wire_verifier(secret, settings.tokens),
        HttpOptions(
            rate=door.rate,
            origins=door.origins,
            rooms=RoomOptions(size=Pools.size, wait=Pools.wait),
        ),
    )
    _log.info("serving", url=url_of(listener))
    # A thread for each place in the three rooms, and two for those who look at the service itself.
    answer(asgi, listener, 3 * Pools.size + 2, Drain(app.stopping, door.drain))
