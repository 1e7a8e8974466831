"""Days, half-open periods and months of the billing calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.period import (
    FIRST_DAY,
    LAST_DAY,
    DateOutOfRange,
    EmptyPeriod,
    InvalidMonth,
    NaiveInstant,
    NotAMonth,
    Period,
    check_day,
    check_instant,
    check_month,
    midnight,
    month_of,
    parse_month,
)
from tests.unit.domain.examples import examples

DAY = timedelta(days=1)
some_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(some_days)
    return Period(start, start + timedelta(days=draw(st.integers(1, 60))))


@pytest.mark.parametrize("day", [FIRST_DAY, date(2026, 5, 20), LAST_DAY])
def test_a_day_from_2000_to_2099_is_a_day(day: date) -> None:
    assert check_day(day, "The start day") is day


def test_the_calendar_runs_from_2000_to_2099() -> None:
    assert date(2000, 1, 1) == FIRST_DAY
    assert date(2099, 12, 31) == LAST_DAY


@pytest.mark.parametrize(
    "day",
    [
        date(1999, 12, 31),
        date(2100, 1, 1),
        date.min,
        date.max,
        datetime(2026, 5, 20),
        datetime(2026, 5, 20, tzinfo=UTC),
        "2026-05-20",
        20260520,
        None,
    ],
)
def test_what_is_no_day_of_the_calendar_is_refused_with_its_name(day: object) -> None:
    with pytest.raises(DateOutOfRange) as refused:
        check_day(day, "The start day")  # type: ignore[arg-type]

    assert refused.value.facts == {"what": "The start day", "day": day}
    assert str(refused.value) == f"The start day must be a day from 2000-01-01 to 2099-12-31, but is {day}."
    assert refused.value.code == "date_out_of_range"


def test_an_instant_is_told_in_utc() -> None:
    sydney = timezone(timedelta(hours=10))
    instant = check_instant(datetime(2026, 5, 1, tzinfo=sydney), "The start")

    assert instant == datetime(2026, 4, 30, 14, tzinfo=UTC)
    assert instant.tzinfo is UTC


@pytest.mark.parametrize("instant", [datetime(2026, 5, 1), date(2026, 5, 1), "2026-05-01T00:00:00Z", 0, None])
def test_an_instant_without_a_zone_is_refused_with_its_name(instant: object) -> None:
    with pytest.raises(NaiveInstant) as refused:
        check_instant(instant, "The start of the price")  # type: ignore[arg-type]

    assert refused.value.facts == {"what": "The start of the price", "instant": instant}
    said = f"The start of the price must be an instant with a time zone, but is {instant}."
    assert str(refused.value) == said
    assert refused.value.code == "naive_instant"


@pytest.mark.parametrize(
    "instant",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_an_instant_on_a_day_that_utc_does_not_have_is_refused_as_out_of_range(instant: datetime) -> None:
    with pytest.raises(DateOutOfRange) as refused:
        check_instant(instant, "The start of the price")

    assert refused.value.facts == {"what": "The start of the price", "day": instant}
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("end", [date(2026, 5, 1), date(2026, 4, 30)])
def test_a_period_without_a_day_is_refused(end: date) -> None:
    with pytest.raises(EmptyPeriod) as refused:
        Period(date(2026, 5, 1), end)

    assert refused.value.facts == {"start": date(2026, 5, 1), "end": end}
    assert str(refused.value) == f"A period must end after it starts, but 2026-05-01 to {end} holds no day."
    assert refused.value.code == "empty_period"


def test_a_period_holds_its_start_and_not_its_end() -> None:
    period = Period(date(2026, 5, 20), date(2026, 6, 1))

    assert period.days == 12
    assert date(2026, 5, 20) in period
    assert date(2026, 5, 31) in period
    assert date(2026, 5, 19) not in period
    assert date(2026, 6, 1) not in period


def test_one_day_is_a_period() -> None:
    assert list(Period(date(2026, 2, 28), date(2026, 3, 1))) == [date(2026, 2, 28)]


@examples(200)
@given(periods())
def test_a_period_is_its_days_in_order(period: Period) -> None:
    held = list(period)

    assert len(held) == period.days
    assert held[0] == period.start
    assert held[-1] + DAY == period.end
    assert all(later - earlier == DAY for earlier, later in pairwise(held))
    assert all(day in period for day in held)


@examples(300)
@given(periods(), periods())
def test_the_overlap_is_the_days_that_both_hold(one: Period, other: Period) -> None:
    both = set(one) & set(other)
    overlap = one.overlap(other)

    assert set(overlap or ()) == both
    assert (overlap is None) == (not both)
    assert overlap == other.overlap(one)


def test_neighbours_do_not_overlap() -> None:
    first, second = Period(date(2026, 5, 1), date(2026, 5, 10)), Period(date(2026, 5, 10), date(2026, 5, 12))

    assert first.overlap(second) is None
    assert second.overlap(first) is None


def test_every_day_of_a_century_lies_in_its_calendar_month() -> None:
    day = FIRST_DAY
    while day <= LAST_DAY:
        month = month_of(day)
        assert day in month
        assert month.start == day.replace(day=1)
        assert month.days == monthrange(day.year, day.month)[1]
        day += timedelta(days=3)


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2026, 2, 28), 28), (date(2028, 2, 29), 29), (date(2026, 4, 30), 30), (LAST_DAY, 31)],
)
def test_a_month_has_as_many_days_as_the_calendar_says(day: date, length: int) -> None:
    assert month_of(day).days == length


def test_a_month_is_written_as_year_and_month() -> None:
    assert parse_month("2026-04") == Period(date(2026, 4, 1), date(2026, 5, 1))
    assert parse_month("2000-01") == month_of(FIRST_DAY)
    assert parse_month("2099-12") == month_of(LAST_DAY)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-4", "2026-13", "2026-00", "2026-04-01", "26-04", "April 2026", "2026/04", " 2026-04"],
)
def test_what_is_not_written_so_is_refused_as_a_month(text: str) -> None:
    with pytest.raises(InvalidMonth) as refused:
        parse_month(text)

    assert refused.value.facts == {"month": text}
    assert str(refused.value) == f"{text!r} is not a month: YYYY-MM is expected."
    assert refused.value.code == "invalid_month"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["1999-12", "2100-01"])
def test_a_month_outside_the_calendar_is_refused_as_out_of_range(text: str) -> None:
    with pytest.raises(DateOutOfRange, match="The month"):
        parse_month(text)


@pytest.mark.parametrize("day", [FIRST_DAY, date(2026, 2, 9), date(2028, 2, 9), LAST_DAY])
def test_a_calendar_month_is_a_month(day: date) -> None:
    month = Period(month_of(day).start, month_of(day).end)

    assert check_month(month) is month


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 5, 2), date(2026, 6, 1)),
        (date(2026, 5, 1), date(2026, 6, 2)),
        (date(2026, 5, 1), date(2026, 7, 1)),
    ],
)
def test_days_that_are_no_calendar_month_are_refused_with_their_ends(start: date, end: date) -> None:
    with pytest.raises(NotAMonth) as refused:
        check_month(Period(start, end))

    assert refused.value.facts == {"start": start, "end": end}
    assert str(refused.value) == f"A calendar month is priced, but {start} to {end} is none."
    assert refused.value.code == "not_a_month"


def test_a_month_outside_2000_to_2099_is_refused() -> None:
    with pytest.raises(DateOutOfRange, match="The start of the month"):
        check_month(Period(date(1999, 12, 1), date(2000, 1, 1)))


def test_a_day_begins_at_midnight_utc() -> None:
    assert midnight(date(2026, 5, 20)) == datetime(2026, 5, 20, 0, 0, tzinfo=UTC)
    assert midnight(date(2026, 5, 20)).utcoffset() == timedelta()
