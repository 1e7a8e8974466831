"""Give up what is past its time, as the policy says (SPEC 17). Operators only.

Touches raw events by the month, job history, finished jobs, expired answers and rates, and old syncs: never
sums of usage, what was billed, inputs, lines or the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from arcadia_domain.identity import Principal
from arcadia_domain.period import FIRST_DAY, month_of
from arcadia_domain.ports.unit_of_work import DatabaseBusy, Transactions, Work
from arcadia_domain.ports.upkeep import RAW_EVENTS, ByMonth, Dropped, MonthOf, Retention, Upkeep

ROWS_AT_ONCE: Final = 5000
"""Rows that go in one transaction."""

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What went. `not_settled` are months of raw events that are past their time and had to stay; `busy` are
    months that somebody used: they go another time.
    """

    dropped: tuple[MonthOf, ...]
    not_settled: tuple[MonthOf, ...]
    busy: tuple[MonthOf, ...]
    jobs: int
    answers: int
    rates: int
    syncs: int


def retain(
    transactions: Transactions,
    by: Principal,
    *,
    policy: Retention,
    now: datetime,
    limit: int = ROWS_AT_ONCE,
    progress: Callable[[int], object] = lambda _: None,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> Retained:
    """Give up what is older than the policy says. Again, or twice at once: nothing more.

    Each month, and each batch of rows, is a transaction; `progress` is told after it: so many more.
    `must_hold` is the last word of each: what it raises keeps it away. A month that is in use (a backup reads
    it for long) keeps nothing else.
    Raises OperatorsOnly, DatabaseBusy of all but a month.
    """
    by.must_be_operator("give up what is past its time")
    became: dict[MonthOf, Dropped | None] = {}
    for month in _past_their_time(transactions, by, policy, now):
        became[month] = _dropped(transactions, by, month, must_hold)
        progress(1)

    def forgotten(forget: Callable[[Upkeep], Callable[[datetime, int], int]], before: datetime) -> int:
        total = 0
        while True:
            with transactions.begin(by) as work:
                gone = forget(work.upkeep)(before, limit)
                must_hold(work)
            total += gone
            progress(gone)
            if gone < limit:
                return total

    def months(how: Dropped | None) -> tuple[MonthOf, ...]:
        return tuple(month for month, came_to in became.items() if came_to is how)

    return Retained(
        dropped=months(Dropped.DROPPED),
        not_settled=months(Dropped.NOT_SETTLED),
        busy=months(None),
        jobs=forgotten(lambda upkeep: upkeep.forget_jobs, now - policy.jobs_days * _A_DAY),
        answers=forgotten(lambda upkeep: upkeep.forget_answers, now),
        rates=forgotten(lambda upkeep: upkeep.forget_rates, now - _A_DAY),
        syncs=forgotten(lambda upkeep: upkeep.forget_syncs, now - policy.syncs_days * _A_DAY),
    )


def _dropped(
    transactions: Transactions, by: Principal, month: MonthOf, must_hold: Callable[[Work], object]
) -> Dropped | None:
    """What became of a month; None where it is in use."""
    try:
        with transactions.begin(by) as work:
            became = work.upkeep.drop_month(month)
            must_hold(work)
            return became
    except DatabaseBusy:
        return None


def _past_their_time(
    transactions: Transactions, by: Principal, policy: Retention, now: datetime
) -> list[MonthOf]:
    today = now.astimezone(UTC).date()
    with transactions.begin(by) as work:
        return [
            month
            for what in ByMonth
            for month in work.upkeep.months_before(what, _months_before(today, _kept_months(policy, what)))
        ]


def _kept_months(policy: Retention, what: ByMonth) -> int:
    return policy.events_months if what in RAW_EVENTS else policy.history_months


def _months_before(today: date, months: int) -> date:
    """The first day of the month that lies so many before today's: what begins earlier is past its time."""
    start = month_of(today).start
    for _ in range(months):
        if start <= FIRST_DAY:
            break
        start = month_of(start - _A_DAY).start
    return start
