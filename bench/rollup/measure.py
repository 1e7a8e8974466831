"""Times roll_up_period beside its floor, each on a copy of the same month, both waiting for the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from arcadia_app.arcadia import FreshDatabases, Wiring
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from bench.paired import Act, measure
from bench.results import Goal, NotEqualWork, Result, throughput
from bench.rollup.floor import roll_up_floor
from bench.rollup.proof import Facts, facts_of, prove_equal
from bench.rollup.seed import APRIL, BY, MAY_FIRST, seed

GOAL = Goal(0.6, at_least=True)
SIZE = 1000
"""Subscriptions, unless --size says otherwise."""
PAIRS = 7


def measure_rollup(wiring: Wiring, size: int | None, say: Callable[[str], None]) -> Result:
    """Subscriptions a second, from the first statement to the last commit. Raises NotEqualWork."""
    size = size or SIZE
    with wiring.throwaway(durable=True) as server:
        say(f"making a month of {size} subscriptions")
        template = server.template(lambda app, urls: seed(app, urls, size))
        seen: dict[str, Facts] = {}
        say(f"timing {PAIRS} pairs, each run on a copy of its own")
        measured = measure(
            lambda: _ours(server, template, seen),
            lambda: _floor(server, template, seen),
            pairs=PAIRS,
            progress=lambda done: say(f"{done} of {PAIRS}"),
        )
    low, high = measured.spread
    say(f"the same invoices from every run; ours ÷ floor in time from {low:.2f} to {high:.2f}")
    return throughput("rollup", measured.median, size, "subscriptions/s", GOAL)


@contextmanager
def _ours(server: FreshDatabases, template: str, seen: dict[str, Facts]) -> Iterator[Act]:
    with server.copy(template) as (app, urls):
        with app.transactions.begin(BY) as work:
            work.tenants.tax_rates()  # connected, as the floor is
        yield lambda: roll_up_period(app.transactions, BY, period=APRIL, now=MAY_FIRST)
        _compare("ours", facts_of(urls.operator), seen)


@contextmanager
def _floor(server: FreshDatabases, template: str, seen: dict[str, Facts]) -> Iterator[Act]:
    with server.copy(template) as (_, urls):
        with psycopg.connect(urls.operator, autocommit=True) as connection:
            yield lambda: roll_up_floor(connection, APRIL, MAY_FIRST)
        _compare("floor", facts_of(urls.operator), seen)


def _compare(side: str, facts: Facts, seen: dict[str, Facts]) -> None:
    """Hold each run's month against the first of its side, and the sides against each other."""
    if seen.setdefault(side, facts) != facts:
        raise NotEqualWork(f"two runs of one side ({side}) left different months")
    if len(seen) == 2:
        prove_equal(seen["ours"], seen["floor"])
