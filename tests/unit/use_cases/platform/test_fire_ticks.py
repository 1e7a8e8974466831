"""Ticks: each that is due becomes one job; what was missed is made up for as its policy says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcadia_adapters.cron import CronCalendar, InvalidCron
from arcadia_app.use_cases.platform.fire_ticks import Missed, Tick, fire_ticks, put_schedule
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, OLGA

CALENDAR = CronCalendar()
MINUTE = timedelta(minutes=1)


def ask(work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID:
    job = NewJob(work.new_id(), "act", "metering", {"at": at.isoformat()}, cause, by.subject)
    return work.jobs.add(job, now)


def tick(missed: Missed, cron: str = "7 * * * *", name: str = "balance") -> Tick:
    return Tick(name, cron, missed, ask)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Schedulers:
    """Schedulers on one store, by a clock that is set."""

    def __init__(self, *ticks: Tick, since: str) -> None:
        self.store = FakeTransactions()
        self.ticks = ticks
        with self.store.begin(OLGA) as work:
            put_schedule(work, OLGA, ticks=ticks, calendar=CALENDAR, now=at(since))

    def fire(self, now: datetime) -> list[tuple[str, datetime]]:
        with self.store.begin(OLGA) as work:
            fired = fire_ticks(work, OLGA, ticks=self.ticks, calendar=CALENDAR, now=now)
        return [(one.name, one.at) for one in fired]


def test_a_tick_is_fired_when_it_is_due_and_once() -> None:
    schedulers = Schedulers(tick(Missed.SKIP), since="2026-04-01T00:00")
    assert schedulers.fire(at("2026-04-01T00:06")) == []
    assert schedulers.fire(at("2026-04-01T00:07")) == [("balance", at("2026-04-01T00:07"))]
    assert schedulers.fire(at("2026-04-01T00:07")) == []
    assert schedulers.fire(at("2026-04-01T01:07")) == [("balance", at("2026-04-01T01:07"))]


def test_its_job_says_what_it_is_about_and_which_tick_it_came_from() -> None:
    schedulers = Schedulers(tick(Missed.SKIP), since="2026-04-01T00:00")
    schedulers.fire(at("2026-04-01T00:07"))
    (stored,) = schedulers.store.state.jobs.values()
    assert stored.asked.created_by == "olga"
    assert stored.asked.cause == "tick balance 2026-04-01T00:07Z"
    assert stored.asked.payload == {"at": "2026-04-01T00:07:00+00:00"}


@pytest.mark.parametrize(
    ("missed", "hours"), [(Missed.SKIP, []), (Missed.ONCE, [5]), (Missed.EACH, [0, 1, 2, 3, 4, 5])]
)
def test_missed_ticks_are_made_up_for_as_their_policy_says(missed: Missed, hours: list[int]) -> None:
    schedulers = Schedulers(tick(missed), since="2026-04-01T00:00")
    fired = schedulers.fire(at("2026-04-01T05:30"))
    assert [when.hour for _, when in fired] == hours
    assert schedulers.fire(at("2026-04-01T05:31")) == []
    assert schedulers.fire(at("2026-04-01T06:07")) == [("balance", at("2026-04-01T06:07"))]


def test_what_was_missed_is_made_up_for_when_the_expression_is_changed_meanwhile() -> None:
    schedulers = Schedulers(tick(Missed.EACH, "30 0 * * *"), since="2026-04-01T00:00")
    now = at("2026-04-03T12:00")
    schedulers.ticks = (tick(Missed.EACH, "45 0 * * *"),)
    with schedulers.store.begin(OLGA) as work:
        put_schedule(work, OLGA, ticks=schedulers.ticks, calendar=CALENDAR, now=now)
    assert [when for _, when in schedulers.fire(now)] == [
        at("2026-04-01T00:30"),
        at("2026-04-01T00:45"),
        at("2026-04-02T00:45"),
        at("2026-04-03T00:45"),
    ]


def test_after_a_very_long_outage_every_day_is_made_up_for_in_order() -> None:
    schedulers = Schedulers(tick(Missed.EACH, "30 0 * * *"), since="2020-01-01T00:00")
    fired: list[tuple[str, datetime]] = []
    now = at("2026-04-01T12:00")
    while more := schedulers.fire(now):
        fired += more
    days = [when.date() for _, when in fired]
    assert days == [date(2020, 1, 1) + timedelta(days=n) for n in range(2283)]


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 3 1 * *", "2024-02-01T03:00", "2024-03-01T03:00"),
        ("30 0 * * *", "2024-02-28T00:30", "2024-02-29T00:30"),
        ("30 0 * * *", "2023-02-28T00:30", "2023-03-01T00:30"),
        ("0 0 29 2 *", "2024-03-01T00:00", "2028-02-29T00:00"),
        ("15 * * * *", "2026-03-29T00:15", "2026-03-29T01:15"),  # Europe puts its clocks on
        ("15 * * * *", "2026-04-04T15:15", "2026-04-04T16:15"),  # Sydney puts them back
        ("40 1 * * *", "2026-12-31T01:40", "2027-01-01T01:40"),
    ],
)
def test_the_calendar_is_utcs(cron: str, after: str, expected: str) -> None:
    assert CALENDAR.next(cron, at(after)) == at(expected)


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "0 0 31 2 *", "a b c d e"])
def test_what_is_no_expression_is_refused(cron: str) -> None:
    with pytest.raises(InvalidCron, match="is no cron expression"):
        CALENDAR.next(cron, at("2026-04-01T00:00"))


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
    st.sampled_from(["*/5 * * * *", "15 * * * *", "23 2 * * *", "0 3 1 * *"]),
)
def test_each_tick_of_a_row_that_misses_none_is_fired_exactly_once(gaps: list[int], cron: str) -> None:
    """However rarely anybody looks. Counted by stepping through every minute."""
    start = at("2026-02-27T21:00")
    schedulers = Schedulers(tick(Missed.EACH, cron), since=start.isoformat())
    now, fired = start, []
    for gap in gaps:
        now += gap * 7 * MINUTE
        fired += [when for _, when in schedulers.fire(now)]
    minutes = int((now - start) / MINUTE)
    expected = [start + n * MINUTE for n in range(1, minutes + 1) if _fits(cron, start + n * MINUTE)]
    assert fired == expected


def _fits(cron: str, minute: datetime) -> bool:
    """The same four expressions, in plain words."""
    return {
        "*/5 * * * *": minute.minute % 5 == 0,
        "15 * * * *": minute.minute == 15,
        "23 2 * * *": (minute.hour, minute.minute) == (2, 23),
        "0 3 1 * *": (minute.day, minute.hour, minute.minute) == (1, 3, 0),
    }[cron]


def test_only_operators_fire_ticks() -> None:
    store = FakeTransactions()
    with pytest.raises(OperatorsOnly), store.begin(ANN) as work:
        fire_ticks(work, ANN, ticks=(), calendar=CALENDAR, now=at("2026-04-01T00:00"))
