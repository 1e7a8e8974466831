"""An owner of an embedded server in a process of its own, to be killed, joined and left.

Owns the talk with that process. Run as a program it is the owner: it enters the data directory of
its first argument, prints the superuser's URL, and leaves when its input ends.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import psycopg
import pytest

from arcadia_adapters.postgres.embedded import EmbeddedPostgres

PATIENCE_SECONDS = 30.0

needs_proc = pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="/proc is not mounted (a bare chroot)"
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A short directory that every account may pass (pytest's own is private)."""
    made = Path(tempfile.mkdtemp(prefix="arcadia-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


class Owner:
    """A process that holds the server of `data_dir` until it is left or killed."""

    def __init__(
        self,
        data_dir: Path,
        *,
        python: str = sys.executable,
        user: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [python, __file__, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(env or {})},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
        )

    def __enter__(self) -> Owner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def url(self) -> str:
        """Wait until it has entered; the superuser's URL."""
        out = self._process.stdout
        assert out is not None
        assert select.select([out], [], [], PATIENCE_SECONDS)[0], "the owner did not enter in time"
        line: str = out.readline().decode().strip()
        assert line, "the owner ended without entering; its words are on stderr"
        return line

    def leave(self) -> None:
        """Let it leave and wait until it has ended."""
        self._process.communicate(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        """kill -9: nothing of its own code runs any more."""
        self._process.kill()
        self.leave()


def server_pid(url: str) -> int:
    """The process id of the server that answers at `url`."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (regexp_split_to_array(pg_read_file('postmaster.pid'), '\\n'))[1]::int"
        ).fetchone()
    assert row is not None
    return int(row[0])


def ends(pid: int) -> bool:
    """Wait until the process is gone; False when it still lives after the patience."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], PATIENCE_SECONDS)[0])
    finally:
        os.close(watched)


def main() -> None:
    with EmbeddedPostgres(Path(sys.argv[1])) as server:
        print(server.url(server.superuser, "postgres"), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
