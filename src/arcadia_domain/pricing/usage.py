"""Usage of a month: what was used of each kind on each day, and how a kind's days become its month (SPEC 3).

Owns the check at the pricing door. How usage is recorded and whose word counts is billing/usage's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from arcadia_domain.errors import DomainError
from arcadia_domain.period import Period
from arcadia_domain.pricing.kinds import ResourceKind, resource_kind
from arcadia_domain.quantity import from_micro, to_micro

UsageByDay = Mapping[str, Mapping[date, Decimal]]
"""Kind -> day -> quantity in base units. Of a peak kind, the day's quantity is the day's level."""

MicroByDay = dict[str, dict[date, int]]
"""The same in whole millionths, without days of nothing."""


@dataclass(frozen=True, slots=True)
class KindUsage:
    """What a month used of one kind, and what it includes of it, in millionths of the base unit."""

    kind: ResourceKind
    used_micro: int
    allowance_micro: int

    @property
    def used(self) -> Decimal:
        return from_micro(self.used_micro)

    @property
    def allowance(self) -> Decimal:
        return from_micro(self.allowance_micro)

    @property
    def overage(self) -> Decimal:
        """What lies beyond the allowance, before any cap."""
        return from_micro(max(0, self.used_micro - self.allowance_micro))


class UsageOutsideMonth(DomainError):
    code = "usage_outside_month"
    sentence = "Usage of {kind} on {day} lies outside the month from {start} to {end}."


def checked(usage: UsageByDay, month: Period) -> MicroByDay:
    """The usage in millionths. Raises UnknownKind, InvalidQuantity, UsageOutsideMonth."""
    result: MicroByDay = {}
    for code, by_day in usage.items():
        resource_kind(code)
        days: dict[date, int] = {}
        for day, quantity in by_day.items():
            if type(day) is not date or day not in month:
                raise UsageOutsideMonth(kind=code, day=day, start=month.start, end=month.end)
            if micro := to_micro(quantity, code):
                days[day] = micro
        if days:
            result[code] = days
    return result


def month_total(kind: ResourceKind, by_day: Mapping[date, int]) -> int:
    """The month's usage of a kind, in the unit the days are given in: their sum, or their peak."""
    if kind.is_peak:
        return max(by_day.values(), default=0)
    return sum(by_day.values())


def day_of_peak(by_day: Mapping[date, int]) -> date:
    """The first day of the peak: the terms of that day price the overage of a peak kind."""
    return min(by_day, key=lambda day: (-by_day[day], day))
