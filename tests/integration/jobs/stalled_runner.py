"""A process that runs one job and stands still before its act writes, for a test that stops it.

Run as `python -m tests.integration.jobs.stalled_runner TENANT_URL OPERATOR_URL GATEWAY_URL`. It says `begun`
before the act's first transaction and goes on when it is told a line; then it says of each of the act's
transactions whether it was `committed` or `undone`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from msgspec import Struct

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from arcadia_domain.ports.unit_of_work import Transactions, Work

OPTIONS: Final = RunnerOptions(lease=timedelta(seconds=1))


class _Watched:
    """Stands still before the first transaction, and says what becomes of each."""

    def __init__(self, store: Transactions) -> None:
        self._store = store
        self._begun = False

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[Work]:
        if not self._begun:
            self._begun = True
            print("begun", flush=True)
            sys.stdin.readline()
        try:
            with self._store.begin(principal) as work:
                yield work
        except BaseException:
            print("undone", flush=True)
            raise
        print("committed", flush=True)


def _watched(act: Act) -> Act:
    def watched(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Struct:
        return act(replace(app, transactions=_Watched(app.transactions)), job, by, progress)

    return watched


def main() -> None:
    with Pools(*sys.argv[1:]) as pools:
        app = wire_on(PostgresTransactions(pools), SystemClock())
        JobRunner(app, OPTIONS, {name: _watched(act) for name, act in ACTS.items()}).run_next()


if __name__ == "__main__":
    main()
