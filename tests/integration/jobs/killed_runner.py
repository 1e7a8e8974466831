"""A process that runs jobs and hangs in the middle of one, for a test that kills it.

Run as `python -m tests.integration.jobs.killed_runner TENANT_URL OPERATOR_URL GATEWAY_URL`. It ingests an
uploaded invoice as the real act does, says `begun` when the lines are written and not committed, and waits.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from msgspec import Struct

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions, PostgresWork
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.runner import JobRunner
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from arcadia_domain.ports.unit_of_work import Transactions


class _NeverCommits:
    def __init__(self, store: Transactions) -> None:
        self._store = store

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[PostgresWork]:
        with self._store.begin(principal) as work:
            assert isinstance(work, PostgresWork)
            yield work
            print("begun", flush=True)
            threading.Event().wait()


def _hangs_in(act: Act) -> Act:
    def hanging(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Struct:
        return act(replace(app, transactions=_NeverCommits(app.transactions)), job, by, progress)

    return hanging


def main() -> None:
    with Pools(*sys.argv[1:]) as pools:
        app = wire_on(PostgresTransactions(pools), SystemClock())
        JobRunner(app, acts={name: _hangs_in(act) for name, act in ACTS.items()}).run_next()


if __name__ == "__main__":
    main()
