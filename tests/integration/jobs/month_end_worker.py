"""Processes that work off the jobs of a month end until they are killed, for a test that kills them.

Run as `python -m tests.integration.jobs.month_end_worker TENANT_URL OPERATOR_URL GATEWAY_URL TENANTS SHIFT`:
TENANTS in a shard, SHIFT seconds from the machine's clock to its own. For each line that it reads it starts a
worker, a process forked off before there is any thread or connection, and says its process id.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Final

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.billing_acts import billing_acts
from arcadia_app.jobs.runner import JobRunner, RunnerOptions

OPTIONS: Final = RunnerOptions(lease=timedelta(seconds=1), attempts=1000, pause=timedelta(milliseconds=10))
"""A lease that is soon over, and tries that kills do not use up."""
AT_ONCE: Final = 2


@dataclass(frozen=True)
class ShiftedClock:
    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


def _work(runner: JobRunner) -> None:
    idle = Event()
    while True:
        if not runner.run_next():
            idle.wait(0.02)


def _worker(urls: list[str], tenants: int, shift: timedelta) -> None:
    with Pools(*urls) as pools:
        app = wire_on(PostgresTransactions(pools), ShiftedClock(shift))
        acts = {**ACTS, **billing_acts(tenants)}
        threads = [Thread(target=_work, args=(JobRunner(app, OPTIONS, acts),)) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main() -> None:
    *urls, tenants, shift = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # where it logs is not where ids are said
            _worker(urls, int(tenants), timedelta(seconds=float(shift)))
        print(pid, flush=True)


if __name__ == "__main__":
    main()
