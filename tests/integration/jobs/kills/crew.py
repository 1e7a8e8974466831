"""The processes that a test kills, and a spare of each role that stands ready to begin.

Owns starting, beginning and killing them. Kills are SIGKILL.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.integration.servers import Database

ROOT = Path(__file__).resolve().parents[4]
PATIENCE = 60


class Member:
    """A process of a role: loaded, and idle until it begins."""

    def __init__(self, role: str, addresses: list[str], said: IO[bytes]) -> None:
        self.role = role
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.jobs.kills.role", role, *addresses],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )

    @property
    def name(self) -> str:
        """As the rows of its jobs name it."""
        return f"{socket.gethostname()}/{self._process.pid}"

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def begin(self) -> None:
        """Once it is loaded."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "it ended before it was ready"
        self._process.stdin.write(b"begin\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """kill -9: gone when this returns."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def close(self) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


class Crew:
    """So many of each role at work, and a spare of each."""

    def __init__(self, addresses: list[str], said: IO[bytes]) -> None:
        self._addresses = addresses
        self._said = said
        self._all: list[Member] = []
        self._spare: dict[str, Member] = {}
        self.at_work: dict[str, list[Member]] = {}

    def hire(self, role: str, count: int) -> None:
        """So many more of a role begin."""
        for _ in range(count):
            self.at_work.setdefault(role, []).append(self._take(role))
        self._spare_of(role)

    def replace(self, role: str, number: int) -> None:
        """Where one was killed, the spare begins; another spare is started."""
        self.at_work[role][number].close()
        self._all.remove(self.at_work[role][number])
        self.at_work[role][number] = self._take(role)
        self._spare_of(role)

    def dismiss(self, role: str) -> None:
        """All of a role are killed, for good."""
        for member in [*self.at_work.pop(role, []), *self._spare_left(role)]:
            member.close()
            self._all.remove(member)

    def close(self) -> None:
        for member in self._all:
            member.close()

    def _take(self, role: str) -> Member:
        member = self._spare.pop(role, None) or self._start(role)
        member.begin()
        return member

    def _spare_of(self, role: str) -> None:
        if role not in self._spare:
            self._spare[role] = self._start(role)

    def _spare_left(self, role: str) -> list[Member]:
        spare = self._spare.pop(role, None)
        return [] if spare is None else [spare]

    def _start(self, role: str) -> Member:
        member = Member(role, self._addresses, self._said)
        self._all.append(member)
        return member


@contextmanager
def crew(database: Database, broker_url: str, *, attempts: int = 1000) -> Iterator[Crew]:
    """Nobody at work yet; none is left at the end. `attempts`: tries of a job before it is parked.

    What they logged is shown when the block raises.
    """
    urls = [database.tenant_url, database.operator_url, database.gateway_url, broker_url]
    with TemporaryFile() as said:
        made = Crew([*urls, str(attempts)], said)
        try:
            yield made
        except BaseException:
            made.close()
            said.seek(0)
            print(b"\n".join(said.read().splitlines()[-60:]).decode())
            raise
        finally:
            made.close()
