"""A runner that is killed in the middle of a job: another runs it again when its lease has ended."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_domain.ports.jobs import JobState
from tests.april import APRIL
from tests.integration.servers import Database
from tests.world import OLGA, SetClock

ROOT = Path(__file__).resolve().parents[3]


def killed_in_the_middle(database: Database) -> None:
    """Another process takes the job, writes what it writes, and is killed before it commits."""
    urls = (database.tenant_url, database.operator_url, database.gateway_url)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.jobs.killed_runner", *urls],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any(line == "begun\n" for line in process.stdout)
        finally:
            process.kill()  # as kill -9 does


def test_the_job_of_a_killed_process_is_taken_by_another_after_its_lease(
    database: Database, pools: Pools
) -> None:
    clock = SetClock(datetime.now(UTC))
    app = wire_on(PostgresTransactions(pools), clock)
    file = app.sample.invoice_csv()
    with app.transactions.begin(OLGA) as work:
        lines = app.read_invoice(file).lines
        job_id = request_ingest(
            work, OLGA, file=file, lines=lines, period=APRIL, now=clock.at, cause="request-1"
        )
    killed_in_the_middle(database)
    with app.transactions.begin(OLGA) as work:
        left = work.jobs.get(job_id)
    assert left is not None
    assert (left.state, left.attempts, left.done, left.total) == (JobState.RUNNING, 1, 0, 33)

    runner = JobRunner(app)
    assert not runner.run_next()  # its lease is still on
    clock.at = datetime.now(UTC) + RunnerOptions().lease
    assert runner.run_next()
    with app.transactions.begin(OLGA) as work:
        done = work.jobs.get(job_id)
    assert done is not None
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 2)
    assert done.result is not None
    assert (done.result["lines"], done.result["amount_cents"], done.result["changed"]) == (33, 8692, True)
