"""The schedule of SPEC 17: every tick of a day and of a month asks for the job that it should."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from arcadia_adapters.cron import CronCalendar
from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.use_cases.platform.fire_ticks import fire_ticks, put_schedule
from arcadia_domain.ports.jobs import QUEUES, NewJob
from tests.fakes.transactions import FakeTransactions
from tests.world import OLGA

CALENDAR = CronCalendar()
MINUTE = timedelta(minutes=1)


def asked(since: datetime, until: datetime, step: timedelta = MINUTE) -> list[tuple[datetime, NewJob]]:
    """What is asked for, and when, where each job is done before the next tick."""
    store, found = FakeTransactions(), []
    with store.begin(OLGA) as work:
        put_schedule(work, OLGA, ticks=TICKS, calendar=CALENDAR, now=since)
    now = since
    while now < until:
        now += step
        with store.begin(OLGA) as work:
            fired = fire_ticks(work, OLGA, ticks=TICKS, calendar=CALENDAR, now=now)
        found += [(tick.at, store.state.jobs[tick.job_id].asked) for tick in fired]
        store.state.jobs.clear()
    return found


def test_a_day_has_the_ticks_of_the_spec() -> None:
    day = datetime(2026, 4, 14, tzinfo=UTC)
    found = asked(day, day + timedelta(days=1))
    counts = Counter((job.name, str(job.payload.get("speed", ""))) for _, job in found)
    assert counts == {
        ("take_balance", ""): 24,
        ("sync_inventory", "fast"): 288,
        ("sync_inventory", "full"): 24,
        ("sync_inventory", "slow"): 1,
        ("discover_invoices", ""): 1,
        ("preview_costs", ""): 24,
        ("meter_day", ""): 1,
        ("find_missed_days", ""): 1,
        ("fold_usage", ""): 144,
        ("keep_partitions", ""): 1,
        ("retain", ""): 1,
    }
    at = {job.name: f"{when:%H:%M}" for when, job in found if job.name in ("discover_invoices", "meter_day")}
    assert at == {"discover_invoices": "02:23", "meter_day": "00:30"}


def test_the_first_of_a_month_rolls_up_the_month_that_has_ended_and_meters_its_last_day() -> None:
    first = datetime(2028, 3, 1, tzinfo=UTC)
    found = {job.name: (when, job.payload) for when, job in asked(first, first + timedelta(hours=4))}
    rollup = {"period": "2028-02", "force": False, "tenant_id": None}
    assert found["roll_up_period"] == (first + timedelta(hours=3), rollup)
    assert found["meter_day"] == (first + 30 * MINUTE, {"day": "2028-02-29"})


def test_after_a_week_in_which_nobody_ran_each_day_is_metered_and_a_poll_is_not_made_up_for() -> None:
    monday = datetime(2026, 3, 30, 12, tzinfo=UTC)
    week = timedelta(days=7)
    found = asked(monday, monday + week, step=week)
    days = [job.payload["day"] for _, job in found if job.name == "meter_day"]
    assert days == [f"{monday + timedelta(days=n):%Y-%m-%d}" for n in range(7)]
    others = Counter(job.name for _, job in found if job.name != "meter_day")
    # The fast sync of twelve sharp is on time; of full and slow ones the last is made up for.
    assert others == {
        "sync_inventory": 3,
        "discover_invoices": 1,
        "roll_up_period": 1,
        "find_missed_days": 1,
        "fold_usage": 1,
        "keep_partitions": 1,
        "retain": 1,
    }


def test_every_job_that_is_asked_for_has_an_act_and_a_queue() -> None:
    first = datetime(2026, 4, 1, tzinfo=UTC)
    for _, job in asked(first, first + timedelta(hours=4)):
        assert job.name in ACTS
        assert job.queue in QUEUES
