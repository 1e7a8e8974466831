"""The calendar counted out by hand: every minute is held against the five fields, and what becomes of a tick
that is late is said once more. Nothing here is the product's but the list of ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arcadia_app.use_cases.platform.fire_ticks import Missed, Tick

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=2)
"""A poll that is later than this is left out."""
_LOWEST_AND_HIGHEST = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@dataclass(frozen=True)
class Cron:
    """What each field of an expression allows."""

    fields: tuple[frozenset[int], ...]
    any_day: bool
    any_weekday: bool

    @classmethod
    def of(cls, text: str) -> Cron:
        written = text.split()
        allowed = [_allowed(*each) for each in zip(written, _LOWEST_AND_HIGHEST, strict=True)]
        return cls(tuple(allowed), written[2].startswith("*"), written[4].startswith("*"))

    def at(self, minute: datetime) -> bool:
        """Whether it ticks at this minute of UTC. Of two restricted fields of the day, one must fit."""
        minutes, hours, days, months, weekdays = self.fields
        day = minute.day in days
        weekday = minute.isoweekday() in weekdays or (minute.isoweekday() == 7 and 0 in weekdays)
        fits = day or weekday if not (self.any_day or self.any_weekday) else day and weekday
        return minute.minute in minutes and minute.hour in hours and minute.month in months and fits


def _allowed(field: str, bounds: tuple[int, int]) -> frozenset[int]:
    return frozenset(n for part in field.split(",") for n in _part(part, bounds))


def _part(part: str, bounds: tuple[int, int]) -> range:
    span, _, step = part.partition("/")
    first, last = bounds
    if span != "*":
        low, _, high = span.partition("-")
        first, last = int(low), int(high or low)
    return range(first, last + 1, int(step or 1))


def minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    """Every minute after `since`, up to `until`."""
    minute = since
    while minute < until:
        minute += MINUTE
        yield minute


def ticks_of(ticks: Sequence[Tick], since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """When each of them is due."""
    crons = {tick.name: Cron.of(tick.cron) for tick in ticks}
    found: dict[str, list[datetime]] = {name: [] for name in crons}
    for minute in minutes(since, until):
        for name, cron in crons.items():
            if cron.at(minute):
                found[name].append(minute)
    return found


def fired_of(missed: Missed, due: Sequence[datetime], looks: Sequence[datetime]) -> Iterator[datetime]:
    """Which of these are fired by those who look at these instants, and before them at none."""
    waiting = list(reversed(due))
    for look in looks:
        late: list[datetime] = []
        while waiting and waiting[-1] <= look:
            late.append(waiting.pop())
        if missed is Missed.EACH:
            yield from late
        elif late and (missed is Missed.ONCE or look - late[-1] <= LATE):
            yield late[-1]
