"""Days and half-open periods: the billing calendar of UTC days (SPEC 5).

Owns what a day, a period and a month are. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from arcadia_domain.errors import DomainError

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
_ONE_DAY = timedelta(days=1)


class DateOutOfRange(DomainError):
    code = "date_out_of_range"
    sentence = "{what} must be a day from 2000-01-01 to 2099-12-31, but is {day}."


class NaiveInstant(DomainError):
    code = "naive_instant"
    sentence = "{what} must be an instant with a time zone, but is {instant}."


class EmptyPeriod(DomainError):
    code = "empty_period"
    sentence = "A period must end after it starts, but {start} to {end} holds no day."


class InvalidMonth(DomainError):
    code = "invalid_month"
    sentence = "{month!r} is not a month: YYYY-MM is expected."


def check_day(day: date, what: str) -> date:
    """Return `day`, or raise DateOutOfRange for one outside 2000 to 2099 or what is not a plain date."""
    if type(day) is not date or not FIRST_DAY <= day <= LAST_DAY:
        raise DateOutOfRange(what=what, day=day)
    return day


def check_instant(instant: datetime, what: str) -> datetime:
    """Return `instant` in UTC, or raise NaiveInstant when it does not say its time zone,
    DateOutOfRange when UTC has no such day."""
    if not isinstance(instant, datetime) or instant.utcoffset() is None:
        raise NaiveInstant(what=what, instant=instant)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise DateOutOfRange(what=what, day=instant) from None


class NotAMonth(DomainError):
    code = "not_a_month"
    sentence = "A calendar month is priced, but {start} to {end} is none."


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` (included) to `end` (excluded). At least one."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise EmptyPeriod(start=self.start, end=self.end)

    @property
    def days(self) -> int:
        """How many days the period holds."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        day = self.start
        while day < self.end:
            yield day
            day += _ONE_DAY

    def overlap(self, other: Period) -> Period | None:
        """The days that both hold, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def month_of(day: date) -> Period:
    """The calendar month that holds `day`; its `days` are the denominator of every proration."""
    start = day.replace(day=1)
    return Period(start, (start + timedelta(days=31)).replace(day=1))


def check_month(period: Period) -> Period:
    """Return `period` if it is a calendar month, else raise NotAMonth, DateOutOfRange."""
    if period != month_of(check_day(period.start, "The start of the month")):
        raise NotAMonth(start=period.start, end=period.end)
    return period


def parse_month(text: str) -> Period:
    """'2026-04' as the month of April 2026. Raises InvalidMonth, DateOutOfRange."""
    try:
        day = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise InvalidMonth(month=text) from None
    if len(text) != len("YYYY-MM"):
        raise InvalidMonth(month=text)
    return month_of(check_day(day, "The month"))


def midnight(day: date) -> datetime:
    """The instant at which a UTC day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
