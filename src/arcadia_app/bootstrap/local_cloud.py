"""The sandbox as a process: a local DigitalOcean, alone (SPEC 18)."""

from __future__ import annotations

from typing import Final

import structlog
import uvicorn

from arcadia_adapters.digitalocean.sandbox import sandbox, serving
from arcadia_app.http.server import listening, until_stopped, url_of

_HOST: Final = "127.0.0.1"
"""It takes any token: never reachable from elsewhere."""


def serve_sandbox(*, port: int, extra_droplets: int) -> None:
    """Answer as DigitalOcean would until the process is asked to stop. Raises AddressTaken."""
    log = structlog.get_logger("arcadia")
    with until_stopped(), listening(_HOST, port) as listener:
        app = sandbox(extra_droplets=extra_droplets)
        log.info("serving", url=url_of(listener), what="a local DigitalOcean: sample data, any bearer token")
        uvicorn.Server(serving.config(app)).run([listener])
    log.info("stopped")
