"""The schedule: what is to be done when, and which ticks have been fired (SPEC 17).

A tick is fired by whoever moves the row on, in the transaction that stores its job: once, however many
schedulers run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A row of the schedule. `next_at` is the first tick that was not fired yet."""

    name: str
    cron: str
    next_at: datetime
    last_at: datetime | None = None
    last_job_id: UUID | None = None
    paused: bool = False


class Calendar(Protocol):
    """Reads cron expressions, in UTC."""

    def next(self, cron: str, after: datetime) -> datetime:
        """The first tick later than `after`. Raises InvalidCron."""
        ...


class Schedule(Protocol):
    """The schedule, as operators and schedulers see it."""

    def rows(self) -> Sequence[Scheduled]:
        """All rows, by name."""
        ...

    def put(self, rows: Mapping[str, tuple[str, datetime]], now: datetime) -> None:
        """Add names that are missing, each with its cron expression and its first tick; a name with another
        expression takes the new one, with that tick, unless one is due `now`: that stays due.
        """
        ...

    def take_due(self, now: datetime, names: Collection[str]) -> Sequence[Scheduled]:
        """The rows of these names with a tick that is due, not paused, locked until the transaction ends.
        Those that another scheduler has locked are left to it.
        """
        ...

    def fired(self, name: str, *, next_at: datetime, last_at: datetime, job_id: UUID | None) -> None:
        """Move a row on: the tick that was fired last (or passed over: no job), and the next."""
        ...

    def pause(self, name: str, *, paused: bool) -> bool:
        """Hold a row back, or let it go on. False: there is none of that name."""
        ...
