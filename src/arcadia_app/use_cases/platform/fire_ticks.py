"""Fire the ticks that are due: each becomes a job, once, however many schedulers run (SPEC 17).

Owns what becomes of ticks that were missed while nobody ran.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.schedule import Calendar, Scheduled
from arcadia_domain.ports.unit_of_work import Work

ON_TIME = timedelta(minutes=2)
"""A tick that is fired no later than this was not missed."""

MOST_AT_ONCE = 1000
"""Ticks of one row that are fired in one transaction: after an outage the rest follow at once."""


class Missed(Enum):
    """What becomes of the ticks that nobody fired in time."""

    SKIP = "skip"
    """Nothing: the next look is as good (a poll of the balance)."""
    ONCE = "once"
    """The last one is made up for, and stands for all of them."""
    EACH = "each"
    """Every one is made up for (a day of metering)."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What is done at each tick of a cron expression. `payload` says what the job is about, by the tick."""

    name: str
    cron: str
    job: str
    queue: str
    missed: Missed
    payload: Callable[[datetime], Mapping[str, Any]]
    ordering_key: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A tick that became a job."""

    name: str
    at: datetime
    job_id: UUID


def put_schedule(
    work: Work, by: Principal, *, ticks: Sequence[Tick], calendar: Calendar, now: datetime
) -> None:
    """Let the schedule hold these ticks, from now on. Raises OperatorsOnly, InvalidCron."""
    by.must_be_operator("change the schedule")
    work.schedule.put({tick.name: (tick.cron, calendar.next(tick.cron, now)) for tick in ticks})


def fire_ticks(
    work: Work, by: Principal, *, ticks: Sequence[Tick], calendar: Calendar, now: datetime
) -> list[Fired]:
    """The ticks that became jobs. Again, or twice at once: nothing more. Raises OperatorsOnly."""
    by.must_be_operator("fire ticks")
    known = {tick.name: tick for tick in ticks}
    fired: list[Fired] = []
    for row in work.schedule.take_due(now, known.keys()):
        due, next_at = _due(row, calendar, now)
        tick, job_id = known[row.name], None
        for at in _kept(tick, due, now):
            job_id = work.jobs.add(_job(work, by, tick, at), now)
            fired.append(Fired(tick.name, at, job_id))
        work.schedule.fired(row.name, next_at=next_at, last_at=due[-1], job_id=job_id)
    return fired


def _due(row: Scheduled, calendar: Calendar, now: datetime) -> tuple[list[datetime], datetime]:
    """The ticks from the first that was not fired until now, and the one after them."""
    due: list[datetime] = []
    next_at = row.next_at
    while next_at <= now and len(due) < MOST_AT_ONCE:
        due.append(next_at)
        next_at = calendar.next(row.cron, next_at)
    return due, next_at


def _kept(tick: Tick, due: Sequence[datetime], now: datetime) -> Sequence[datetime]:
    match tick.missed:
        case Missed.EACH:
            return due
        case Missed.ONCE:
            return due[-1:]
        case Missed.SKIP:
            return [at for at in due[-1:] if now - at <= ON_TIME]


def _job(work: Work, by: Principal, tick: Tick, at: datetime) -> NewJob:
    return NewJob(
        id=work.new_id(),
        name=tick.job,
        queue=tick.queue,
        payload=tick.payload(at),
        cause=f"tick {tick.name} {at:%Y-%m-%dT%H:%MZ}",
        created_by=by.subject,
        ordering_key=tick.ordering_key,
    )
