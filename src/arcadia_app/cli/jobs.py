"""The commands about background work: what waits, runs and has stopped, and settling what stopped.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import click

from arcadia_app.cli.options import as_json, json_after, needs_wiring, operator_here
from arcadia_domain.ports.jobs import QUEUES, JobState

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def jobs(context: click.Context, json_: bool) -> None:
    """The queues, what is in flight, and what stopped and why. Its commands list, show and settle jobs."""
    if context.invoked_subcommand is not None:
        json_after(context, json_)
        return
    from arcadia_app.cli.show_jobs import show_overview
    from arcadia_app.use_cases.platform.read_queues import read_overview

    wiring: Callable[[], Wiring] = context.obj
    with wiring().open() as app:
        now = app.clock.now()
        with app.transactions.begin(operator_here()) as work:
            seen = read_overview(work, operator_here(), now=now)
    show_overview(seen, json_, now=now)


@jobs.command("list")
@click.option("--state", type=click.Choice([one.value for one in JobState]), help="Only those in this state.")
@click.option("--queue", type=click.Choice(QUEUES), help="Only those of this queue.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@as_json
@needs_wiring
def list_(
    wiring: Callable[[], Wiring], *, state: str | None, queue: str | None, limit: int, json_: bool
) -> None:
    """Jobs, newest first."""
    from arcadia_app.cli.show_jobs import show_jobs
    from arcadia_app.use_cases.platform.read_jobs import list_jobs

    in_state = None if state is None else JobState(state)
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = list_jobs(work, operator_here(), after=None, limit=limit + 1, state=in_state, queue=queue)
    show_jobs(found[:limit], len(found) > limit, json_)


@jobs.command()
@click.argument("job", type=click.UUID)
@as_json
@needs_wiring
def show(wiring: Callable[[], Wiring], job: UUID, json_: bool) -> None:
    """A job, with the tries at it and how long each took."""
    from arcadia_app.cli.show_jobs import show_job
    from arcadia_app.use_cases.platform.read_attempts import read_attempts
    from arcadia_app.use_cases.platform.read_jobs import read_job

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = read_job(work, operator_here(), job_id=job)
        tries = read_attempts(work, operator_here(), job_id=job)
    show_job(found, tries, json_)


@jobs.command()
@click.argument("job", type=click.UUID)
@as_json
@needs_wiring
def retry(wiring: Callable[[], Wiring], job: UUID, json_: bool) -> None:
    """Begin a job again that failed or was parked, with all its tries."""
    from arcadia_app.cli.show_jobs import show_settled
    from arcadia_app.use_cases.platform.settle_job import begin_again

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        begun = begin_again(work, operator_here(), job_id=job, now=app.clock.now())
    show_settled(begun, json_)


@jobs.command()
@click.argument("job", type=click.UUID)
@as_json
@needs_wiring
def discard(wiring: Callable[[], Wiring], job: UUID, json_: bool) -> None:
    """Let a job that waits, failed or was parked never be done."""
    from arcadia_app.cli.show_jobs import show_settled
    from arcadia_app.use_cases.platform.settle_job import discard_job

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        discarded = discard_job(work, operator_here(), job_id=job, now=app.clock.now())
    show_settled(discarded, json_)
