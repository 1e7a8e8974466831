"""The process that answers: its socket, its threads, and how it stops (SPEC 18).

Owns uvicorn's settings. On SIGTERM or SIGINT it takes no new connection, closes the idle ones and finishes
what it has begun; then `until_stopped` is left, and whoever opened something closes it.
"""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn
from litestar.concurrency import set_asyncio_executor
from litestar.types import ASGIApp

from arcadia_app.http.parser import BoundedProtocol
from arcadia_domain.errors import DomainError

PATIENCE: Final = 20
"""Seconds that requests get to finish: longer than the database lets one wait (for a connection and for a
lock, or for a statement), so that each is answered. With what follows (jobs, the database) less than the 30
after which supervisors commonly kill."""

_KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than load balancers keep theirs (60), so that none sends a
request down a connection that is just being closed."""

_BACKLOG: Final = 2048
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class AddressTaken(DomainError):
    code = "address_taken"
    sentence = (
        "The HTTP door cannot be at {host}, port {port}: {reason}. "
        "ARCADIA_PORT and ARCADIA_HOST say where it is to be."
    )


class DidNotOpen(DomainError):
    code = "did_not_open"
    sentence = "The HTTP door did not open: the reason was logged."


class _Stop(BaseException):
    """Somebody asked this process to stop."""


@contextmanager
def until_stopped() -> Iterator[None]:
    """The block is left, quietly, when it is done or the process is asked to stop."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:  # one is enough: what follows is only closing, and soon done
            signal.signal(each, signal.SIG_IGN)
        raise _Stop

    before = {each: signal.signal(each, stop) for each in _SIGNALS}
    try:
        yield
    except _Stop:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that takes connections at once: who comes before we are ready, waits. Raises AddressTaken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise AddressTaken(host=host, port=port, reason=error.strerror or str(error)) from None
    with made:
        yield made


def url_of(listener: socket.socket) -> str:
    """Where it listens, as a browser names it."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answer(application: ASGIApp, listener: socket.socket, threads: int) -> None:
    """Answer requests until the process is asked to stop, `threads` of them at a time in handlers that
    wait for the database. Raises DidNotOpen.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http=BoundedProtocol,
            ws="none",
            lifespan="on",
            backlog=_BACKLOG,
            log_config=None,
            access_log=False,  # `surroundings` writes the line of each request
            server_header=False,
            proxy_headers=False,  # nothing here asks for the caller's address or scheme
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=PATIENCE,
        )
    )
    executor = ThreadPoolExecutor(threads, thread_name_prefix="request")
    set_asyncio_executor(executor)
    # What is loaded now stays until the end: a full collection would walk it all, in the middle of a batch.
    gc.collect()
    gc.freeze()
    try:
        server.run([listener])
    except SystemExit:
        raise DidNotOpen() from None
    finally:
        set_asyncio_executor(None)
        executor.shutdown(wait=False, cancel_futures=True)  # who is still at it has had its time
