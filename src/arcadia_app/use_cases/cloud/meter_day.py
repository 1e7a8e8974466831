"""Meter a day: from the inventory to what each deployment used of each kind (SPEC 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.cloud.metering import MeteringFailure, meter, untold
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, check_day
from arcadia_domain.ports.unit_of_work import Work


class DayNotOver(DomainError):
    code = "day_not_over"
    sentence = "{day} is not over yet: the last day that can be metered is {last}."
    field = "day"


@dataclass(frozen=True, slots=True)
class DayMetered:
    """What metering a day came to: rows that changed, days that another source holds, tenants that failed."""

    day: date
    changed: int
    conflicts: tuple[SourceConflict, ...]
    failures: tuple[MeteringFailure, ...]


def meter_day(work: Work, by: Principal, *, day: date, now: datetime) -> DayMetered:
    """Record the usage of a day that is over. Again, or twice at once: nothing is added.

    Raises OperatorsOnly, DateOutOfRange, DayNotOver.
    """
    by.must_be_operator("meter a day")
    check_day(day, "The day to meter")
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    if day > yesterday:
        raise DayNotOver(day=day, last=yesterday)
    work.usage.lock_day(day)  # before looking: an older look must not write over a newer one
    holdings = work.inventory.holdings(Period(day, day + timedelta(days=1)))
    asked = untold(day, holdings)
    metered = meter(day, holdings, work.usage.pushed(asked) if asked else ())
    recorded = work.usage.record_metered(metered, work.new_id(), now)
    return DayMetered(day, recorded.changed, recorded.conflicts, metered.failures)
