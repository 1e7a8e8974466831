"""The pieces of a day in which a deployment held a resource that lived and stayed as it was (SPEC 7).

Owns the cutting of a holding to a day, to its lifetime and by the changes of its rates.
What the pieces add up to is metering's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.meters import Rates
from arcadia_domain.cloud.spans import FOREVER, micros
from arcadia_domain.errors import DomainError


class CannotMeter(DomainError):
    """A resource whose use on this day cannot be told. Each subclass says why."""

    code = "cannot_meter"
    sentence = "Resource {resource_id} cannot be metered."


class NoBirthDate(CannotMeter):
    code = "resource_without_created_at"
    sentence = "The {kind} {resource_id} cannot be metered: it is not known when it was created."


class DeletedBeforeCreated(CannotMeter):
    code = "resource_deleted_before_created"
    sentence = (
        "The {kind} {resource_id} cannot be metered: it was deleted at {deleted_at}, "
        "before it was created at {created_at}."
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the day, in microseconds, and what the resource counted for in it."""

    holding: Holding
    start: int
    end: int
    rates: Rates


def pieces(holding: Holding, start: int, end: int) -> list[Piece]:
    """The holding's pieces of the day from `start` to `end`. Raises NoBirthDate, DeletedBeforeCreated.

    A resource that was not held on the day has none, whatever is not known of it.
    """
    held = _clip([span.bounds for span in holding.held], start, end)
    if not held:
        return []
    alive = _clip(held, *_lifetime(holding, start))
    return [
        Piece(holding, begin, stop, rates)
        for first, last, rates in _stays(holding)
        for begin, stop in _clip(alive, first, last)
    ]


def _clip(stretches: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    clipped = ((max(begin, start), min(stop, end)) for begin, stop in stretches)
    return [(begin, stop) for begin, stop in clipped if begin < stop]


def _lifetime(holding: Holding, day_start: int) -> tuple[int, int]:
    died = FOREVER if holding.deleted_at is None else micros(holding.deleted_at)
    if holding.created_at is None:
        if died <= day_start:
            return died, died
        raise NoBirthDate(kind=holding.kind, resource_id=holding.resource_id)
    born = micros(holding.created_at)
    if died < born:
        raise DeletedBeforeCreated(
            kind=holding.kind,
            resource_id=holding.resource_id,
            created_at=holding.created_at,
            deleted_at=holding.deleted_at,
        )
    return born, died


def _stays(holding: Holding) -> Iterator[tuple[int, int, Rates]]:
    """From when to when each set of rates held; the first since ever, and the last for ever."""
    starts = [-FOREVER, *(micros(change.from_at) for change in holding.changes[1:]), FOREVER]
    for (start, end), change in zip(pairwise(starts), holding.changes, strict=False):
        yield start, end, change.rates
