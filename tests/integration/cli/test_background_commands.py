"""The commands about background work: what stands in the queues, what stopped and why, and the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from arcadia_app.bootstrap import LocalWiring
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from arcadia_app.settings import Settings
from arcadia_domain.ports.jobs import QUEUES, NewJob
from tests.integration.cli.test_commands import Command, said
from tests.integration.http.serve import arcadia as run
from tests.integration.http.serve import environment, own_data_dir
from tests.world import NOBODYS, OLGA


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with own_data_dir() as made:
        yield made


@pytest.fixture(scope="module")
def arcadia(data_dir: Path) -> Command:
    return lambda *words: run(environment(data_dir), *words)


@pytest.fixture(scope="module")
def empty(arcadia: Command) -> Command:
    """Commands on a database in which no scheduler has run."""
    shown = arcadia("schedule")
    assert shown.returncode == 0
    assert "No scheduler has run yet: 'arcadia serve' has one" in shown.stderr
    assert said(arcadia("schedule", "--json")) == {"items": []}
    shown = arcadia("jobs")
    assert all(queue in shown.stdout for queue in QUEUES)
    assert "Stopped" not in shown.stdout
    return arcadia


@pytest.fixture(scope="module")
def stopped(empty: Command, data_dir: Path) -> dict[str, str]:
    """A schedule; a job that was parked, one that waits for another try, and one that waits."""
    with LocalWiring(Settings(data_dir=data_dir)).open() as app:
        Scheduler(app, TICKS, app.calendar).fire()
        ids = {}
        for name, queue in (("parked", "metering"), ("retried", "cloud_billing"), ("waiting", "metering")):
            with app.transactions.begin(OLGA) as work:
                job = NewJob(work.new_id(), name, queue, {}, "tick [bold] 2026-05-20T00:30Z", "olga")
                ids[name] = str(work.jobs.add(job, app.clock.now()))
        assert JobRunner(app, RunnerOptions(attempts=1), {"parked": _boom}).run_next()
        assert JobRunner(app, RunnerOptions(), {"retried": _boom}).run_next()
    return ids


def _boom(*_: object) -> NoReturn:
    raise ZeroDivisionError


def test_the_overview_has_the_queues_the_retries_and_what_stopped_with_its_error_and_what_to_do(
    arcadia: Command, stopped: dict[str, str]
) -> None:
    shown = arcadia("jobs")
    assert shown.returncode == 0
    assert stopped["parked"] in shown.stdout
    assert stopped["retried"] in shown.stdout
    assert stopped["waiting"] not in shown.stdout
    assert "ZeroDivisionError" in shown.stdout
    assert "'arcadia jobs retry ID' begins one again" in shown.stderr
    seen = said(arcadia("jobs", "--json"))
    loads = {one["queue"]: one for one in seen["queues"]}
    assert (loads["metering"]["waiting"], loads["metering"]["stopped"]) == (1, 1)
    assert (loads["cloud_billing"]["waiting"], loads["cloud_billing"]["retrying"]) == (1, 1)
    assert [one["id"] for one in seen["stopped"]] == [stopped["parked"]]
    assert [one["id"] for one in seen["retrying"]] == [stopped["retried"]]
    assert seen["running"] == []


def test_jobs_are_listed_by_state_and_queue(arcadia: Command, stopped: dict[str, str]) -> None:
    def ids(*words: str) -> list[str]:
        return [one["id"] for one in said(arcadia("jobs", "list", *words, "--json"))["items"]]

    assert ids() == [stopped["waiting"], stopped["retried"], stopped["parked"]]
    assert ids("--queue", "metering", "--state", "queued") == [stopped["waiting"]]
    shown = arcadia("jobs", "list", "--state", "parked")
    assert stopped["parked"] in shown.stdout
    assert arcadia("jobs", "list", "--state", "lost").returncode == 2


def test_a_list_that_is_cut_says_so(arcadia: Command, stopped: dict[str, str]) -> None:
    cut = arcadia("jobs", "list", "--limit", "2", "--json")
    assert [one["id"] for one in said(cut)["items"]] == [stopped["waiting"], stopped["retried"]]
    assert cut.stderr == "There are more: --limit shows up to 1000.\n"
    whole = arcadia("jobs", "list", "--limit", "3", "--json")
    assert (len(said(whole)["items"]), whole.stderr) == (3, "")


@pytest.mark.parametrize("words", [("jobs", "list"), ("schedule", "pause")])
def test_json_before_a_command_is_told_its_place(arcadia: Command, words: tuple[str, str]) -> None:
    group, command = words
    refused = arcadia(group, "--json", command, "metering")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"--json goes after the command: 'arcadia {group} {command} --json'." in refused.stderr


def test_a_job_is_shown_with_its_tries(arcadia: Command, stopped: dict[str, str]) -> None:
    shown = arcadia("jobs", "show", stopped["parked"])
    assert shown.returncode == 0
    assert "'arcadia jobs retry ID' begins one again" in shown.stderr
    assert "tick [bold] 2026-05-20T00:30Z, by olga" in shown.stdout
    assert "parked" in shown.stdout
    assert "ZeroDivisionError" in shown.stdout
    told = said(arcadia("jobs", "show", stopped["parked"], "--json"))
    assert told["job"]["id"] == stopped["parked"]
    [tried] = told["attempts"]
    assert (tried["attempt"], tried["outcome"]) == (1, "parked")
    assert tried["duration_ms"] >= 0


def test_a_job_is_begun_again_and_discarded_and_what_cannot_be_says_what_to_do(
    arcadia: Command, stopped: dict[str, str]
) -> None:
    job = stopped["parked"]
    begun = arcadia("jobs", "retry", job)
    assert begun.stdout == f"Job {job} (parked) is due again.\n"
    assert said(arcadia("jobs", "retry", job, "--json"))["state"] == "queued"
    gone = arcadia("jobs", "discard", job)
    assert gone.stdout == f"Job {job} (parked) is discarded.\n"
    assert said(arcadia("jobs", "discard", job, "--json"))["state"] == "discarded"
    refused = arcadia("jobs", "retry", job)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"Job {job} is discarded" in refused.stderr
    assert "(job_not_stopped)" in refused.stderr
    assert "'arcadia jobs show ID' says how it stands" in refused.stderr
    missing = arcadia("jobs", "show", str(NOBODYS))
    assert missing.returncode == 1
    assert "'arcadia jobs list' lists the jobs" in missing.stderr


def test_the_schedule_has_its_next_runs_and_a_tick_is_paused_and_resumed(
    arcadia: Command, stopped: dict[str, str]
) -> None:
    shown = arcadia("schedule")
    assert shown.returncode == 0
    assert all(tick.name in shown.stdout and tick.cron in shown.stdout for tick in TICKS)
    items = said(arcadia("schedule", "--json"))["items"]
    assert {one["name"] for one in items} == {tick.name for tick in TICKS}
    assert all(len(one["next"]) == 3 for one in items)
    paused = arcadia("schedule", "pause", "metering")
    assert paused.stdout == "metering is paused: 'arcadia schedule resume metering' lets it go on.\n"
    [metering] = [one for one in said(arcadia("schedule", "--json"))["items"] if one["name"] == "metering"]
    assert (metering["paused"], metering["next"]) == (True, [])
    assert said(arcadia("schedule", "resume", "metering", "--json"))["paused"] is False
    refused = arcadia("schedule", "pause", "lunch")
    assert refused.returncode == 1
    assert "There is no 'lunch' in the schedule. (tick_not_found)" in refused.stderr
    assert "'arcadia schedule' lists the ticks" in refused.stderr
