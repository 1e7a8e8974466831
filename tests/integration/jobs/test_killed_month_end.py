"""A month end whose worker is killed again and again, with SIGKILL, ends as one that nobody disturbed.

The instants come from a printed seed. What is compared is every column of every invoice and of all that
belongs to it, by Postgres, byte for byte: both runs are as of one instant, so nothing has to be left out.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
import pytest

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.settings import DatabaseUrls
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.ports.jobs import Job, JobState
from bench.rollup.seed import APRIL, MAY_FIRST, seed
from tests import seeds
from tests.integration.jobs.month_end_worker import ShiftedClock
from tests.integration.servers import Database, Server
from tests.world import OLGA

ROOT: Final = Path(__file__).resolve().parents[3]
PATIENCE: Final = 120
"""Seconds without an invoice more until a test that hangs is a test that fails."""

_UNFINISHED: Final = (JobState.QUEUED, JobState.RUNNING)
_TABLES: Final[dict[str, LiteralString]] = {
    "tenant_invoices": "tenant_id, id",
    "tenant_invoice_lines": "tenant_id, invoice_id, line_no",
    "invoice_inputs": "tenant_id, invoice_id, position",
    "billed_usage": "tenant_id, invoice_id, deployment_id, service_month, kind",
}


@dataclass(frozen=True)
class Size:
    """How large a month, in shards of how many tenants, killed how often, of it so often in the middle."""

    subscriptions: int
    tenants_a_shard: int
    kills: int
    amid: int


SHORT: Final = Size(300, 20, 4, 2)
LONG: Final = Size(10_000, 200, 20, 10)


@dataclass
class Month:
    """A month on a database of its own, and a clock that goes on from when it is to be rolled up."""

    app: Arcadia
    database: Database
    shift: timedelta

    def asked(self) -> UUID:
        with self.app.transactions.begin(OLGA) as work:
            return request_rollup(work, OLGA, period=APRIL, now=self.app.clock.now(), cause="request-1")

    def job(self, job_id: UUID) -> Job:
        with self.app.transactions.begin(OLGA) as work:
            job = work.jobs.get(job_id)
        assert job is not None
        return job

    def invoices(self) -> int:
        (count,) = self.row("SELECT count(*) FROM tenant_invoices")
        return int(count)

    def facts(self) -> dict[str, tuple[Any, ...]]:
        """How many rows each table has, and the hash of all their columns."""
        query: LiteralString = (
            "SELECT count(*), md5(string_agg(CAST(one AS text), '|' ORDER BY {order})) FROM {table} AS one"
        )
        return {
            table: self.row(query.replace("{order}", order).replace("{table}", table))
            for table, order in _TABLES.items()
        }

    def row(self, query: str) -> tuple[Any, ...]:
        with psycopg.connect(self.database.operator_url, options="-c TimeZone=UTC") as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row


@contextmanager
def month(server: Server, size: Size) -> Iterator[Month]:
    """A month of made-up subscriptions. Its run is open: invoices are as of its instant, whoever makes
    them.
    """
    with server.database() as database:
        urls = (database.tenant_url, database.operator_url, database.gateway_url)
        shift = MAY_FIRST - datetime.now(UTC)
        with Pools(*urls) as pools:
            app = wire_on(PostgresTransactions(pools), ShiftedClock(shift))
            seed(
                app,
                DatabaseUrls(
                    tenant=database.tenant_url,
                    operator=database.operator_url,
                    gateway=database.gateway_url,
                    owner=database.owner_url,
                ),
                size.subscriptions,
            )
            with app.transactions.begin(OLGA) as work:
                work.month_end.open_run(APRIL, MAY_FIRST, work.new_id())
            yield Month(app, database, shift)


class Workers:
    """Starts workers, each a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker runs beside the block, and is killed at its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("start\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)  # it says nothing and puts nothing back


@contextmanager
def workers(month: Month, size: Size) -> Iterator[Workers]:
    base = month.database
    urls = (base.tenant_url, base.operator_url, base.gateway_url)
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.integration.jobs.month_end_worker", *urls),
            *(str(size.tenants_a_shard), str(month.shift.total_seconds())),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Workers(process)


def wait_for(month: Month, job_id: UUID, invoices: int) -> None:
    """Until so many are there, or the job is over."""
    pause, seen, since = Event(), -1, time.monotonic()
    while (there := month.invoices()) < invoices and month.job(job_id).state in _UNFINISHED:
        if there != seen:
            seen, since = there, time.monotonic()
        assert time.monotonic() - since < PATIENCE, (there, month.job(job_id))
        pause.wait(0.005)


def killed(month: Month, size: Size, random: Random, job_id: UUID) -> tuple[int, int]:
    """Kill the worker so often, then let one finish: how often, and how often amid the writing."""
    (tenants,) = month.row("SELECT count(*) FROM tenants")
    marks = sorted(random.randrange(tenants * 9 // 10) for _ in range(size.kills))
    kills = amid = 0
    with workers(month, size) as made:
        for mark in marks:
            with made.working():
                wait_for(month, job_id, mark)
                Event().wait(random.uniform(0, 0.03))  # anywhere between one commit and the next
                assert month.job(job_id).state in _UNFINISHED, "it was over too soon"
            kills += 1
            amid += 0 < month.invoices() < tenants
        with made.working():
            wait_for(month, job_id, tenants + 1)
    return kills, amid


def ends_as_an_undisturbed_one(server: Server, size: Size) -> None:
    number = seeds.seed()
    with month(server, size) as undisturbed:
        alone = roll_up_period(undisturbed.app.transactions, OLGA, period=APRIL, now=MAY_FIRST)
        expected = undisturbed.facts()
    with month(server, size) as disturbed:
        job_id = disturbed.asked()
        kills, amid = killed(disturbed, size, Random(number), job_id)
        done, found = disturbed.job(job_id), disturbed.facts()
        print(
            f"seed {number}: {kills} kills, {amid} with some but not all of {alone.created} invoices written"
        )
        assert done.state is JobState.SUCCEEDED, done
        assert done.result is not None
        assert (done.result["created"], done.result["failures"]) == (alone.created, [])
        assert found == expected
        assert kills == size.kills
        assert amid >= size.amid


def test_a_month_end_that_is_killed_ends_as_one_that_is_not(server: Server) -> None:
    ends_as_an_undisturbed_one(server, SHORT)


@pytest.mark.long
def test_a_month_end_of_10_000_subscriptions_killed_20_times_ends_as_one_that_is_not(server: Server) -> None:
    ends_as_an_undisturbed_one(server, LONG)
