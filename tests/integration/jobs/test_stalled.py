"""A process that stands still past its lease, as a paused machine does, and wakes when its job was done.

What it still does is undone: the transaction of its act must hold the job, and it has it no more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.use_cases.billing.request_folding import request_folding
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_app.use_cases.cloud.request_metering import request_metering
from arcadia_domain.ports.jobs import Outcome
from arcadia_domain.ports.unit_of_work import Work
from tests.april import APRIL
from tests.integration.servers import Database
from tests.waiting import until
from tests.world import OLGA

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60
"""Seconds until a test that hangs is a test that fails."""
CAUSE = "request-1"


def ingest(app: Arcadia, work: Work, now: datetime) -> UUID:
    file = app.sample.invoice_csv()
    lines = app.read_invoice(file).lines
    return request_ingest(work, OLGA, file=file, lines=lines, period=APRIL, now=now, cause=CAUSE)


def metering(app: Arcadia, work: Work, now: datetime) -> UUID:
    return request_metering(work, OLGA, day=date(2026, 4, 1), now=now, cause=CAUSE)


def folding(app: Arcadia, work: Work, now: datetime) -> UUID:
    return request_folding(work, OLGA, now=now, cause=CAUSE)


@contextmanager
def begun(database: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has a job in its hands and is about to write."""
    urls = (database.tenant_url, database.operator_url, database.gateway_url)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.jobs.stalled_runner", *urls],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any(line == "begun\n" for line in process.stdout)
            yield process
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str]) -> None:
    """It stands still when this returns, and has been told to go on."""
    os.kill(process.pid, signal.SIGSTOP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


def done_by_another(app: Arcadia) -> None:
    """As soon as the lease has ended."""
    until(JobRunner(app).run_next)


@pytest.mark.parametrize("asked", [ingest, metering, folding])
def test_a_process_that_wakes_when_another_has_done_its_job_commits_nothing(
    database: Database, pools: Pools, asked: Callable[[Arcadia, Work, datetime], UUID]
) -> None:
    app = wire_on(PostgresTransactions(pools), SystemClock())
    with app.transactions.begin(OLGA) as work:
        job_id = asked(app, work, datetime.now(UTC))
    with begun(database) as process:
        stopped(process)
        done_by_another(app)
        os.kill(process.pid, signal.SIGCONT)
        assert process.stdout is not None
        told = process.stdout.read().splitlines()  # and what it logs
        assert [line for line in told if line in {"committed", "undone"}] == ["undone"]
        assert process.wait(PATIENCE) == 0
    with app.transactions.begin(OLGA) as work:
        tries = [one.outcome for one in work.jobs.attempts(job_id)]
    assert tries == [Outcome.LOST, Outcome.SUCCEEDED]
