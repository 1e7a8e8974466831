"""The runner: each job is done once where it can be, again where it must be, and never for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, current_thread, main_thread
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.runner import JobRunner, RunnerOptions
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob, Job, JobState, NewJob
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW, OLGA, SetClock

OPTIONS = RunnerOptions()
PATIENCE = 30
"""Seconds until a test that hangs is a test that fails."""


class Said(Struct):
    """What the acts of these tests come to."""

    word: str


class Refused(DomainError):
    code = "refused"
    sentence = "It is refused."


class Busy(DomainError):
    code = "database_busy"
    sentence = "Ask again."


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def app(clock: SetClock) -> Arcadia:
    return wire_on(FakeTransactions(), clock)


def asked(app: Arcadia, name: str = "act", **told: Any) -> UUID:
    with app.transactions.begin(OLGA) as work:
        job = NewJob(work.new_id(), name, "metering", {"word": "done"}, "request-1", "olga", **told)
        return work.jobs.add(job, app.clock.now())


def read(app: Arcadia, job_id: UUID) -> Job:
    with app.transactions.begin(OLGA) as work:
        job = work.jobs.get(job_id)
    assert job is not None
    return job


def runner(app: Arcadia, act: Act, options: RunnerOptions = OPTIONS) -> JobRunner:
    return JobRunner(app, options, {"act": act})


def claimed(work: Work, now: datetime) -> ClaimedJob | None:
    """The job that is due, taken by another runner."""
    (due,) = work.jobs.due(now, now + OPTIONS.lease, 1)
    return work.jobs.claim(due.id, now, now + OPTIONS.lease, names=["act"], worker="another")


def says(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
    return Said(job.payload["word"])


@dataclass
class Raises:
    """An act that raises one after the other, and then is done."""

    errors: list[Exception]

    def __call__(self, app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        if self.errors:
            raise self.errors.pop(0)
        return Said("at last")


def test_without_a_job_there_is_nothing_to_run(app: Arcadia) -> None:
    assert not runner(app, says).run_next()


def test_a_job_is_run_and_its_result_is_kept(app: Arcadia) -> None:
    job_id = asked(app)
    assert runner(app, says).run_next()
    done = read(app, job_id)
    assert (done.state, done.result, done.finished_at) == (JobState.SUCCEEDED, {"word": "done"}, NOW)
    assert not runner(app, says).run_next()


def test_an_act_is_done_by_the_operator_who_asked(app: Arcadia) -> None:
    seen = []

    def look(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        seen.append((by.subject, by.is_operator))
        return Said("seen")

    asked(app)
    runner(app, look).run_next()
    assert seen == [("olga", True)]


def test_how_far_it_is_can_be_read_while_it_runs(app: Arcadia) -> None:
    job_id = asked(app)
    seen = []

    def count(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        for done in (500, 700):
            progress(done, 700)
            running = read(app, job_id)
            seen.append((running.state, running.done, running.total))
        return Said("counted")

    runner(app, count).run_next()
    assert seen == [(JobState.RUNNING, 500, 700), (JobState.RUNNING, 700, 700)]
    assert read(app, job_id).done == 700


def test_a_refusal_fails_the_job_with_its_code_and_is_not_tried_again(app: Arcadia) -> None:
    job_id = asked(app)
    runner(app, Raises([Refused()])).run_next()
    failed = read(app, job_id)
    assert (failed.state, failed.error_code, failed.error_detail) == (
        JobState.FAILED,
        "refused",
        "It is refused.",
    )
    assert failed.attempts == 1


@pytest.mark.parametrize("error", [RuntimeError("boom"), Busy()])
def test_what_may_pass_is_tried_again_after_a_pause(app: Arcadia, clock: SetClock, error: Exception) -> None:
    job_id = asked(app)
    act = Raises([error])
    assert runner(app, act).run_next()
    waiting = read(app, job_id)
    code = "database_busy" if isinstance(error, Busy) else "internal_error"
    assert (waiting.state, waiting.attempts, waiting.error_code) == (JobState.QUEUED, 1, code)
    clock.at = NOW + OPTIONS.pause - timedelta(microseconds=1)
    assert not runner(app, act).run_next()
    clock.at = NOW + OPTIONS.pause
    assert runner(app, act).run_next()
    assert read(app, job_id).result == {"word": "at last"}


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (RuntimeError("a secret"), "internal_error", "RuntimeError"),
        (Busy(), "database_busy", "Ask again."),
    ],
)
def test_what_never_passes_is_parked_at_the_last_try_and_each_pause_is_longer(
    app: Arcadia, clock: SetClock, error: Exception, code: str, detail: str
) -> None:
    job_id = asked(app)
    act = Raises([error] * OPTIONS.attempts)
    pauses = []
    while read(app, job_id).state is not JobState.PARKED:
        before = clock.at
        while not runner(app, act).run_next():
            clock.at += timedelta(seconds=5)
        pauses.append(clock.at - before)
    assert [pause / timedelta(seconds=5) for pause in pauses] == [0, 1, 4, 16, 64]
    failed = read(app, job_id)
    told = f"Something went wrong on our side, at each of 5 tries: {detail}"
    assert (failed.error_code, failed.error_detail, failed.attempts) == (code, told, 5)


def test_a_job_that_kills_every_process_is_parked(app: Arcadia, clock: SetClock) -> None:
    job_id = asked(app)
    for _ in range(OPTIONS.attempts):
        with app.transactions.begin(OLGA) as work:
            assert claimed(work, clock.at) is not None
        clock.at += OPTIONS.lease
    act = Raises([AssertionError("it is not begun")])
    assert runner(app, act).run_next()
    assert (read(app, job_id).state, len(act.errors)) == (JobState.PARKED, 1)


def test_a_job_that_nobody_knows_waits_for_a_runner_that_does(app: Arcadia) -> None:
    job_id = asked(app, "of a newer version")
    assert not runner(app, says).run_next()
    assert not runner(app, says).run(job_id)
    assert read(app, job_id).state is JobState.QUEUED


def taken_meanwhile(app: Arcadia, clock: SetClock) -> None:
    """The lease ends, and another runner takes the job."""
    clock.at += OPTIONS.lease
    with app.transactions.begin(OLGA) as work:
        assert claimed(work, clock.at) is not None


def test_an_act_whose_job_was_taken_stops_where_it_tells_how_far_it_is(app: Arcadia, clock: SetClock) -> None:
    job_id = asked(app)
    went_on = []

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        taken_meanwhile(app, clock)
        progress(1, 2)
        went_on.append(job)
        return Said("too late")

    assert runner(app, act).run_next()
    assert went_on == []
    assert (read(app, job_id).state, read(app, job_id).done) == (JobState.RUNNING, 0)


def test_an_act_whose_job_was_taken_commits_nothing(app: Arcadia, clock: SetClock) -> None:
    job_id = asked(app)
    came_to = []

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        with app.transactions.begin(by) as work:
            progress.must_hold(work)
        taken_meanwhile(app, clock)
        with app.transactions.begin(by) as work:
            came_to.append(work.jobs.add(NewJob(work.new_id(), "more", "metering", {}, "c", "olga"), NOW))
            progress.must_hold(work)
        came_to.clear()
        return Said("too late")

    assert runner(app, act).run_next()
    (added,) = came_to
    with app.transactions.begin(OLGA) as work:
        assert work.jobs.get(added) is None
    assert read(app, job_id).state is JobState.RUNNING


@pytest.mark.parametrize("error", [None, Refused(), RuntimeError()])
def test_what_came_of_a_job_that_was_taken_does_not_count(
    app: Arcadia, clock: SetClock, error: Exception | None
) -> None:
    job_id = asked(app)

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        taken_meanwhile(app, clock)
        if error is not None:
            raise error
        return Said("too late")

    assert runner(app, act).run_next()
    held = read(app, job_id)
    assert (held.state, held.attempts, held.result) == (JobState.RUNNING, 2, None)


class Watched:
    """A store that says when a thread beside the test's own has done something."""

    def __init__(self, store: Transactions) -> None:
        self._store = store
        self.used = Event()

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[Work]:
        with self._store.begin(principal) as work:
            yield work
        if current_thread() is not main_thread():
            self.used.set()


def test_the_lease_is_renewed_while_the_act_says_nothing(app: Arcadia, clock: SetClock) -> None:
    watched = Watched(app.transactions)
    app = replace(app, transactions=watched)
    options = RunnerOptions(lease=timedelta(milliseconds=3))
    asked(app)
    still_held = []

    def act(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Said:
        clock.at += timedelta(hours=1)
        watched.used.clear()
        assert watched.used.wait(PATIENCE)
        still_held.append(clock.at < held_until(app, job))
        return Said("slow")

    def held_until(app: Arcadia, job: ClaimedJob) -> datetime:
        assert isinstance(watched._store, FakeTransactions)
        until = watched._store.state.jobs[job.id].lease_until
        assert until is not None
        return until

    runner(app, act, options).run_next()
    assert still_held == [True]
