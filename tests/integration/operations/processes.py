"""Processes of one role (`api`, `worker`, `scheduler`), as an operator starts them on a named database.

Owns starting one with the code of a folder, and what it said. `running` stops it as a supervisor does, with
SIGTERM.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.http.serve import PATIENCE, environment
from tests.integration.servers import Database

ROOT = Path(__file__).resolve().parents[3]
SRC = ROOT / "src"
SECRET = "a secret of these tests, which is as long as HS512 asks for: 64 bytes"

_BEGUN = {"api": "serving", "serve": "serving", "worker": "working", "scheduler": "scheduling"}
"""What each says when it is up."""


def settings_of(database: Database, src: Path = SRC, **more: str) -> dict[str, str]:
    """The environment of every process on this database, run by the code of a folder."""
    return environment(
        Path("/nowhere"),
        ARCADIA_DATABASE_URL=database.tenant_url,
        ARCADIA_DATABASE_OPERATOR_URL=database.operator_url,
        ARCADIA_DATABASE_GATEWAY_URL=database.gateway_url,
        ARCADIA_DATABASE_OWNER_URL=database.owner_url,
        ARCADIA_JWT_SECRET=SECRET,
        PYTHONPATH=str(src),
        **more,
    )


def until(come: Callable[[], bool], otherwise: Callable[[], str] = lambda: "it did not come") -> None:
    """Wait for something that cannot be waited on."""
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        if come():
            return
        pause.wait(0.05)
    raise AssertionError(otherwise())


@dataclass
class Process:
    """A running process and the lines of its log, so far."""

    role: str
    popen: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    up: threading.Event = field(default_factory=threading.Event)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in list(self.said) if line.startswith("{")]

    @property
    def url(self) -> str:
        """Where it answers."""
        (url,) = {line["url"] for line in self.lines() if line["event"] == "serving" and "what" not in line}
        return str(url)

    def told(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["event"] == event]

    def stop(self) -> int:
        """Its exit status; asked twice, the same."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(PATIENCE)

    def listen(self) -> None:
        """Keep what it says till its end."""
        assert self.popen.stderr is not None
        for line in self.popen.stderr:
            self.said.append(line)
            if line.startswith("{") and json.loads(line)["event"] == _BEGUN[self.role]:
                self.up.set()
        self.up.set()


@contextmanager
def running(role: str, env: Mapping[str, str], *words: str) -> Iterator[Process]:
    """A process of this role, up, until the block ends."""
    popen = subprocess.Popen(
        [sys.executable, "-m", "arcadia_app", role, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    process = Process(role, popen)
    listener = threading.Thread(target=process.listen, daemon=True)
    listener.start()
    try:
        assert process.up.wait(PATIENCE), process.said
        assert popen.poll() is None, process.said
        yield process
        process.stop()
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.wait(PATIENCE)
        listener.join(PATIENCE)
        assert popen.stderr is not None
        popen.stderr.close()
