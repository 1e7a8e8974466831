"""kill -9 of whoever is there: nothing is lost, nothing stays behind, the next start recovers."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from arcadia_adapters.postgres.embedded import EmbeddedPostgres
from tests.integration.postgres.embedded_owner import Owner, ends, home, needs_proc, server_pid

__all__ = ["home"]


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


def test_a_killed_server_is_started_again_by_the_next_owner_and_keeps_what_was_committed(
    home: Path,
) -> None:
    with EmbeddedPostgres(home / "db") as first:
        url = first.url(first.superuser, "postgres")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        killed = server_pid(url)
        os.kill(killed, signal.SIGKILL)
        with EmbeddedPostgres(home / "db") as second:
            assert second.url(second.superuser, "postgres") == url, "who held it can go on"
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            again = server_pid(url)
            assert again != killed
        assert server_pid(url) == again, "the first owner still holds it"
    assert ends(again)


def test_a_server_whose_only_owner_was_killed_ends(home: Path) -> None:
    owner = Owner(home / "db")
    pid = server_pid(owner.url())
    owner.kill()
    assert ends(pid)
    with EmbeddedPostgres(home / "db") as server:
        assert server_pid(server.url(server.superuser, "postgres")) != pid


def test_a_server_with_another_owner_outlives_a_killed_one(home: Path) -> None:
    owner = Owner(home / "db")
    pid = server_pid(owner.url())
    with EmbeddedPostgres(home / "db") as server:
        owner.kill()
        assert server_pid(server.url(server.superuser, "postgres")) == pid
    assert ends(pid)


@needs_proc
def test_a_server_whose_keeper_was_killed_ends_and_the_next_owner_has_a_new_one(
    home: Path,
) -> None:
    with EmbeddedPostgres(home / "db") as first:
        url = first.url(first.superuser, "postgres")
        pid = server_pid(url)
        keeper = _parent(pid)
        os.kill(keeper, signal.SIGKILL)
        assert ends(keeper)
        with EmbeddedPostgres(home / "db") as second:
            assert second.url(second.superuser, "postgres") == url
            assert server_pid(url) != pid
    assert ends(pid)


@needs_proc
def test_owner_server_and_keeper_all_killed_leave_a_directory_that_starts(home: Path) -> None:
    owner = Owner(home / "db")
    pid = server_pid(owner.url())
    keeper = _parent(pid)
    os.kill(keeper, signal.SIGSTOP)  # so that it cannot stop the server in good order
    os.kill(pid, signal.SIGKILL)
    os.kill(keeper, signal.SIGKILL)
    owner.kill()
    assert ends(keeper)
    with EmbeddedPostgres(home / "db") as server:
        assert server_pid(server.url(server.superuser, "postgres")) != pid


@pytest.mark.parametrize(
    "left", ["half an initdb", "a broken address", pytest.param("a stale process note", marks=needs_proc)]
)
def test_what_a_killed_start_leaves_behind_is_cleared_away(home: Path, left: str) -> None:
    with EmbeddedPostgres(home / "db") as server:
        pid = server_pid(server.url(server.superuser, "postgres"))
    pgdata = home / "db" / "pgdata"
    match left:
        case "half an initdb":
            os.rename(pgdata, home / "db" / "pgdata.new")
            (home / "db" / "pgdata.new" / "global" / "pg_control").unlink()
        case "a broken address":
            (home / "db" / "address.json").write_text('{"socket_dir": 7', encoding="ascii")
        case _:  # a number that belongs to a process of somebody else by now: this one
            (pgdata / "postmaster.pid").write_text(f"{os.getpid()}\n{pgdata}\n", encoding="ascii")
    with EmbeddedPostgres(home / "db") as server:
        assert server_pid(server.url(server.superuser, "postgres")) != pid
