"""On whose terms a size counts: its own where they name it, else its base's (SPEC 3, 5).

Owns that choice, day by day, before anything is added up, for usage and for addons alike: an addon names
nothing, and lifts what usage of its kind counts on. Both of `droplet_hours:s-4vcpu-8gb` count on

1. that kind, on days whose version lists it;
2. else `droplet_hours`, on days whose version lists it;
3. else that kind, from the first day on that a fallback price names it;
4. else `droplet_hours`.

A day out of service counts as it does for overage: to the stretch bound then; before the first, to the first;
after the last, to the last. Where no subscription was there (span 0), no version lists anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date

from arcadia_domain.pricing.catalog import ResourcePrice
from arcadia_domain.pricing.kinds import base_of
from arcadia_domain.pricing.stretch import AttachedAddon, Stretch, span
from arcadia_domain.pricing.usage import MicroByDay

DaysLifted = dict[int, tuple[AttachedAddon, dict[str, int]]]
"""By an addon's slot: the addon, and of its days those in service, by the kind that it lifts on them."""


def billed_as(usage: MicroByDay, stretches: Sequence[Stretch], prices: Sequence[ResourcePrice]) -> MicroByDay:
    """The usage by the kinds that it is billed as: nothing is lost, and again changes nothing."""
    if not any(":" in code for code in usage):
        return usage
    counts_on = _counts_on(stretches, prices)
    billed: MicroByDay = {}
    for code, by_day in usage.items():
        for day, micro in by_day.items():
            days = billed.setdefault(counts_on(code, day), {})
            days[day] = days.get(day, 0) + micro
    return billed


def days_lifted(stretches: Sequence[Stretch], prices: Sequence[ResourcePrice]) -> DaysLifted:
    """The kinds that each addon lifts, with its days in service: each of its days is with one kind."""
    counts_on = _counts_on(stretches, prices)
    lifted: DaysLifted = {}
    for stretch in stretches:
        serves = stretch.status.in_service
        for addon in stretch.addons:
            _, days = lifted.setdefault(addon.slot, (addon, {}))
            if ":" not in addon.resource_kind:
                days[addon.resource_kind] = days.get(addon.resource_kind, 0) + stretch.days_in_service
                continue
            for day in stretch.period:
                kind = counts_on(addon.resource_kind, day)
                days[kind] = days.get(kind, 0) + serves
    return lifted


def _counts_on(stretches: Sequence[Stretch], prices: Sequence[ResourcePrice]) -> Callable[[str, date], str]:
    """The kind on whose terms a kind counts on a day."""
    listed = _listed(stretches)
    priced_from: dict[str, date] = {}
    for price in prices:
        priced_from[price.kind] = min(price.first_day, priced_from.get(price.kind, date.max))

    def counts_on(code: str, day: date) -> str:
        base, kinds = base_of(code), listed(day)
        is_priced = base not in kinds and priced_from.get(code, date.max) <= day
        return code if code in kinds or is_priced else base

    return counts_on


def _listed(stretches: Sequence[Stretch]) -> Callable[[date], frozenset[str]]:
    """The kinds that the version bound on a day lists."""
    if not span(stretches):
        return lambda day: frozenset()
    starts = [stretch.period.start for stretch in stretches[1:]]
    kinds = [frozenset(item.resource_kind for item in stretch.version.items) for stretch in stretches]
    return lambda day: kinds[bisect_right(starts, day)]
