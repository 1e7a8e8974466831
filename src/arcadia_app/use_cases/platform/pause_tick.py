"""Pause a tick of the schedule, or let it go on (SPEC 17). Operators only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from arcadia_app.use_cases.platform.read_schedule import Planned, planned
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.schedule import Calendar
from arcadia_domain.ports.unit_of_work import Work


class TickNotFound(DomainError):
    code = "tick_not_found"
    sentence = "There is no {name!r} in the schedule."
    field = "tick_name"


def pause_tick(
    work: Work,
    by: Principal,
    *,
    name: str,
    paused: bool,
    known: Collection[str],
    calendar: Calendar,
    now: datetime,
) -> Planned:
    """Hold a tick back, or let it go on: what it missed meanwhile is made up for as its policy says. Again:
    nothing more. `known` as in `read_schedule`. Raises OperatorsOnly, TickNotFound.
    """
    by.must_be_operator("pause a tick")
    if not work.schedule.pause(name, paused=paused):
        raise TickNotFound(name=name)
    row = next(row for row in work.schedule.rows() if row.name == name)
    return planned(row, known, calendar, now)
