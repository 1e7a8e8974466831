"""Read the schedule: what is done when, and what was done last (SPEC 17). Operators only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arcadia_domain.identity import Principal
from arcadia_domain.ports.schedule import Calendar, Scheduled
from arcadia_domain.ports.unit_of_work import Work

AHEAD: Final = 3
"""Ticks that are told ahead."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the schedule, and its next ticks: none while it is paused, or where this version does not know
    it. `due_since` is the first tick that was due and that nobody has fired.
    """

    row: Scheduled
    known: bool
    next: Sequence[datetime]
    due_since: datetime | None


def read_schedule(
    work: Work, by: Principal, *, known: Collection[str], calendar: Calendar, now: datetime
) -> list[Planned]:
    """Every row, by name. `known` are the ticks of this version: those of another one, which may still run
    beside, are left to it. Raises OperatorsOnly.
    """
    by.must_be_operator("read the schedule")
    return [planned(row, known, calendar, now) for row in work.schedule.rows()]


def planned(row: Scheduled, known: Collection[str], calendar: Calendar, now: datetime) -> Planned:
    """A row with its next ticks."""
    is_known = row.name in known
    if row.paused or not is_known:
        return Planned(row, is_known, (), None)
    ahead: list[datetime] = []
    at = now
    for _ in range(AHEAD):
        at = calendar.next(row.cron, at)
        ahead.append(at)
    return Planned(row, is_known, ahead, row.next_at if row.next_at <= now else None)
