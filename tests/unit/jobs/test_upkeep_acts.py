"""The keeping-up jobs, from the tick to the result that is shown (SPEC 17)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arcadia_adapters.cron import CronCalendar
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.use_cases.platform.fire_ticks import fire_ticks, put_schedule
from arcadia_domain.ports.jobs import Job, JobState
from tests.fakes.transactions import FakeTransactions
from tests.held import assigned, recorded, resource
from tests.world import OLGA, SetClock, deployed, seeded

MIDNIGHT = datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def jobs() -> dict[str, list[Job]]:
    """What a night came to, by name. A droplet is held since yesterday's yesterday, and nobody metered."""
    store, clock, calendar = seeded(FakeTransactions()), SetClock(MIDNIGHT), CronCalendar()
    pilot = deployed(store, now=MIDNIGHT - timedelta(days=9))
    web = resource(created_at=MIDNIGHT - timedelta(days=2))
    recorded(store, web)
    assigned(store, web, pilot)
    runner = JobRunner(wire_on(store, clock))
    with store.begin(OLGA) as work:
        put_schedule(work, OLGA, ticks=TICKS, calendar=calendar, now=MIDNIGHT)
    while clock.at < MIDNIGHT + timedelta(hours=5):
        clock.at += timedelta(minutes=10)
        with store.begin(OLGA) as work:
            fire_ticks(work, OLGA, ticks=TICKS, calendar=calendar, now=clock.at)
        while runner.run_next():
            pass
    found: dict[str, list[Job]] = {}
    with store.begin(OLGA) as work:
        for job in work.jobs.page(after=None, limit=1000)[::-1]:
            found.setdefault(job.name, []).append(job)
    return found


def results(jobs: dict[str, list[Job]], name: str) -> list[Any]:
    assert {job.state for job in jobs[name]} == {JobState.SUCCEEDED}
    return [job.result for job in jobs[name]]


def test_the_day_just_ended_is_metered_and_then_the_one_that_was_missed(jobs: dict[str, list[Job]]) -> None:
    assert [each["day"] for each in results(jobs, "meter_day")] == ["2026-05-19", "2026-05-18"]
    assert results(jobs, "find_missed_days") == [{"days": ["2026-05-18"]}]
    assert (
        jobs["meter_day"][1].cause
        == jobs["find_missed_days"][0].cause
        == "tick missed_days 2026-05-20T01:10Z"
    )


def test_usage_is_folded_every_ten_minutes(jobs: dict[str, list[Job]]) -> None:
    assert results(jobs, "fold_usage") == [{"days": 0, "deltas": 0}] * 30


def test_the_months_to_come_are_made_and_nothing_is_past_its_time(jobs: dict[str, list[Job]]) -> None:
    [kept] = results(jobs, "keep_partitions")
    assert [one["month"] for one in kept["made"]] == ["2026-05", "2026-06", "2026-07"] * 3
    assert {one["table"] for one in kept["made"]} == {"usage_events", "llm_usage_events", "job_history"}
    [retained] = results(jobs, "retain")
    months: dict[str, list[str]] = {"dropped": [], "not_settled": [], "busy": []}
    assert retained == {**months, "jobs": 0, "answers": 0, "rates": 0, "syncs": 0}
