"""What keeping up came to, on the wire: folding, missed days, months made and given up (SPEC 17)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from arcadia_app.use_cases.billing.fold_usage import UsageFolded
from arcadia_app.use_cases.platform.retain import Retained
from arcadia_app.wire.types import Month, Shape
from arcadia_domain.ports.upkeep import MonthOf


class FoldedUsage(Shape):
    """How many deltas were added to the sums of how many days."""

    days: int
    deltas: int

    @classmethod
    def of(cls, folded: UsageFolded) -> FoldedUsage:
        return cls(days=folded.days, deltas=folded.deltas)


class MissedDays(Shape):
    """The days that metering had missed, for each of which there is a job now."""

    days: list[date]


class MonthOfTable(Shape):
    """A month of what is cut into months."""

    table: str
    month: Month


class KeptPartitions(Shape):
    """The months that were made."""

    made: list[MonthOfTable]

    @classmethod
    def of(cls, made: Iterable[MonthOf]) -> KeptPartitions:
        return cls(made=_months(made))


class RetainedRows(Shape):
    """What went, as the policy says. `not_settled`: raw events past their time that had to stay. `busy`:
    months that somebody used, which go another time.
    """

    dropped: list[MonthOfTable]
    not_settled: list[MonthOfTable]
    busy: list[MonthOfTable]
    jobs: int
    answers: int
    rates: int
    syncs: int

    @classmethod
    def of(cls, retained: Retained) -> RetainedRows:
        return cls(
            dropped=_months(retained.dropped),
            not_settled=_months(retained.not_settled),
            busy=_months(retained.busy),
            jobs=retained.jobs,
            answers=retained.answers,
            rates=retained.rates,
            syncs=retained.syncs,
        )


def _months(months: Iterable[MonthOf]) -> list[MonthOfTable]:
    return [MonthOfTable(table=month.what.value, month=f"{month.start:%Y-%m}") for month in months]
