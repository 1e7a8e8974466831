"""read_schedule, pause_tick: the next ticks, what is due, and nothing of a tick that is held back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from arcadia_adapters.cron import CronCalendar
from arcadia_app.use_cases.platform.pause_tick import TickNotFound, pause_tick
from arcadia_app.use_cases.platform.read_schedule import Planned, read_schedule
from arcadia_domain.identity import OperatorsOnly, Principal
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, OLGA

CALENDAR = CronCalendar()
KNOWN = {"noon", "hourly"}
NOON = datetime(2028, 2, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store() -> FakeTransactions:
    made = FakeTransactions()
    with made.begin(OLGA) as work:
        work.schedule.put({"noon": ("0 12 * * *", NOON), "hourly": ("7 * * * *", NOON)}, NOON - DAY)
    return made


def told(
    store: FakeTransactions, now: datetime, known: Collection[str] = frozenset(KNOWN)
) -> dict[str, Planned]:
    with store.begin(OLGA) as work:
        found = read_schedule(work, OLGA, known=known, calendar=CALENDAR, now=now)
    return {one.row.name: one for one in found}


def paused(store: FakeTransactions, name: str, paused: bool, now: datetime = NOON) -> Planned:
    with store.begin(OLGA) as work:
        return pause_tick(work, OLGA, name=name, paused=paused, known=KNOWN, calendar=CALENDAR, now=now)


def test_the_next_ticks_are_later_than_now_and_what_is_due_is_told_apart(store: FakeTransactions) -> None:
    before = told(store, NOON - DAY / 2)
    assert list(before) == ["hourly", "noon"]
    assert (list(before["noon"].next), before["noon"].due_since) == ([NOON, NOON + DAY, NOON + 2 * DAY], None)
    late = told(store, NOON + 5 * DAY / 2)["noon"]
    assert (list(late.next), late.due_since) == ([NOON + n * DAY for n in (3, 4, 5)], NOON)
    assert told(store, NOON)["noon"].due_since == NOON


def test_a_tick_that_is_paused_has_no_next_and_again_nothing_more(store: FakeTransactions) -> None:
    held = paused(store, "noon", True)
    assert (held.row.paused, list(held.next), held.due_since) == (True, [], None)
    assert paused(store, "noon", True) == held
    assert told(store, NOON)["noon"] == held
    assert not told(store, NOON)["hourly"].row.paused
    assert paused(store, "noon", False).due_since == NOON


def test_a_tick_of_another_version_is_told_as_such_and_never_as_late(store: FakeTransactions) -> None:
    found = told(store, NOON + 9 * DAY, known={"noon"})
    other = found["hourly"]
    assert (other.known, list(other.next), other.due_since) == (False, [], None)
    assert (found["noon"].known, found["noon"].due_since) == (True, NOON)


def test_a_tick_that_there_is_not_is_named(store: FakeTransactions) -> None:
    with pytest.raises(TickNotFound, match="'lunch'"):
        paused(store, "lunch", True)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_sees_or_changes_the_schedule(store: FakeTransactions, by: Principal) -> None:
    with store.begin(by) as work:
        with pytest.raises(OperatorsOnly):
            read_schedule(work, by, known=KNOWN, calendar=CALENDAR, now=NOON)
        with pytest.raises(OperatorsOnly):
            pause_tick(work, by, name="noon", paused=True, known=KNOWN, calendar=CALENDAR, now=NOON)
    assert not told(store, NOON)["noon"].row.paused
