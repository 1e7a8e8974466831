"""Starting one server under its keeper, and waiting until it takes connections.

Owns the wait and the reading of the log. Who may start, and when, is `server`'s to say.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

from arcadia_adapters.postgres.embedded.cluster import server_command
from arcadia_adapters.postgres.embedded.errors import DataDirBusy, ServerDidNotStart
from arcadia_adapters.postgres.embedded.locks import locked
from arcadia_adapters.postgres.embedded.places import Address, Places
from arcadia_adapters.postgres.embedded.proof import noted_pid, runs_on, status_lines

GLANCE_SECONDS = 0.01
_LOG_KEPT_BYTES = 4_000_000
_KEEPER = Path(__file__).with_name("keeper.py")
# A server killed a moment ago may still hold its files: wait for its last process, then go on.
_PASSING = re.compile(r"lock file .* already exists|pre-existing shared memory block")


def launch(places: Places, binaries: Path, durable: bool, deadline: float) -> Address:
    """Start the server; its address once it is ready.

    `deadline` is on the monotonic clock. Raises `ServerDidNotStart` with the log, `DataDirBusy`.
    """
    while True:
        _await_leftover(places, deadline)
        address = places.choose_address()
        log = _open_log(places.log)
        try:
            begin = os.fstat(log).st_size
            report = _run_keeper(places, server_command(places, binaries, address, durable), log)
        finally:
            os.close(log)
        try:
            if _await_ready(places.pgdata, report, deadline):
                return address
        finally:
            os.close(report)
        said = _read_from(places.log, begin)
        if not _PASSING.search(said) or time.monotonic() > deadline:
            raise ServerDidNotStart(places.data_dir, said)
        time.sleep(GLANCE_SECONDS)


def _await_leftover(places: Places, deadline: float) -> None:
    """Let a server whose keeper was killed end (it does, by itself); forget a dead one's note."""
    while (pid := noted_pid(places.pgdata)) is not None:
        if not runs_on(pid, places.pgdata):
            # The number may belong to another process by now, which PostgreSQL could not tell.
            (places.pgdata / "postmaster.pid").unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            raise DataDirBusy(places.data_dir, pid)
        time.sleep(GLANCE_SECONDS)


def _run_keeper(places: Places, command: list[str], log: int) -> int:
    """Start the keeper; the reading end of the pipe on which it tells the server's process id."""
    report, told = os.pipe()
    owners = os.open(places.owners_lock, os.O_RDWR)
    keeper = locked(places.keeper_lock, fcntl.LOCK_EX)
    handed = (owners, keeper, told, log)
    account = places.account
    who = (account.uid, account.gid) if account else (-1, -1)
    # -I -S: only the standard library, whatever PYTHONPATH and the site's packages say.
    words = [sys.executable, "-I", "-S", str(_KEEPER), *map(str, (*handed, *who)), *command]
    try:
        subprocess.run(words, pass_fds=handed, start_new_session=True, cwd="/", check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        os.close(report)
        raise ServerDidNotStart(places.data_dir, str(problem)) from problem
    finally:
        for fd in (owners, keeper, told):
            os.close(fd)
    return report


def _await_ready(pgdata: Path, report: int, deadline: float) -> bool:
    """Whether the server came to take connections; the pipe ends when keeper and server do."""
    told = b""
    while time.monotonic() < deadline:
        if select.select([report], [], [], GLANCE_SECONDS)[0]:
            some = os.read(report, 64)
            if not some:
                return False
            told += some
        lines = status_lines(pgdata)
        noted_by_ours = told.endswith(b"\n") and lines[:1] == [told.decode().strip()]
        if noted_by_ours and len(lines) > 7 and lines[7].strip() == "ready":
            return True
    return False


def _open_log(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LOG_KEPT_BYTES:
            os.replace(path, path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _read_from(path: Path, begin: int) -> str:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read()[-4000:].decode("utf-8", "replace").strip()
