"""Metering: from who held which resource to what each deployment used on a day (SPEC 7).

Owns how a day is metered. Pure: the same holdings give the same day, in any order. Pushed usage
(bandwidth, tokens) and the folding of days into months are usage's.

Merge first, round last: the time of all resources of a deployment and kind is summed exactly and becomes a
quantity, in millionths, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.usage import DayUsage
from arcadia_domain.cloud.holdings import METERED, Holding
from arcadia_domain.cloud.spans import FOREVER, micros
from arcadia_domain.errors import DomainError
from arcadia_domain.money import half_up
from arcadia_domain.period import check_day, midnight, month_of
from arcadia_domain.pricing.kinds import Aggregation, resource_kind
from arcadia_domain.quantity import MICRO, from_micro

_HOUR = 3600 * MICRO
_DAY = 24 * _HOUR


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


class NoSize(CannotMeter):
    code = "resource_without_size"
    sentence = "The {kind} {resource_id} cannot be metered: {size!r} is not a size in GB."


class HeldTwice(CannotMeter):
    code = "resource_held_twice"
    sentence = "The {kind} {resource_id} cannot be metered: on this day it is held twice at once."


@dataclass(frozen=True, slots=True)
class MeteringFailure:
    """A tenant that is not metered for this day, and the resource that is the reason."""

    tenant_id: str
    deployment_id: UUID
    resource_id: UUID
    error: CannotMeter


@dataclass(frozen=True, slots=True)
class MeteredDay:
    """The usage of a day. A tenant with a failure has no usage here: nobody is metered in part."""

    day: date
    usage: tuple[DayUsage, ...]
    failures: tuple[MeteringFailure, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the day, in microseconds, in which a deployment used a resource."""

    holding: Holding
    start: int
    end: int
    size_micro: int


def meter(day: date, holdings: Iterable[Holding]) -> MeteredDay:
    """The usage of `day` (UTC) by deployment and kind, and who cannot be metered, with reasons.

    What was held and came to nothing (an empty bucket) is there with 0: the day was metered.
    Sum kinds count the exact overlap of lifetime, holding and day; GB kinds weigh it with the size and with
    the day's share of the month; peak kinds count how many were held at once at most. A resource that was
    not held on the day fails nobody. Raises DateOutOfRange.
    """
    midnight_at = micros(midnight(check_day(day, "The day to meter")))
    pieces: list[_Piece] = []
    failures: list[MeteringFailure] = []
    for holding in holdings:
        try:
            pieces += _pieces(holding, midnight_at, midnight_at + _DAY)
        except CannotMeter as error:
            failures.append(_failure(holding, error))
    failures += _held_twice(pieces)
    stopped = {failure.tenant_id for failure in failures}
    merged: dict[tuple[str, UUID, str], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        who = piece.holding
        if who.tenant_id not in stopped:
            merged[who.tenant_id, who.deployment_id, METERED[who.kind]].append(piece)
    usage = [DayUsage(*key, day, from_micro(_micro(key[2], held, day))) for key, held in merged.items()]
    return MeteredDay(day, tuple(sorted(usage, key=_usage_order)), tuple(_each_once(failures)))


def month_share(day: date) -> int:
    """The day's share of its month, in millionths: those of all its days add up to exactly 1,000,000."""
    days = month_of(day).days
    return MICRO * day.day // days - MICRO * (day.day - 1) // days


def _pieces(holding: Holding, start: int, end: int) -> list[_Piece]:
    """The holding's stretches of the day from `start` to `end`, cut to the resource's lifetime."""
    if holding.kind not in METERED:
        return []
    held = _clip([span.bounds for span in holding.held], start, end)
    if not held:
        return []
    born, died = _lifetime(holding, start)
    alive = _clip(held, born, died)
    size = _size_micro(holding) if alive and _is_sized(holding.kind) else 0
    return [_Piece(holding, begin, stop, size) for begin, stop in alive]


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


def _is_sized(kind: str) -> bool:
    return resource_kind(METERED[kind]).base_unit == "gb_month"


def _size_micro(holding: Holding) -> int:
    size = holding.size_gb
    if type(size) is not Decimal or not size.is_finite() or size < 0:
        raise NoSize(kind=holding.kind, resource_id=holding.resource_id, size=size)
    numerator, denominator = size.as_integer_ratio()
    return half_up(numerator * MICRO, denominator)


def _micro(kind: str, pieces: list[_Piece], day: date) -> int:
    """The quantity of one usage kind in millionths, rounded once."""
    usage_kind = resource_kind(kind)
    if usage_kind.aggregation is Aggregation.PEAK:
        return _peak(pieces) * MICRO
    if usage_kind.base_unit == "gb_month":
        gb_time = sum(piece.size_micro * (piece.end - piece.start) for piece in pieces)
        return half_up(gb_time * month_share(day), _DAY * MICRO)
    return half_up(sum(piece.end - piece.start for piece in pieces) * MICRO, _HOUR)


def _peak(pieces: list[_Piece]) -> int:
    """How many were held at once at most; what ends at an instant is gone before what begins at it."""
    steps = sorted([(piece.start, 1) for piece in pieces] + [(piece.end, -1) for piece in pieces])
    held = most = 0
    for _, step in steps:
        held += step
        most = max(most, held)
    return most


def _held_twice(pieces: list[_Piece]) -> list[MeteringFailure]:
    """Every holder of a resource that is held twice at one instant: metering it would bill it twice."""
    by_resource: dict[UUID, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        by_resource[piece.holding.resource_id].append(piece)
    failures = []
    for resource_id, held in by_resource.items():
        held.sort(key=lambda piece: (piece.start, piece.end))
        furthest = held[0]
        for piece in held[1:]:
            if piece.start < furthest.end:
                error = HeldTwice(kind=piece.holding.kind, resource_id=resource_id)
                failures += [_failure(furthest.holding, error), _failure(piece.holding, error)]
            if piece.end > furthest.end:
                furthest = piece
    return failures


def _failure(holding: Holding, error: CannotMeter) -> MeteringFailure:
    return MeteringFailure(holding.tenant_id, holding.deployment_id, holding.resource_id, error)


def _each_once(failures: list[MeteringFailure]) -> list[MeteringFailure]:
    once = {
        (found.tenant_id, str(found.deployment_id), str(found.resource_id), found.error.code): found
        for found in failures
    }
    return [once[key] for key in sorted(once)]


def _usage_order(usage: DayUsage) -> tuple[str, str, str]:
    return usage.tenant_id, str(usage.deployment_id), usage.kind
