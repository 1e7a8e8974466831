"""The proof that what answers at our address is our server.

Owns the questions asked of a listener and of `postmaster.pid`. Starts and stops nothing.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

import psycopg

from arcadia_adapters.postgres.embedded.cluster import SUPERUSER
from arcadia_adapters.postgres.embedded.errors import ForeignServer
from arcadia_adapters.postgres.embedded.places import Address

_CREDENTIALS = struct.Struct("3i")  # process, user, group: what SO_PEERCRED answers


def prove_ours(address: Address, pgdata: Path, password: str) -> None:
    """Raise `ForeignServer` unless the listener is our process and knows our password.

    With SCRAM both sides prove it, so a stranger who takes any password is found out too.
    Raises `psycopg.OperationalError` while nobody answers or the server is not ready.
    """
    expected = noted_pid(pgdata)
    answering = _listener(address)
    if answering is not None and expected is not None and answering != expected:
        raise ForeignServer(str(address.socket), f"process {answering}, ours is {expected}")
    scram_only = "scram-sha-256" if psycopg.pq.version() >= 160000 else None
    with psycopg.connect(
        host=str(address.socket_dir),
        port=address.port,
        dbname="postgres",
        user=SUPERUSER,
        password=password,
        require_auth=scram_only,
        connect_timeout=10,
        autocommit=True,
    ) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    if row is None or not _same(Path(row[0]), pgdata):
        raise ForeignServer(str(address.socket), f"its data directory is {row and row[0]}")


def status_lines(pgdata: Path) -> list[str]:
    """The lines of `postmaster.pid`: the process first, its status last; none without a server."""
    try:
        return (pgdata / "postmaster.pid").read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []


def noted_pid(pgdata: Path) -> int | None:
    """The process that says it serves `pgdata`; None when there is no such note."""
    try:
        return abs(int(status_lines(pgdata)[0]))
    except (IndexError, ValueError):
        return None


def runs_on(pid: int, pgdata: Path) -> bool:
    """Whether `pid` lives and works in `pgdata`, as a server does (without /proc: lives)."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return not Path("/proc/self").exists() or _same(Path(f"/proc/{pid}/cwd"), pgdata)


def _listener(address: Address) -> int | None:
    """The process that listens at the socket; None when nobody does or the system cannot say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(address.socket))
            answer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except OSError:
            return None
    return int(_CREDENTIALS.unpack(answer)[0]) or None  # 0: it lives in another container


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
