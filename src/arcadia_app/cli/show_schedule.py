"""What is shown of the schedule on the command line: a table on stdout, or the shape of HTTP as JSON;
advice on stderr.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from arcadia_app.cli.next_steps import NO_SCHEDULE, NO_SCHEDULER
from arcadia_app.cli.tables import console, table, whole
from arcadia_app.use_cases.platform.read_schedule import Planned
from arcadia_app.wire.schedule import Schedule, ScheduledTick


def show_schedule(found: Sequence[Planned], json_: bool) -> None:
    """A line for each tick; then what is due and was not fired."""
    if json_:
        _print_json(Schedule(items=[ScheduledTick.of(one) for one in found]))
        return
    made = table("Schedule (UTC)", ("", "cron", "next", "last", "last job"), left=5)
    for one in found:
        last = "–" if one.row.last_at is None else f"{one.row.last_at:%Y-%m-%d %H:%M}"
        made.add_row(one.row.name, one.row.cron, _next(one), last, str(one.row.last_job_id or "–"))
    whole(made, "last job")
    console(marked_up=False).print(made)
    late = ", ".join(one.row.name for one in found if one.due_since is not None)
    if not found:
        click.echo(NO_SCHEDULE, err=True)
    elif late:
        click.echo(f"Due, and not fired yet: {late}. {NO_SCHEDULER}", err=True)


def show_tick(told: Planned, json_: bool) -> None:
    if json_:
        _print_json(ScheduledTick.of(told))
        return
    name = told.row.name
    if told.row.paused:
        click.echo(f"{name} is paused: 'arcadia schedule resume {name}' lets it go on.")
    else:
        click.echo(f"{name} goes on: next {_next(told)} (UTC).")


def _next(planned: Planned) -> str:
    """The day is said where it is another than that before it."""
    if planned.row.paused:
        return "paused"
    if not planned.known:
        return "not of this version"
    words, day = [], None
    for at in planned.next:
        words.append(f"{at:%H:%M}" if at.date() == day else f"{at:%Y-%m-%d %H:%M}")
        day = at.date()
    return ", ".join(words)


def _print_json(shape: Any) -> None:
    click.echo(json.dumps(msgspec.to_builtins(shape), indent=2, ensure_ascii=False))
