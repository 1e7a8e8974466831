"""The times that SPEC 17 gives, minute by minute through a leap year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from arcadia_app.jobs.schedule import TICKS
from tests.by_hand import minutes, ticks_of

SINCE, UNTIL = datetime(2027, 12, 31, 23, 59, tzinfo=UTC), datetime(2028, 12, 31, 23, 59, tzinfo=UTC)
GIVEN: dict[str, Callable[[datetime], bool]] = {
    "balance": lambda at: at.minute == 7,
    "cloud_sync_full": lambda at: at.minute == 15,
    "billing_history": lambda at: (at.hour, at.minute) == (2, 23),
    "rollup": lambda at: (at.day, at.hour, at.minute) == (1, 3, 0),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_tick_is_at_the_times_that_are_given_and_at_no_other(name: str) -> None:
    [tick] = [tick for tick in TICKS if tick.name == name]
    due = ticks_of([tick], SINCE, UNTIL)[name]
    assert due == [at for at in minutes(SINCE, UNTIL) if GIVEN[name](at)]


def test_no_day_goes_unmetered() -> None:
    [tick] = [tick for tick in TICKS if tick.name == "metering"]
    days = [(at - timedelta(days=1)).date() for at in ticks_of([tick], SINCE, UNTIL)["metering"]]
    assert len(set(days)) == len(days) == 366
