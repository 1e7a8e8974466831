"""The sandbox as a process, alone, or beside `serve` where no account of DigitalOcean is named (SPEC 18).

Owns how the commands on a data directory find the sandbox of the `serve` that runs on it: by a file, which is
believed only while a sandbox answers where it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final

import httpx
import structlog
import uvicorn

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean.sandbox import Limits, SandboxClock, sandbox, serving
from arcadia_app.http.server import listening, until_stopped, url_of
from arcadia_app.settings import ANY_TOKEN, CloudSettings

_HOST: Final = "127.0.0.1"
"""It takes any token: never reachable from elsewhere."""

_FILE: Final = "sandbox.json"
_PATIENCE: Final = 2.0
"""Seconds for a sandbox on this machine to answer, or to stop."""


def serve_sandbox(*, port: int, extra_droplets: int) -> None:
    """Answer as DigitalOcean would until the process is asked to stop. Raises AddressTaken."""
    log = structlog.get_logger("arcadia")
    with until_stopped(), listening(_HOST, port) as listener:
        app = sandbox(extra_droplets=extra_droplets)
        log.info("serving", url=url_of(listener), what="a local DigitalOcean: sample data, any bearer token")
        uvicorn.Server(serving.config(app)).run([listener])
    log.info("stopped")


@contextmanager
def sandbox_beside(data_dir: Path, clock: SandboxClock | None = None) -> Iterator[CloudSettings]:
    """A sandbox in this process until the block ends, known to the commands on this data directory.

    With a `clock` of its own it has no limits: weeks of calls may have to be made in a minute.
    """
    limits = None if clock is None else Limits.none()
    with listening(_HOST, 0) as listener:
        server = uvicorn.Server(serving.config(sandbox(clock=clock, limits=limits)))
        thread = Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        thread.start()
        url, file = url_of(listener), data_dir / _FILE
        file.write_text(json.dumps({"url": url}))
        structlog.get_logger("arcadia").info("no DigitalOcean is named: a local one is used", sandbox=url)
        try:
            yield CloudSettings(token=ANY_TOKEN, url=url, paced=clock is None)
        finally:
            file.unlink(missing_ok=True)
            server.should_exit = True
            thread.join(_PATIENCE)


def beginning_at(at: datetime) -> SandboxClock:
    """A clock for `serve` and the sandbox beside it: it is `at` now, and /sandbox/clock moves it on."""
    structlog.get_logger("arcadia").warning("the time is set, for all but tokens", now=at.isoformat())
    return SandboxClock(SystemClock(), at=at)


def sandbox_of(data_dir: Path) -> CloudSettings | None:
    """The sandbox of the `serve` that runs on this data directory, if there is one."""
    try:
        url = json.loads((data_dir / _FILE).read_text())["url"]
        answers = httpx.get(f"{url}/sandbox", timeout=_PATIENCE).is_success
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
        return None
    return CloudSettings(token=ANY_TOKEN, url=url) if answers else None
