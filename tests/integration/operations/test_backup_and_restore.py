"""A backup that is taken under load holds what was answered before it; restored, work goes on (SPEC 17)."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from arcadia_adapters.postgres import migrate, roles
from arcadia_adapters.postgres.embedded import EmbeddedPostgres, find_binaries
from arcadia_adapters.postgres.walls import TENANT_SETTING
from tests.integration.http.serve import Served, arcadia, environment, own_data_dir, serving
from tests.integration.operations.balancer import Balancer
from tests.integration.operations.contents import contents
from tests.integration.operations.load import (
    DEPLOYMENTS,
    Acknowledged,
    Load,
    Tokens,
    jobs_are_done,
    nothing_is_lost_or_doubled,
    writes_are_there_once,
)
from tests.integration.operations.processes import ROOT, settings_of, until
from tests.integration.servers import SYSTEM, Database, NoSuchServer, Server, Servers

DATABASE = "arcadia"
OURS = "SELECT count(*) FROM jobs WHERE state = 'running' AND name = 'ingest_invoice'"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with own_data_dir() as folder:
        yield folder


@pytest.fixture
def other_dir() -> Iterator[Path]:
    with own_data_dir() as folder:
        yield folder


@contextmanager
def ingests_held(server: EmbeddedPostgres) -> Iterator[None]:
    """Jobs that ingest an invoice are in the middle of it until the block ends."""
    with psycopg.connect(server.url(roles.OWNER, DATABASE)) as holder:
        holder.execute("LOCK TABLE cloud_cost_lines IN SHARE MODE")  # a backup reads beside it
        with psycopg.connect(server.url(roles.OWNER, DATABASE), autocommit=True) as watcher:
            until(lambda: watcher.execute(OURS).fetchone() != (0,))
        yield


def tokens_of(served: Served) -> Tokens:
    return Tokens(
        tenant=served.token("acme"),
        gateway=served.token("sky-ai", "llm_gateway", subject="gateway"),
        admin=served.token("sky-ai", "platform_admin", subject="olga"),
    )


def backed_up_under_load(data_dir: Path, file: Path) -> tuple[Acknowledged, Tokens]:
    """What was acknowledged before the backup began, and the tokens that were taken."""
    balancer = Balancer()
    with ExitStack() as stack:
        served = stack.enter_context(serving(data_dir))
        tokens = tokens_of(served)
        load = Load(balancer.send, tokens)
        stack.enter_context(balancer.checking())
        balancer.put(served.url)
        server = stack.enter_context(EmbeddedPostgres(data_dir / "postgres"))
        with load.running():
            load.wait_for_more(30)
            with ingests_held(server):
                before = load.seen.copy()
                done = served.command("backup", str(file), "--json")
            assert done.returncode == 0, done.stderr
            load.wait_for_more(10)
    told = json.loads(done.stdout)
    assert (told["file"], told["size_bytes"]) == (str(file), file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (balancer.failures, load.seen.refused) == ([], [])
    return before, tokens


def test_what_was_answered_before_a_backup_under_load_is_restored_and_its_jobs_are_done_once(
    data_dir: Path, other_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "arcadia.backup"
    before, tokens = backed_up_under_load(data_dir, file)
    restored = arcadia(environment(other_dir), "restore", str(file), "--json")
    assert restored.returncode == 0, restored.stderr
    shutil.copy2(data_dir / "jwt_secret", other_dir)  # as docs/operations.md says
    with EmbeddedPostgres(other_dir / "postgres") as server:
        owner_url = server.url(roles.OWNER, DATABASE)
        assert migrate.check(owner_url) == []
        writes_are_there_once(owner_url, before)
        the_walls_hold(server)
        with psycopg.connect(server.url(server.superuser, DATABASE), autocommit=True) as connection:
            assert connection.execute(OURS).fetchone() != (0,)
            wake_ups = connection.execute("SELECT count(*) FROM arcadia_broker.queue").fetchone()
            assert wake_ups == (0,)
            # As if a minute had passed: nobody holds what the processes of then were doing.
            connection.execute("UPDATE jobs SET lease_until = now() WHERE state = 'running'")
        with serving(other_dir) as again:
            acme = again.bare(Authorization=f"Bearer {tokens.tenant}")  # the same secret
            assert acme.get(DEPLOYMENTS).status_code == 200
            jobs_are_done(owner_url, before)
        nothing_is_lost_or_doubled(owner_url, before)


def the_walls_hold(server: EmbeddedPostgres) -> None:
    count = "SELECT count(*) FROM cloud_deployments"
    with psycopg.connect(server.url(roles.TENANT, DATABASE), autocommit=True) as tenant:
        assert tenant.execute(count).fetchone() == (0,)
        for name, sees in (("acme", True), ("somebody-else", False)):
            tenant.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, name))
            assert (tenant.execute(count).fetchone() != (0,)) == sees


def test_every_row_is_restored_and_nothing_is_written_over(
    data_dir: Path, other_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "arcadia.backup"
    first, second = environment(data_dir), environment(other_dir)
    nothing = arcadia(first, "backup", str(file))
    assert (nothing.returncode, file.exists()) == (1, False)
    assert "(nothing_to_back_up)" in nothing.stderr
    with serving(data_dir, "--sample"):
        pass
    assert arcadia(first, "backup", str(file)).returncode == 0
    again = arcadia(first, "backup", str(file))
    assert (again.returncode, "(file_taken)" in again.stderr) == (1, True)
    assert [one.name for one in tmp_path.iterdir()] == [file.name]

    (tmp_path / "torn").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    torn = arcadia(second, "restore", str(tmp_path / "torn"))
    assert (torn.returncode, "(backup_unusable)" in torn.stderr) == (1, True)
    assert arcadia(second, "restore", str(file)).returncode == 0
    over = arcadia(second, "restore", str(file))
    assert (over.returncode, "(database_not_empty)" in over.stderr) == (1, True)
    with EmbeddedPostgres(data_dir / "postgres") as one, EmbeddedPostgres(other_dir / "postgres") as other:
        was, came = (contents(server.url(roles.OWNER, DATABASE)) for server in (one, other))
    assert was["tenant_invoices"][0] > 0
    assert came == was


def test_a_database_of_ones_own_is_left_to_its_own_programs(named: Database, tmp_path: Path) -> None:
    for words in (("backup", str(tmp_path / "new")), ("restore", __file__)):
        refused = arcadia(settings_of(named), *words)
        assert (refused.returncode, "(database_not_ours)" in refused.stderr) == (1, True)


def documented(marker: str) -> str:
    """The commands of docs/operations.md in the block with this in it."""
    blocks = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    (found,) = [text for block in blocks if marker in (text := block.split("```")[0])]
    return found


def ran(commands: str, database: Database, binaries: Path, folder: Path) -> None:
    """Run them as they stand, by these programs."""
    env = settings_of(database)
    commands = commands.replace("./arcadia", f"'{sys.executable}' -m arcadia_app")
    done = subprocess.run(
        ["sh", "-eu", "-c", commands],
        env={**env, "PATH": f"{binaries}:{env['PATH']}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("version", ["embedded", "oldest"])
def test_a_named_database_is_backed_up_and_restored_as_the_documentation_says(
    version: str, servers: Servers, tmp_path: Path
) -> None:
    try:
        server: Server = servers.get(version)
    except NoSuchServer as reason:
        pytest.skip(str(reason))
    binaries = find_binaries({}) if version == "embedded" else oldest_programs()
    with server.database() as one, server.database(migrated=False) as other:
        assert arcadia(settings_of(one), "seed").returncode == 0
        ran(documented("pg_dump"), one, binaries, tmp_path)
        ran(documented("pg_restore"), other, binaries, tmp_path)
        assert migrate.check(other.owner_url) == []
        assert contents(other.owner_url) == contents(one.owner_url)


def oldest_programs() -> Path:
    versions = sorted((int(one.name), one) for one in SYSTEM.glob("*") if (one / "bin/pg_dump").exists())
    return versions[0][1] / "bin"
