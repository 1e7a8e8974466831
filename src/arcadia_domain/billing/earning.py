"""By what a deployment's month can earn: which kinds its subscription and the fallback prices name on a day.

Owns that question alone, for leakage. It asks pricing's own rules (on whose terms a size is billed, the terms
of each day), so that what is said to be earned here is what an invoice would bill. No amount is computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from arcadia_domain.period import Period
from arcadia_domain.pricing.catalog import ResourcePrice
from arcadia_domain.pricing.kinds import KINDS, ResourceKind, base_of, of_size, resource_kind
from arcadia_domain.pricing.overage import Cut, cuts
from arcadia_domain.pricing.sizes import billed_as
from arcadia_domain.pricing.stretch import Stretch
from arcadia_domain.quantity import MICRO


@dataclass(frozen=True, slots=True)
class EarningMonth:
    """By what one deployment's month can earn.

    `prices` are the fallback prices in its tenant's currency. `used` are the usage kinds, with their sizes,
    of which anything is recorded in the month. What is recorded as 0 is nothing: it may wait for a push.
    """

    stretches: tuple[Stretch, ...]
    prices: Sequence[ResourcePrice]
    used: frozenset[str]


class Earner:
    """Answers for one deployment and month; the terms of each kind are looked up once."""

    __slots__ = ("_days", "_earning", "_month", "_used")

    def __init__(self, earning: EarningMonth, month: Period) -> None:
        self._earning = earning
        self._month = month
        self._used = frozenset(base_of(kind) for kind in earning.used)
        self._days: dict[str, frozenset[date]] = {}

    def named(self, bases: Iterable[str], sizes: Sequence[str], held: Collection[date]) -> list[str]:
        """Those of the kinds, given without sizes, that have a price on one of the days `held`.

        `sizes` are what the line and its resource say, the surest first; a word that is none is passed over.
        """
        return [
            base
            for base in bases
            if any(not self._priced(code).isdisjoint(held) for code in self._codes(base, sizes))
        ]

    def is_used(self, bases: Iterable[str]) -> bool:
        """Whether usage of any of the kinds, given without sizes, is recorded in the month, of any size."""
        return not self._used.isdisjoint(bases)

    def _codes(self, base: str, sizes: Sequence[str]) -> Sequence[str]:
        """The kinds as which the line may have been metered: of the size that is told, where meters have it.

        Where they do not, any of the base: a word in a description is no ground to call a line unearned.
        """
        told = [of_size(base, size) for size in sizes] if KINDS[base].is_sized else []
        metered = [code for code in told if code != base and code in self._earning.used]
        if metered:
            return metered[:1]
        return [base, *told, *(code for code in self._earning.used if base_of(code) == base)]

    def _priced(self, code: str) -> frozenset[date]:
        """The days of the month whose usage of the kind has a price, its own or its base's."""
        if code not in self._days:
            every_day = {code: dict.fromkeys(self._month, MICRO)}
            billed = billed_as(every_day, self._earning.stretches, self._earning.prices)
            self._days[code] = frozenset(
                day
                for kind, by_day in billed.items()
                for day in by_day.keys() & set(self._days_with_a_price(resource_kind(kind)))
            )
        return self._days[code]

    def _days_with_a_price(self, kind: ResourceKind) -> Iterator[date]:
        """The days whose terms name a price for the kind. An addon only lifts what is included."""
        terms = cuts(kind, self._earning.stretches, self._earning.prices, self._month)
        ends = [*(cut.first_day for cut in terms[1:]), self._month.end]
        for cut, end in zip(terms, ends, strict=True):
            if _earns(cut):
                yield from Period(cut.first_day, end)


def _earns(cut: Cut) -> bool:
    """A version that lists the kind earns it, whatever it asks for more: its base price pays the allowance.

    A fallback price has no base price: where it is zero, nobody pays.
    """
    return cut.terms.priced and (cut.price is None or cut.price.price_cents > 0)
