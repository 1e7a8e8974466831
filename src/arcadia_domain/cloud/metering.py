"""Metering: from who held which resource to what each deployment used on a day (SPEC 7).

Owns how a day is metered. Pure: the same holdings give the same day, in any order. Pushed usage
(bandwidth, tokens) and the folding of days into months are usage's.

Merge first, round last: rate × time of all resources of a deployment and kind is summed exactly and becomes a
quantity, in millionths, once; the quantities of its sizes add up to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from arcadia_domain.billing.usage import DayOfKind, DayUsage
from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.meters import usage_kinds
from arcadia_domain.cloud.pieces import CannotMeter, Piece, pieces
from arcadia_domain.cloud.spans import micros
from arcadia_domain.money import half_up, largest_remainder
from arcadia_domain.period import check_day, midnight, month_of
from arcadia_domain.pricing.kinds import base_of, resource_kind
from arcadia_domain.quantity import MICRO, from_micro

_HOUR = 3600 * MICRO
_DAY = 24 * _HOUR


class NoSize(CannotMeter):
    code = "resource_without_size"
    sentence = (
        "The {kind} {resource_id} cannot be metered: the provider does not tell its {usage_kind}, "
        "and none was pushed for {day}."
    )


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
    """The usage of a day. A tenant with a failure has no usage here: nobody is metered in part.

    `left_to_push`: what the provider does not tell, and somebody else does.
    """

    day: date
    usage: tuple[DayUsage, ...]
    failures: tuple[MeteringFailure, ...]
    left_to_push: tuple[DayOfKind, ...] = ()


class _Counted(NamedTuple):
    """A stretch of the day, in microseconds, at a rate in millionths."""

    start: int
    end: int
    rate: int


_BySize = dict[str, list[_Counted]]
"""By usage kind: the sizes of one base, or the base itself."""


def meter(day: date, holdings: Iterable[Holding], pushed: Collection[DayOfKind] = ()) -> MeteredDay:
    """The usage of `day` (UTC) by deployment and kind, and who cannot be metered, with reasons.

    What was held and came to nothing (an empty bucket) is there with 0: the day was metered. Hours count the
    exact overlap of lifetime, holding and day at their rate; GB weigh it with the day's share of the month;
    peak kinds count how many were held at once at most. A resource that was not held on the day fails nobody.
    What the provider does not tell fails its tenant, but where it is in `pushed`. Raises DateOutOfRange.
    """
    midnight_at = micros(midnight(check_day(day, "The day to meter")))
    found: list[Piece] = []
    failures: list[MeteringFailure] = []
    left: set[DayOfKind] = set()
    merged: dict[DayOfKind, _BySize] = {}
    for holding in holdings:
        try:
            of_day = pieces(holding, midnight_at, midnight_at + _DAY)
            counted, passed_over = _counted(of_day, day, pushed)
        except CannotMeter as error:
            failures.append(_failure(holding, error))
            continue
        found += of_day
        left |= passed_over
        for key, by_size in counted.items():
            sums = merged.setdefault(key, {})
            for kind, stretches in by_size.items():
                sums.setdefault(kind, []).extend(stretches)
    failures += _held_twice(found)
    stopped = {failure.tenant_id for failure in failures}
    usage = [one for key, sums in merged.items() if key.tenant_id not in stopped for one in _usage(key, sums)]
    return MeteredDay(
        day,
        tuple(sorted(usage, key=_order)),
        tuple(_each_once(failures)),
        tuple(sorted((key for key in left if key.tenant_id not in stopped), key=_order)),
    )


def untold(day: date, holdings: Iterable[Holding]) -> frozenset[DayOfKind]:
    """What the provider may not tell of these holdings: the days to look up among what was pushed."""
    return frozenset(
        _key(holding, kind, day)
        for holding in holdings
        for change in holding.changes
        for kind, rate in change.rates.items()
        if _micro(rate) is None
    )


def month_share(day: date) -> int:
    """The day's share of its month, in millionths: those of all its days add up to exactly 1,000,000."""
    days = month_of(day).days
    return MICRO * day.day // days - MICRO * (day.day - 1) // days


def _counted(
    of_day: Iterable[Piece], day: date, pushed: Collection[DayOfKind]
) -> tuple[dict[DayOfKind, _BySize], set[DayOfKind]]:
    """What a holding's pieces count for, and what of it is passed over. Raises NoSize."""
    counted: dict[DayOfKind, _BySize] = {}
    left: set[DayOfKind] = set()
    for piece in of_day:
        for base in usage_kinds(piece.holding.kind):
            counted.setdefault(_key(piece.holding, base, day), {})
        for kind, rate in piece.rates.items():
            key, micro = _key(piece.holding, kind, day), _micro(rate)
            if micro is not None:
                stretch = _Counted(piece.start, piece.end, micro)
                counted.setdefault(key, {}).setdefault(kind, []).append(stretch)
            elif key in pushed:
                left.add(key)
            else:
                who = piece.holding
                raise NoSize(kind=who.kind, resource_id=who.resource_id, usage_kind=kind, day=day)
    return {key: by_size for key, by_size in counted.items() if key not in left}, left


def _key(holding: Holding, kind: str, day: date) -> DayOfKind:
    """What has one source: all sizes of a kind together."""
    return DayOfKind(holding.tenant_id, holding.deployment_id, base_of(kind), day)


def _micro(rate: Decimal | None) -> int | None:
    """A rate in millionths; None where it is none."""
    if type(rate) is not Decimal or not rate.is_finite() or rate < 0:
        return None
    numerator, denominator = rate.as_integer_ratio()
    return half_up(numerator * MICRO, denominator)


def _usage(key: DayOfKind, by_size: _BySize) -> list[DayUsage]:
    """The quantities of one base: rounded once, and divided between its sizes without loss."""
    base = resource_kind(key.kind)
    kinds = sorted(by_size) or [base.code]
    stretches = [by_size.get(kind, []) for kind in kinds]
    if base.is_peak:
        quantities = [_peak(counted) for counted in stretches]
    else:
        share, whole = (month_share(key.day), _DAY * MICRO) if base.base_unit == "gb_month" else (1, _HOUR)
        quantities = largest_remainder([share * _rate_time(counted) for counted in stretches], whole)
    return [
        DayUsage(key.tenant_id, key.deployment_id, kind, key.day, from_micro(micro))
        for kind, micro in zip(kinds, quantities, strict=True)
    ]


def _rate_time(stretches: Iterable[_Counted]) -> int:
    return sum((one.end - one.start) * one.rate for one in stretches)


def _peak(stretches: Sequence[_Counted]) -> int:
    """How much was held at once at most; what ends at an instant is gone before what begins at it."""
    steps = [(one.start, one.rate) for one in stretches] + [(one.end, -one.rate) for one in stretches]
    held = most = 0
    for _, step in sorted(steps):
        held += step
        most = max(most, held)
    return most


def _held_twice(found: Iterable[Piece]) -> list[MeteringFailure]:
    """Every holder of a resource that is held twice at one instant: metering it would bill it twice."""
    by_resource: dict[UUID, list[Piece]] = defaultdict(list)
    for piece in found:
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


def _order(one: DayUsage | DayOfKind) -> tuple[str, str, str]:
    return one.tenant_id, str(one.deployment_id), one.kind
