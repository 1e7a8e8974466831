"""Real brokers for a test: the database itself, RabbitMQ, Redis. Each is a process that can be killed.

Owns starting and stopping them; what is installed is used, else the test is skipped with the reason. Where
ARCADIA_CI is set (.ci/run) it fails instead: what is not tried there is tried nowhere.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import NoReturn, Protocol

import pytest

PATIENCE = 180
"""Seconds for a broker to start."""
_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_LOTS = SystemRandom()


class NoSuchBroker(Exception):
    """It is not installed here; the text is the reason to skip."""


def do_without(reason: NoSuchBroker) -> NoReturn:
    """Skip the test, or fail it in CI."""
    if os.environ.get("ARCADIA_CI"):
        pytest.fail(f"{reason}, and CI does not do without", pytrace=False)
    pytest.skip(str(reason))


class Broker(Protocol):
    """A broker of one test."""

    url: str

    def stop(self) -> None:
        """Away at once, as when its machine dies."""
        ...

    def start(self) -> None:
        """There again, with what it kept."""
        ...

    def wipe(self) -> None:
        """Away, and there again with nothing in it."""
        ...


class Redis:
    """redis-server on a free port, which keeps what it has in memory only."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise NoSuchBroker("redis-server is not installed")
        self._port = _free_port()
        self._command = [program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._command += ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(folder)]
        self._folder = folder
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        _wait_for(self._port, self._process)

    def stop(self) -> None:
        _kill(self._process, self._port)

    def wipe(self) -> None:
        self.stop()
        for kept in self._folder.iterdir():
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        self.start()


class RabbitMQ:
    """rabbitmq-server, a node of its own name in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        if not _RABBITMQ.exists():
            raise NoSuchBroker("rabbitmq-server is not installed")
        self._port, distribution, mapper = _free_port(), _free_port(), _free_port()
        self._folder = folder
        (folder / "plugins").write_text("[].")
        self._env = {
            **os.environ,
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "RABBITMQ_NODENAME": f"arcadia{self._port}@localhost",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        }
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(_RABBITMQ)],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait_for(self._port, self._process)

    def stop(self) -> None:
        _kill(self._process, self._port)
        # The mapper of names goes on by itself otherwise.
        subprocess.run(["epmd", "-kill"], env=self._env, capture_output=True, check=False)

    def wipe(self) -> None:
        self.stop()
        shutil.rmtree(self._folder / "mnesia", ignore_errors=True)
        self.start()


@contextmanager
def running(kind: type[Redis] | type[RabbitMQ]) -> Iterator[Broker]:
    """A broker of its own until the block ends. Raises NoSuchBroker."""
    folder = Path(tempfile.mkdtemp(prefix="arcadia-broker-"))
    broker = kind(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    """Below those that a connection is given by itself: else one could have it while the broker is away."""
    while True:
        port = _LOTS.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it takes connections."""

    def started() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the broker ended with {process.returncode}")
        return _answers(port)

    _until(started, "the broker did not start")


def _kill(process: subprocess.Popen[bytes] | None, port: int) -> None:
    """With all that it started; gone when nobody answers at its port any more."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
    _until(lambda: not _answers(port), "the broker did not end")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _until(come: Callable[[], bool], otherwise: str) -> None:
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not come():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        pause.wait(0.05)
