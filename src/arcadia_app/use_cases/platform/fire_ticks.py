"""Fire the ticks that are due: each becomes a job, once, however many schedulers run (SPEC 17).

Owns what becomes of ticks that were missed while nobody ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.schedule import Calendar, Scheduled
from arcadia_domain.ports.unit_of_work import Work

ON_TIME = timedelta(minutes=2)
"""A tick that is fired no later than this was not missed."""

MOST_AT_ONCE = 1000
"""Jobs of one row that are made in one transaction: after an outage the rest follow at once."""


class Missed(Enum):
    """What becomes of the ticks that nobody fired in time."""

    SKIP = "skip"
    """Nothing: the next look is as good (a poll of the balance)."""
    ONCE = "once"
    """The last one is made up for, and stands for all of them."""
    EACH = "each"
    """Every one is made up for (a day of metering)."""


class Ask(Protocol):
    """Asks for the job of the tick that was due `at`, and gives its id. Raises what the store raises, and
    nothing else: a tick that cannot be fired would keep the others from it.
    """

    def __call__(self, work: Work, by: Principal, *, at: datetime, now: datetime, cause: str) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """What is asked for at each tick of a cron expression."""

    name: str
    cron: str
    missed: Missed
    ask: Ask


@dataclass(frozen=True, slots=True)
class Fired:
    """A tick that became a job."""

    name: str
    at: datetime
    job_id: UUID


def put_schedule(
    work: Work, by: Principal, *, ticks: Sequence[Tick], calendar: Calendar, now: datetime
) -> None:
    """Let the schedule hold these ticks, from now on; what was missed before is due still.

    Raises OperatorsOnly, InvalidCron.
    """
    by.must_be_operator("change the schedule")
    work.schedule.put({tick.name: (tick.cron, calendar.next(tick.cron, now)) for tick in ticks}, now)


def fire_ticks(
    work: Work, by: Principal, *, ticks: Sequence[Tick], calendar: Calendar, now: datetime
) -> list[Fired]:
    """The ticks that became jobs. Again, or twice at once: nothing more.

    Raises OperatorsOnly, InvalidCron.
    """
    by.must_be_operator("fire ticks")
    known = {tick.name: tick for tick in ticks}
    fired: list[Fired] = []
    for row in work.schedule.take_due(now, known.keys()):
        tick, job_id = known[row.name], None
        due, next_at = _due(tick, row, calendar, now)
        for at in _kept(tick, due, now):
            cause = f"tick {tick.name} {at:%Y-%m-%dT%H:%MZ}"
            job_id = tick.ask(work, by, at=at, now=now, cause=cause)
            fired.append(Fired(tick.name, at, job_id))
        work.schedule.fired(row.name, next_at=next_at, last_at=due[-1], job_id=job_id)
    return fired


def _due(tick: Tick, row: Scheduled, calendar: Calendar, now: datetime) -> tuple[list[datetime], datetime]:
    """The ticks from the first that was not fired until now, and the one after them."""
    due: list[datetime] = []
    next_at = row.next_at
    while next_at <= now and (tick.missed is not Missed.EACH or len(due) < MOST_AT_ONCE):
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
