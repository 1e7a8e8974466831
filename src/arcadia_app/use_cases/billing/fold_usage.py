"""Fold usage: what was appended to a day becomes part of its sum (SPEC 7, data_model rule 8). Operators only.

Owns the order of the batches, each a transaction of its own. What any reader reads stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arcadia_domain.billing.usage import DayOfKind
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Transactions, Work

DAYS_AT_ONCE: Final = 1000
"""Days of kinds in one transaction: a moment each, and a lock on the rows of no more than these."""


@dataclass(frozen=True, slots=True)
class UsageFolded:
    """How many deltas were added to the sums of how many days of kinds."""

    days: int
    deltas: int


def fold_usage(
    transactions: Transactions,
    by: Principal,
    *,
    now: datetime,
    limit: int = DAYS_AT_ONCE,
    progress: Callable[[int], object] = lambda _: None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> UsageFolded:
    """Fold every delta from before `now`. Again, or twice at once: nothing is added twice.

    `progress` is told after each batch: so many days more. `must_hold` is the
    last word of each: what it raises keeps it away. Raises OperatorsOnly.
    """
    by.must_be_operator("fold usage")
    days = deltas = 0
    after: DayOfKind | None = None
    while True:
        with transactions.begin(by) as work:
            folded = work.usage.fold(before=now, after=after, limit=limit)
            must_hold(work)
        days, deltas, after = days + folded.days, deltas + folded.deltas, folded.last
        progress(folded.days)
        if after is None:
            return UsageFolded(days, deltas)
