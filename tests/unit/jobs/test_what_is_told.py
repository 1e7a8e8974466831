"""What is told of each try at a job: one line in the log, and one count for Prometheus."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from prometheus_client import REGISTRY
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Act, Progress, Waits
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob, NewJob, Outcome
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW, OLGA, SetClock

LEASE = RunnerOptions().lease


class Said(Struct):
    word: str = "done"


class Refused(DomainError):
    code = "refused"
    sentence = "It is refused."


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def app(clock: SetClock) -> Arcadia:
    return wire_on(FakeTransactions(), clock)


def asked(app: Arcadia) -> UUID:
    with app.transactions.begin(OLGA) as work:
        job = NewJob(work.new_id(), "act", "metering", {}, "tick metering 2026-05-20T00:30Z", "olga")
        return work.jobs.add(job, app.clock.now())


def lines(app: Arcadia, act: Act, *, attempts: int = 5) -> list[Any]:
    """What the log says of the end of the job that is due."""
    runner = JobRunner(app, RunnerOptions(attempts=attempts), {"act": act})
    with capture_logs(processors=[merge_contextvars]) as logged:
        assert runner.run_next()
    return [line for line in logged if line["event"] == "job ended"]


def counted(outcome: Outcome) -> float:
    told = {"queue": "metering", "job": "act", "outcome": outcome.value}
    return REGISTRY.get_sample_value("arcadia_jobs_ended_total", told) or 0


def timed() -> float:
    return REGISTRY.get_sample_value("arcadia_job_seconds_count", {"queue": "metering", "job": "act"}) or 0


def does(error: Exception | None) -> Act:
    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        if error is not None:
            raise error
        return Said()

    return act


@pytest.mark.parametrize(
    ("error", "attempts", "outcome", "code"),
    [
        (None, 5, Outcome.SUCCEEDED, None),
        (Refused(), 5, Outcome.FAILED, "refused"),
        (RuntimeError("boom"), 5, Outcome.RETRIED, "internal_error"),
        (RuntimeError("boom"), 1, Outcome.PARKED, "internal_error"),
    ],
)
def test_each_try_that_ended_is_one_line_with_its_outcome_and_what_it_came_from_and_is_counted(
    app: Arcadia, error: Exception | None, attempts: int, outcome: Outcome, code: str | None
) -> None:
    job_id, before, seconds = asked(app), counted(outcome), timed()
    [line] = lines(app, does(error), attempts=attempts)
    assert (line["job"], line["job_id"], line["queue"]) == ("act", str(job_id), "metering")
    assert (line["attempt"], line["outcome"]) == (1, outcome.value)
    assert line["log_level"] == ("info" if error is None else "warning")
    assert line["cause"] == "tick metering 2026-05-20T00:30Z"
    assert 0 <= line["seconds"] < 60
    assert line.get("code") == code
    assert (counted(outcome), timed()) == (before + 1, seconds + 1)


@pytest.mark.parametrize("hears_of_it", [True, False])
def test_a_try_whose_job_another_took_is_told_of_as_lost_and_only_once(
    app: Arcadia, clock: SetClock, hears_of_it: bool
) -> None:
    asked(app)
    before, succeeded = counted(Outcome.LOST), counted(Outcome.SUCCEEDED)

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        clock.at += LEASE
        with app.transactions.begin(OLGA) as work:
            other = work.jobs.claim(job.id, clock.at, clock.at + LEASE, names=["act"], worker="another")
            assert other is not None
        if hears_of_it:
            progress(1, 2)
        return Said()

    [line] = lines(app, act)
    assert (line["outcome"], line["attempt"]) == ("lost", 1)
    assert (counted(Outcome.LOST), counted(Outcome.SUCCEEDED)) == (before + 1, succeeded)


def test_who_waits_for_others_says_so_without_a_warning_and_leaves_no_history(app: Arcadia) -> None:
    job_id = asked(app)
    [line] = lines(app, does(Waits(NOW + LEASE)))
    assert (line["outcome"], line["log_level"], line["until"]) == (
        "put_back",
        "info",
        (NOW + LEASE).isoformat(),
    )
    with app.transactions.begin(OLGA) as work:
        assert list(work.jobs.attempts(job_id)) == []


def test_a_try_that_is_put_back_when_its_process_stops_is_told_of_once(app: Arcadia) -> None:
    job_id, before = asked(app), counted(Outcome.PUT_BACK)

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        runner.put_back()
        progress(1, 2)
        return Said()

    runner = JobRunner(app, acts={"act": act})
    with capture_logs(processors=[merge_contextvars]) as logged:
        assert runner.run_next()
    [line] = [line for line in logged if line["event"] == "job ended"]
    assert (line["outcome"], line["job_id"], line["attempt"]) == ("put_back", str(job_id), 1)
    assert counted(Outcome.PUT_BACK) == before + 1
