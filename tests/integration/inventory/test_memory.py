"""A sync of ten thousand droplets in bounded memory: a page is stored and forgotten (docs/performance.md)."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bench.sync.measure import MEGABYTES, SIZE
from bench.sync.provider import provider_of
from tests.integration.servers import Database

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 300


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
def test_a_process_that_syncs_ten_thousand_droplets_stays_small(database: Database) -> None:
    with provider_of(SIZE) as url:
        for _ in range(2):  # the first, and one that finds everything as it was
            assert peak_of_a_sync(database, url) <= MEGABYTES
    with psycopg.connect(database.operator_url) as connection:
        stored = connection.execute("SELECT count(*) FROM cloud_resources").fetchone()
        complete = connection.execute("SELECT bool_and(complete), count(*) FROM sync_runs").fetchone()
    assert stored is not None
    assert stored[0] >= SIZE
    assert complete == (True, 2)


def peak_of_a_sync(database: Database, url: str) -> int:
    """In megabytes: all of a process that does nothing else, the interpreter and the libraries included."""
    urls = (database.tenant_url, database.operator_url, database.gateway_url, url)
    words = (*urls, "no-key", datetime.now(UTC).isoformat(), "fast")
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.inventory.syncing_process", *words],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)
