"""The commands about the schedule: what is done when, and holding a tick back.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import as_json, json_after, needs_wiring, operator_here

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def schedule(context: click.Context, json_: bool) -> None:
    """What is done when, in UTC: the next runs and the last. Its commands pause a tick and resume it."""
    if context.invoked_subcommand is not None:
        json_after(context, json_)
        return
    from arcadia_app.cli.show_schedule import show_schedule
    from arcadia_app.use_cases.platform.read_schedule import read_schedule

    wiring: Callable[[], Wiring] = context.obj
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = read_schedule(
            work, operator_here(), known=app.ticks, calendar=app.calendar, now=app.clock.now()
        )
    show_schedule(found, json_)


@schedule.command()
@click.argument("name")
@as_json
@needs_wiring
def pause(wiring: Callable[[], Wiring], name: str, json_: bool) -> None:
    """Hold a tick back until it is resumed."""
    _pause(wiring, name, True, json_)


@schedule.command()
@click.argument("name")
@as_json
@needs_wiring
def resume(wiring: Callable[[], Wiring], name: str, json_: bool) -> None:
    """Let a tick go on. What it missed is made up for as after an outage."""
    _pause(wiring, name, False, json_)


def _pause(wiring: Callable[[], Wiring], name: str, paused: bool, json_: bool) -> None:
    from arcadia_app.cli.show_schedule import show_tick
    from arcadia_app.use_cases.platform.pause_tick import pause_tick

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        told = pause_tick(
            work,
            operator_here(),
            name=name,
            paused=paused,
            known=app.ticks,
            calendar=app.calendar,
            now=app.clock.now(),
        )
    show_tick(told, json_)
