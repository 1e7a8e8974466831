"""The process that answers: its socket, its threads, and how it stops (SPEC 18).

Owns uvicorn's settings. On SIGTERM or SIGINT it is ready no more, and answers on for as long as a load
balancer needs to learn that; then it takes no new connection, closes the idle ones and finishes what it has
begun; then `until_stopped` is left, and whoever opened something closes it.
"""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic
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
        "Nobody can be answered at {host}, port {port}: {reason}. "
        "{setting} and ARCADIA_HOST say where it is to be."
    )


class DidNotOpen(DomainError):
    code = "did_not_open"
    sentence = "The HTTP door did not open: the reason was logged."


@dataclass(frozen=True, slots=True)
class Drain:
    """`stopping` is set when the process is asked to stop; `time` later it takes no new connection."""

    stopping: Event
    time: timedelta


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
def listening(host: str, port: int, setting: str = "ARCADIA_PORT") -> Iterator[socket.socket]:
    """A socket that takes connections at once: who comes before we are ready, waits. Raises AddressTaken,
    which names the setting of the port.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressTaken(host=host, port=port, reason=reason, setting=setting) from None
    with made:
        yield made


def url_of(listener: socket.socket) -> str:
    """Where it listens, as a browser names it."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn's, which can be told that it will stop before it does."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain
        self._asked: tuple[int, float] | None = None
        """The signal, and when to stop for it."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._drain.stopping.is_set() or not self._drain.time:
            self._drain.stopping.set()
            super().handle_exit(sig, frame)  # asked twice, it stops at once
            return
        self._drain.stopping.set()
        self._asked = sig, monotonic() + self._drain.time.total_seconds()
        # Whoever keeps a connection is not to send a request down it just when it is closed.
        closing = (b"connection", b"close")
        self.config.encoded_headers.append(closing)
        self.server_state.default_headers = [*self.server_state.default_headers, closing]

    async def on_tick(self, counter: int) -> bool:
        if self._asked is not None and monotonic() >= self._asked[1]:
            super().handle_exit(self._asked[0], None)
        return await super().on_tick(counter)


def answer(application: ASGIApp, listener: socket.socket, threads: int, drain: Drain) -> None:
    """Answer requests until the process is asked to stop, `threads` of them at a time in handlers that
    wait for the database. Raises DidNotOpen.
    """
    server = _Server(
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
        ),
        drain,
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
