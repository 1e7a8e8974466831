"""What is shown of jobs on the command line: tables on stdout, or the shapes of HTTP as JSON;
advice on stderr.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec
from rich.table import Table

from arcadia_app.cli.next_steps import MORE_JOBS, STOPPED
from arcadia_app.cli.tables import console, pairs_table, table, whole
from arcadia_app.use_cases.platform.read_queues import Overview
from arcadia_app.wire import jobs as wire
from arcadia_app.wire.queues import JobsOverview
from arcadia_domain.ports.jobs import Attempt, Job, JobState, QueueLoad

_MILLISECOND = timedelta(milliseconds=1)


def show_overview(seen: Overview, json_: bool, *, now: datetime) -> None:
    """How the queues stand; then what runs, is tried again and has stopped, where there is any."""
    if json_:
        _print_json(JobsOverview.of(seen))
        return
    out = console(marked_up=False)
    out.print(_queues(seen.queues, now))
    if seen.running:
        out.print(_running(seen.running, now))
    if seen.retrying:
        out.print(_unhappy("Wait for another try", seen.retrying))
    if seen.stopped:
        out.print(_unhappy("Stopped", seen.stopped))
        click.echo(STOPPED, err=True)


def show_jobs(found: Sequence[Job], more: bool, json_: bool) -> None:
    """A line for each; whether there are more is said on stderr, as there is no cursor here."""
    if more:
        click.echo(MORE_JOBS, err=True)
    if json_:
        _print_json(wire.Jobs(items=[wire.Job.of(job) for job in found], next_cursor=None))
        return
    made = table(f"Jobs: {len(found)}", ("id", "job", "queue", "state", "made", "tries"), left=5)
    for job in found:
        made.add_row(str(job.id), job.name, job.queue, job.state.value, at(job.created_at), str(job.attempts))
    whole(made, "id")
    console(marked_up=False).print(made)


def show_job(job: Job, tries: Sequence[Attempt], json_: bool) -> None:
    if json_:
        _print_json(wire.JobWithAttempts.made(job, tries))
        return
    out = console(marked_up=False)
    out.print(pairs_table(f"Job {job.id}", _facts(job)))
    if tries:
        made = table("Tries", ("try", "outcome", "began", "took", "by", "what went wrong"), left=6)
        for one in tries:
            took = took_of(one.ended_at - one.began_at)
            why = _why(one.error_code, one.error_detail)
            made.add_row(str(one.attempt), one.outcome.value, at(one.began_at), took, one.worker, why)
        out.print(made)
    if job.state in (JobState.FAILED, JobState.PARKED):
        click.echo(STOPPED, err=True)


def show_settled(job: Job, json_: bool) -> None:
    if json_:
        _print_json(wire.Job.of(job))
        return
    done = "is discarded" if job.state is JobState.DISCARDED else "is due again"
    click.echo(f"Job {job.id} ({job.name}) {done}.")


def at(instant: datetime) -> str:
    """An instant as people read it, in UTC."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def took_of(time: timedelta) -> str:
    """A time as people read it: 0.250 s, 12 s, 3 min 5 s, 2 h 10 min."""
    if time < timedelta(seconds=10):
        seconds, milliseconds = divmod(max(time, timedelta()) // _MILLISECOND, 1000)
        return f"{seconds}.{milliseconds:03} s"
    minutes, seconds = divmod(time // timedelta(seconds=1), 60)
    if not minutes:
        return f"{seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _queues(loads: Sequence[QueueLoad], now: datetime) -> Table:
    made = table("Queues", ("", "waiting", "running", "retrying", "stopped", "oldest due"))
    for load in loads:
        since = "–" if load.oldest_due is None else took_of(now - load.oldest_due)
        counts = (load.waiting, load.running, load.retrying, load.stopped)
        made.add_row(load.queue, *(str(count) if count else "" for count in counts), since)
    return made


def _running(found: Sequence[Job], now: datetime) -> Table:
    made = table("Running", ("id", "job", "done", "try", "since", "by"), left=6)
    for job in found:
        since = "–" if job.begun_at is None else took_of(now - job.begun_at)
        made.add_row(str(job.id), job.name, _progress(job), str(job.attempts), since, job.worker or "–")
    whole(made, "id")
    return made


def _unhappy(title: str, found: Sequence[Job]) -> Table:
    made = table(title, ("id", "job", "state", "tries", "what went wrong"), left=5)
    for job in found:
        when = f"again {at(job.run_after)}" if job.state is JobState.QUEUED else job.state.value
        made.add_row(str(job.id), job.name, when, str(job.attempts), _why(job.error_code, job.error_detail))
    whole(made, "id")
    return made


def _facts(job: Job) -> list[tuple[str, str]]:
    told = [
        ("job", f"{job.name}, of queue {job.queue}"),
        ("state", job.state.value),
        ("came from", f"{job.cause}, by {job.created_by}"),
        ("made", at(job.created_at)),
        ("begun", "" if job.started_at is None else at(job.started_at)),
        ("ended", "" if job.finished_at is None else at(job.finished_at)),
        ("due again", at(job.run_after) if job.state is JobState.QUEUED else ""),
        ("runs at", job.worker or ""),
        ("tries", str(job.attempts)),
        ("done", _progress(job)),
        ("went wrong", _why(job.error_code, job.error_detail)),
        ("came to", "" if job.result is None else json.dumps(dict(job.result), ensure_ascii=False)),
    ]
    return [(name, value) for name, value in told if value]


def _progress(job: Job) -> str:
    if job.total is None:
        return str(job.done) if job.done else ""
    return f"{job.done} of {job.total}"


def _why(code: str | None, detail: str | None) -> str:
    return "" if code is None else f"{detail} ({code})"


def _print_json(shape: Any) -> None:
    click.echo(json.dumps(msgspec.to_builtins(shape), indent=2, ensure_ascii=False))
