"""Overage lines: usage beyond the allowance, in arrears (SPEC 4 and 5).

Data flow, for one kind: days -> `cuts` (days with one set of terms) -> groups of equal terms -> shares of the
allowance -> the overage, divided by the usage in each group's days -> one line a group, rounded once.
All quantities in here are whole millionths of the kind's base unit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import NamedTuple

from arcadia_domain.money import allocate, half_up, largest_remainder
from arcadia_domain.period import Period
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import ResourceKind, place, resource_kind
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.recurring import name_of
from arcadia_domain.pricing.sizes import days_lifted
from arcadia_domain.pricing.stretch import AttachedAddon, Stretch, span
from arcadia_domain.pricing.usage import MicroByDay, day_of_peak
from arcadia_domain.quantity import MICRO, from_micro, plain, to_micro


class Terms(NamedTuple):
    """What overage of one kind costs. Days with equal terms are one line."""

    allowance: int
    unit: str
    factor: int
    price_cents: int
    cap: int | None
    priced: bool = True


class Cut(NamedTuple):
    """Consecutive days whose usage of one kind counts on one set of terms."""

    first_day: date
    terms: Terms
    days_in_service: int
    version: PlanVersion | None
    price: ResourcePrice | None


@dataclass(slots=True)
class _Group:
    """The cuts of a month that have equal terms, merged."""

    terms: Terms
    days_in_service: int = 0
    used: int = 0
    included: int = 0
    cap: int = 0
    versions: list[str] = field(default_factory=list)
    price: ResourcePrice | None = None


def overage_lines(
    stretches: Sequence[Stretch], usage: MicroByDay, prices: Sequence[ResourcePrice], month: Period
) -> list[Line]:
    """The lines of every kind that was used, in the order of the registry."""
    days_in_span = span(stretches)
    lifted = lifts(stretches, prices)
    lines: list[Line] = []
    for code, by_day in sorted(usage.items(), key=lambda item: place(item[0])):
        kind = resource_kind(code)
        all_cuts = cuts(kind, stretches, prices, month)
        groups = _groups(all_cuts, days_in_span)
        _count(kind, by_day, all_cuts, groups)
        lines += _lines_of(kind, list(groups.values()), lifted.get(code, []), days_in_span)
    return lines


def allowance(
    kind: ResourceKind, stretches: Sequence[Stretch], prices: Sequence[ResourcePrice], month: Period
) -> int:
    """What the month includes of a kind, in millionths: what overage lines are measured against."""
    groups = _groups(cuts(kind, stretches, prices, month), span(stretches))
    return _allowance(groups.values(), lifts(stretches, prices).get(kind.code, []))


def lifts(
    stretches: Sequence[Stretch], prices: Sequence[ResourcePrice]
) -> dict[str, list[tuple[AttachedAddon, int]]]:
    """By kind, how much each attached addon lifts its allowance, in millionths: its share of the days.

    The shares of one addon are together what they would be of one kind, half-up. One whose days are all out
    of service is left out; its kind is there.
    """
    days_in_span = span(stretches)
    result: dict[str, list[tuple[AttachedAddon, int]]] = {}
    for _, (addon, days) in sorted(days_lifted(stretches, prices).items()):
        micro = to_micro(addon.qty, addon.resource_kind)
        shares = largest_remainder([micro * served for served in days.values()], days_in_span or 1)
        for (kind, served), share in zip(days.items(), shares, strict=True):
            lifted = result.setdefault(kind, [])
            if served:
                lifted.append((addon, share))
    return result


def cuts(
    kind: ResourceKind, stretches: Sequence[Stretch], prices: Sequence[ResourcePrice], month: Period
) -> list[Cut]:
    """Every day of the month on the terms that its usage counts on.

    A day out of service counts to the version bound then; before the first, to the first; after the last, to
    the last. A version that does not list the kind has no allowance and the fallback price of that day, and
    so has the whole month where no subscription was there (span 0).
    """
    if not span(stretches):
        return _fallback(kind, month, None, prices)
    boundaries = [stretch.period.start for stretch in stretches[1:]]
    result: list[Cut] = []
    for stretch, start, end in zip(
        stretches, [month.start, *boundaries], [*boundaries, month.end], strict=True
    ):
        if item := stretch.version.item(kind.code):
            terms = _terms_of(kind, item)
            result.append(Cut(start, terms, stretch.days_in_service, stretch.version, None))
        else:
            result += _fallback(kind, Period(start, end), stretch, prices)
    return result


def _terms_of(kind: ResourceKind, item: PlanItem) -> Terms:
    cap = item.hard_cap_qty
    return Terms(
        allowance=to_micro(item.included_qty, kind.code),
        unit=item.overage_unit,
        factor=kind.factor(item.overage_unit),
        price_cents=item.overage_price_cents,
        cap=None if cap is None else to_micro(cap, kind.code),
    )


def _fallback(
    kind: ResourceKind, period: Period, stretch: Stretch | None, prices: Sequence[ResourcePrice]
) -> list[Cut]:
    """The days of `period` on the fallback prices in force on each; a day without one is on a zero price."""
    in_force: dict[date, ResourcePrice | None] = {period.start: None}
    for price in sorted((p for p in prices if p.kind == kind.code), key=lambda p: p.from_at):
        if price.first_day < period.end:
            in_force[max(period.start, price.first_day)] = price
    version = None if stretch is None else stretch.version
    ends = [*list(in_force)[1:], period.end]
    return [
        Cut(day, _terms_at(kind, price), _days_served(stretch, day, end), version, price)
        for (day, price), end in zip(in_force.items(), ends, strict=True)
    ]


def _days_served(stretch: Stretch | None, start: date, end: date) -> int:
    """The days from `start` to `end` on which the stretch was in service."""
    if stretch is None or not stretch.status.in_service:
        return 0
    days = stretch.period.overlap(Period(start, end))
    return days.days if days else 0


def _terms_at(kind: ResourceKind, price: ResourcePrice | None) -> Terms:
    if price is None:
        unit, factor = next(iter(kind.units.items()))
        return Terms(0, unit, factor, 0, None, priced=False)
    return Terms(0, price.unit, kind.factor(price.unit), price.price_cents, None)


def _groups(all_cuts: Sequence[Cut], days_in_span: int) -> dict[Terms, _Group]:
    """The cuts merged by equal terms, each with its share of the allowance, in the order of the days."""
    merged: dict[Terms, _Group] = {}
    for cut in all_cuts:
        group = merged.setdefault(cut.terms, _Group(cut.terms))
        group.days_in_service += cut.days_in_service
        group.price = cut.price or group.price
        if cut.version and (name := name_of(cut.version)) not in group.versions:
            group.versions.append(name)
    _share_out(list(merged.values()), days_in_span)
    return merged


def _count(
    kind: ResourceKind,
    by_day: Mapping[date, int],
    all_cuts: Sequence[Cut],
    groups: Mapping[Terms, _Group],
) -> None:
    """Give each group the usage of its days."""
    if kind.is_peak:
        peak_day = day_of_peak(by_day)
        by_day = {peak_day: by_day[peak_day]}
    first_days = [cut.first_day for cut in all_cuts]
    for day, used in by_day.items():
        groups[all_cuts[bisect_right(first_days, day) - 1].terms].used += used


def _lines_of(
    kind: ResourceKind,
    groups: Sequence[_Group],
    lifts: Sequence[tuple[AttachedAddon, int]],
    days_in_span: int,
) -> list[Line]:
    used = sum(group.used for group in groups)
    allowed = _allowance(groups, lifts)
    if used <= allowed:
        return []
    common: dict[str, object] = {
        "used": plain(from_micro(used)),
        "allowance": plain(from_micro(allowed)),
        "included": plain(from_micro(sum(group.included for group in groups))),
        "lifted_by": [{"addon": a.code, "qty": plain(from_micro(micro))} for a, micro in lifts],
        "days_in_span": days_in_span,
    }
    parts = allocate(used - allowed, [group.used for group in groups])
    return [_line(kind, group, part, common) for group, part in zip(groups, parts, strict=True) if part]


def _allowance(groups: Iterable[_Group], lifts: Sequence[tuple[AttachedAddon, int]]) -> int:
    return sum(group.included for group in groups) + sum(micro for _, micro in lifts)


def _share_out(groups: Sequence[_Group], days_in_span: int) -> None:
    """Give each group its share of its own allowance and cap, by its days in service out of the span."""
    if not days_in_span:
        return
    days = [group.days_in_service for group in groups]
    allowances = [group.terms.allowance * d for group, d in zip(groups, days, strict=True)]
    caps = [(group.terms.cap or 0) * d for group, d in zip(groups, days, strict=True)]
    shares = zip(
        largest_remainder(allowances, days_in_span), largest_remainder(caps, days_in_span), strict=True
    )
    for group, (included, cap) in zip(groups, shares, strict=True):
        group.included, group.cap = included, cap


def _line(kind: ResourceKind, group: _Group, overage: int, common: dict[str, object]) -> Line:
    terms = group.terms
    billed = overage if terms.cap is None else min(overage, group.cap)
    meta: dict[str, object] = {
        **common,
        "overage": plain(from_micro(overage)),
        "days_in_service": group.days_in_service,
        "used_in_these_days": plain(from_micro(group.used)),
        "included_for_these_days": plain(from_micro(group.included)),
        "versions": group.versions,
    }
    if terms.cap is not None:
        meta["cap"] = plain(from_micro(group.cap))
        meta["above_cap"] = plain(from_micro(overage - billed))
    if group.price is not None:
        meta["price_from"] = group.price.from_at.astimezone(UTC).isoformat()
    if not terms.priced:
        meta["unpriced"] = True
    return Line(
        kind=LineKind.OVERAGE,
        resource_kind=kind.code,
        description=f"Overage: {kind.code}" + ("" if terms.priced else " (no price in force)"),
        qty=from_micro(billed, terms.factor),
        unit=terms.unit,
        unit_price_cents=terms.price_cents,
        amount_cents=half_up(billed * terms.price_cents, terms.factor * MICRO),
        meta=meta,
    )
