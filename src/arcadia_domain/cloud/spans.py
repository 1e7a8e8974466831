"""Half-open stretches of instants, measured in whole microseconds.

Owns the one way to intersect and measure time below the day; days and months are period's. Reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from arcadia_domain.errors import DomainError
from arcadia_domain.period import NaiveInstant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

FOREVER = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The end, in microseconds, of what has no end yet."""


class EmptySpan(DomainError):
    code = "empty_span"
    sentence = "A span must end after it starts, but {start} to {end} holds no instant."


def micros(instant: datetime) -> int:
    """Whole microseconds since 1970. Raises NaiveInstant for a datetime without a time zone."""
    if instant.tzinfo is None:
        raise NaiveInstant(what="An instant", instant=instant)
    return (instant - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `start` (included) to `end` (excluded; None: no end yet). Never empty."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.end is not None and micros(self.end) <= micros(self.start):
            raise EmptySpan(start=self.start, end=self.end)

    @property
    def bounds(self) -> tuple[int, int]:
        """Start and end in microseconds; the end of an open span is FOREVER."""
        return micros(self.start), FOREVER if self.end is None else micros(self.end)
