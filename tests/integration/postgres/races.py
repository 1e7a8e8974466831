"""Two transactions at once, without a sleep: the second is seen to wait for the first, then goes on.

Owns the threads and the looking; what must come of it is said by each test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.ports.unit_of_work import Work
from tests.world import OLGA

_First = TypeVar("_First")
_Second = TypeVar("_Second")
_PATIENCE = 30
"""Seconds until a test that hangs is a test that fails."""

_WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def one_after_the_other(
    pools: Pools,
    first: Callable[[Work], _First],
    second: Callable[[Work], _Second],
    then: Callable[[Work], object] = lambda _: None,
) -> tuple[_First, _Second]:
    """What both came to, when `second` meets `first` done but not committed. It must wait for the commit,
    before which `first` does something more: `then`.
    """
    transactions = PostgresTransactions(pools)

    def run_second() -> _Second:
        with transactions.begin(OLGA) as work:
            return second(work)

    with ThreadPoolExecutor(1) as pool:
        with transactions.begin(OLGA) as work:
            done = first(work)
            waiting = pool.submit(run_second)
            _until_it_waits(pools, waiting)
            then(work)
        return done, waiting.result(_PATIENCE)


def _until_it_waits(pools: Pools, future: Future[_Second]) -> None:
    deadline = time.monotonic() + _PATIENCE
    with pools.operator.connect() as connection:
        while not connection.scalar(_WAITING):
            connection.rollback()
            assert not future.done(), future.result()
            assert time.monotonic() < deadline


def at_once(*acts: Callable[[], _First]) -> list[_First]:
    """What the acts came to, all begun at the same moment, each in a thread of its own."""
    start = Barrier(len(acts), timeout=_PATIENCE)

    def run(act: Callable[[], _First]) -> _First:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(_PATIENCE) for future in [pool.submit(run, act) for act in acts]]
