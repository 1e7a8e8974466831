"""What keeps the store in shape as time goes by: its months, and what is kept for a while only (SPEC 17).

Raw events and job history are cut into months. Nothing else is ever given up by the month: sums, what was
billed, invoices and their lines stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ByMonth(StrEnum):
    """What is cut into months."""

    USAGE_EVENTS = "usage_events"
    LLM_USAGE_EVENTS = "llm_usage_events"
    JOB_HISTORY = "job_history"


RAW_EVENTS = frozenset({ByMonth.USAGE_EVENTS, ByMonth.LLM_USAGE_EVENTS})
"""What invoices are made from: a month of it goes only once it is settled."""


@dataclass(frozen=True, slots=True, order=True)
class MonthOf:
    """A month of something; `start` is its first day."""

    what: ByMonth
    start: date


class Dropped(StrEnum):
    """What became of a month that was to go."""

    DROPPED = "dropped"
    NOT_THERE = "not_there"
    NOT_SETTLED = "not_settled"
    """A tenant with events in it has no issued invoice of that month, or one with other charges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long things are kept. Months are whole ones, before that of today."""

    events_months: int = 25
    """Raw events: also for longer, until their month is settled."""
    history_months: int = 13
    """The history of jobs."""
    jobs_days: int = 30
    """Jobs that succeeded or were discarded."""
    syncs_days: int = 90


class Upkeep(Protocol):
    """For operators and workers. What is forgotten is so in batches: again until it is fewer than `limit`."""

    def missing_months(self, first: date, last: date) -> Sequence[MonthOf]:
        """The months without a place of their own: of those from the month of `first` to that of `last`, and
        of those with rows that wait for one; in order.
        """
        ...

    def add_month(self, month: MonthOf) -> bool:
        """Make its place, and move what waited for it there. False: it is there already.

        Waits only a moment for those who use the table; then the transaction ends with DatabaseBusy.
        """
        ...

    def months_before(self, what: ByMonth, start: date) -> Sequence[MonthOf]:
        """The months of it that have a place and begin before `start`, in order."""
        ...

    def drop_month(self, month: MonthOf) -> Dropped:
        """Give up a month with all that is in it; of raw events only one that is settled.

        Waits as `add_month` does.
        """
        ...

    def forget_jobs(self, before: datetime, limit: int) -> int:
        """Give up jobs that succeeded, or were discarded, before an instant; what stopped stays."""
        ...

    def forget_answers(self, before: datetime, limit: int) -> int:
        """Give up answers kept for a key that expired before an instant."""
        ...

    def forget_rates(self, before: datetime, limit: int) -> int:
        """Give up places in a rate limit where all that was used had come back before an instant."""
        ...

    def forget_syncs(self, before: datetime, limit: int) -> int:
        """Give up syncs begun before an instant; of each account and speed the last complete one stays, and
        one that has not ended.
        """
        ...
