"""The processes that answer HTTP: `api`, and `serve`, which has everything in it (SPEC 18).

Owns the order: the address first, so that a taken one is told at once; then the database, jobs and requests.
What was opened is closed in the reverse order, when the process is asked to stop.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from arcadia_adapters.digitalocean.sandbox import SandboxClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap.background import apart, everything, relaying
from arcadia_app.bootstrap.local_cloud import beginning_at, sandbox_beside
from arcadia_app.bootstrap.tokens import own_secret, prepare, wire_verifier
from arcadia_app.http.app import HttpOptions, application
from arcadia_app.http.rooms import RoomOptions
from arcadia_app.http.server import Drain, answer, listening, until_stopped, url_of
from arcadia_app.settings import CloudSettings, SecretMissing, Settings
from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog
from arcadia_app.use_cases.sample.load_sample import load_sample
from arcadia_domain.identity import operator
from arcadia_domain.ports.clock import Clock

Open = Callable[[], AbstractContextManager[Arcadia]]
OpenWith = Callable[[CloudSettings, Clock | None], AbstractContextManager[Arcadia]]

_BY: Final = operator("serve")

_JOBS_PATIENCE: Final = timedelta(seconds=5)
"""For the jobs that run when the process stops: another process, or the next one, runs them again."""

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
