"""On whose terms the usage of a size is billed: its own where they name it, else its base's (SPEC 3, 5).

Owns that choice, day by day, before anything is added up. Usage of `droplet_hours:s-4vcpu-8gb` counts on

1. that kind, on days whose version lists it or that have an addon of it;
2. else `droplet_hours`, on days whose version lists it or that have an addon of it;
3. else that kind, from the first day on that a fallback price names it;
4. else `droplet_hours`.

A day out of service counts as it does for overage: to the stretch bound then; before the first, to the first;
after the last, to the last. Where no subscription was there (span 0), none names anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date

from arcadia_domain.pricing.catalog import ResourcePrice
from arcadia_domain.pricing.kinds import base_of
from arcadia_domain.pricing.stretch import Stretch, span
from arcadia_domain.pricing.usage import MicroByDay


def billed_as(usage: MicroByDay, stretches: Sequence[Stretch], prices: Sequence[ResourcePrice]) -> MicroByDay:
    """The usage by the kinds that it is billed as: nothing is lost, and again changes nothing."""
    if not any(":" in code for code in usage):
        return usage
    names = _names(stretches)
    billed: MicroByDay = {}
    for code, by_day in usage.items():
        base = base_of(code)
        priced_from = min((price.first_day for price in prices if price.kind == code), default=date.max)
        for day, micro in by_day.items():
            named = names(day)
            on_its_own = code in named or (base not in named and priced_from <= day)
            days = billed.setdefault(code if on_its_own else base, {})
            days[day] = days.get(day, 0) + micro
    return billed


def _names(stretches: Sequence[Stretch]) -> Callable[[date], frozenset[str]]:
    """The kinds that the subscription names on a day."""
    if not span(stretches):
        return lambda day: frozenset()
    starts = [stretch.period.start for stretch in stretches[1:]]
    named = [
        frozenset(item.resource_kind for item in stretch.version.items)
        | frozenset(addon.resource_kind for addon in stretch.addons)
        for stretch in stretches
    ]
    return lambda day: named[bisect_right(starts, day)]
