"""The schedule over HTTP: the next ticks, the last job, and holding a tick back (SPEC 17, 18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from tests.integration.http.conftest import Api

SCHEDULE = "/api/v1/schedule"
MIDNIGHT = datetime(2028, 2, 28, tzinfo=UTC)


@pytest.fixture
def scheduler(api: Api) -> Scheduler:
    """One that has put the whole schedule, at midnight before a leap day."""
    api.clock.at = MIDNIGHT
    made = Scheduler(api.app, TICKS, api.app.calendar)
    assert made.fire() == []
    return made


def told(client: httpx.Client) -> dict[str, dict[str, Any]]:
    items = client.get(SCHEDULE).raise_for_status().json()["items"]
    assert [one["name"] for one in items] == sorted(one["name"] for one in items)
    return {one["name"]: one for one in items}


def told_to(client: httpx.Client, act: str, name: str) -> dict[str, Any]:
    answer = client.post(f"{SCHEDULE}/{name}/{act}")
    shown: dict[str, Any] = answer.raise_for_status().json()
    return shown


def test_before_a_scheduler_has_run_the_schedule_is_empty(api: Api) -> None:
    assert api.admin().get(SCHEDULE).json() == {"items": []}


def test_every_tick_is_told_with_its_next_three_times(api: Api, scheduler: Scheduler) -> None:
    found = told(api.admin())
    assert {name: one["cron"] for name, one in found.items()} == {tick.name: tick.cron for tick in TICKS}
    assert found["metering"] == {
        "name": "metering",
        "cron": "30 0 * * *",
        "known": True,
        "next": ["2028-02-28T00:30:00Z", "2028-02-29T00:30:00Z", "2028-03-01T00:30:00Z"],
        "due_since": None,
        "last_at": None,
        "last_job_id": None,
        "paused": False,
    }


def test_a_tick_of_another_version_is_told_as_such_and_never_as_late(api: Api) -> None:
    api.clock.at = MIDNIGHT
    Scheduler(api.app, (replace(TICKS[0], name="gone"),), api.app.calendar).fire()
    api.clock.pass_by(timedelta(days=9))
    gone = told(api.admin())["gone"]
    assert (gone["known"], gone["next"], gone["due_since"]) == (False, [], None)


def test_a_tick_that_was_fired_names_its_job(api: Api, scheduler: Scheduler) -> None:
    api.clock.pass_by(timedelta(minutes=30))
    assert told(api.admin())["metering"]["due_since"] == "2028-02-28T00:30:00Z"
    scheduler.fire()
    olga = api.admin()
    metering = told(olga)["metering"]
    assert metering["last_at"] == "2028-02-28T00:30:00Z"
    assert (metering["next"][0], metering["due_since"]) == ("2028-02-29T00:30:00Z", None)
    job = olga.get(f"/api/v1/jobs/{metering['last_job_id']}").json()
    assert (job["cause"], job["queue"]) == ("tick metering 2028-02-28T00:30Z", "metering")


def test_a_tick_that_is_paused_fires_nothing_and_makes_up_for_it_afterwards(
    api: Api, scheduler: Scheduler
) -> None:
    olga = api.admin()
    held = told_to(olga, "pause", "metering")
    assert (held["paused"], held["next"], held["due_since"]) == (True, [], None)
    assert told_to(olga, "pause", "metering") == told(olga)["metering"] == held
    api.clock.pass_by(timedelta(days=2))
    assert "metering" not in {fired.name for fired in scheduler.fire()}
    on = told_to(olga, "resume", "metering")
    assert (on["paused"], on["due_since"]) == (False, "2028-02-28T00:30:00Z")
    assert on["next"][0] == "2028-03-01T00:30:00Z"
    made_up = [fired.at.day for fired in scheduler.fire() if fired.name == "metering"]
    assert made_up == [28, 29]


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_a_tick_that_there_is_not_is_refused_by_its_name(api: Api, scheduler: Scheduler, act: str) -> None:
    unknown = api.admin().post(f"{SCHEDULE}/lunch/{act}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tick_not_found")
    assert [error["field"] for error in unknown.json()["errors"]] == ["tick_name"]
