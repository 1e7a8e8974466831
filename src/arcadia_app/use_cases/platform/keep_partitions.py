"""Keep partitions: each coming month has its place before its first row comes (SPEC 17). Operators only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.unit_of_work import Transactions, Work
from arcadia_domain.ports.upkeep import MonthOf

MONTHS_AHEAD: Final = 2


def keep_partitions(
    transactions: Transactions,
    by: Principal,
    *,
    now: datetime,
    progress: Callable[[int], object] = lambda _: None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> list[MonthOf]:
    """The months that were made: this one and those ahead, and older ones of which rows were waiting.

    Each is a transaction, for it locks a table for a moment. Again, or twice at once: nothing more.
    `progress` is told after each: one more. `must_hold` is the last word of each: what it raises keeps
    it away. Raises OperatorsOnly, DatabaseBusy.
    """
    by.must_be_operator("keep partitions")
    first = last = month_of(now.astimezone(UTC).date())
    for _ in range(MONTHS_AHEAD):
        last = month_of(last.end)
    with transactions.begin(by) as work:
        missing = work.upkeep.missing_months(first.start, last.start)
    made = []
    for month in missing:
        with transactions.begin(by) as work:
            if work.upkeep.add_month(month):
                made.append(month)
            must_hold(work)
        progress(1)
    return made
