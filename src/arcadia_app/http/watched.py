"""Health, readiness and metrics of a process that answers nothing else: worker, scheduler (SPEC 17, 18)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

import uvicorn
from litestar import Litestar
from litestar.di import Provide
from litestar.types import ASGIApp

from arcadia_app.arcadia import Arcadia
from arcadia_app.http import problems
from arcadia_app.http.parser import BoundedProtocol
from arcadia_app.http.platform import health

_PATIENCE: Final = 2.0
"""Seconds that a scrape gets to finish when the process stops."""


@contextmanager
def watched(app: Arcadia, listener: socket.socket) -> Iterator[None]:
    """Answers at the socket, in a thread of its own, until the block ends."""
    config = uvicorn.Config(
        _application(app),
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(_PATIENCE),
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listener],), name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)


def _application(app: Arcadia) -> ASGIApp:
    async def provide_app() -> Arcadia:
        return app

    return Litestar(
        route_handlers=list(health.HANDLERS),
        dependencies={"app": Provide(provide_app)},
        exception_handlers={Exception: problems.answer},
        openapi_config=None,
        logging_config=None,  # the process says how it logs
    )
