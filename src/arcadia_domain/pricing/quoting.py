"""quote(): what a plan costs, before (projection) and after (invoice) the month. Read this first.

From quote() to a line's amount, in this order:

    quote()            a month of one version, from its start day       here
    price()            the same for any stretches of one month          here; the rollup calls it too
    recurring_lines()  base and addons, prorated, merged, rounded once  recurring.py
    billed_as()        usage of a size: on its own terms or its base's  sizes.py
    overage_lines()    usage beyond the allowance, rounded once         overage.py
    half_up()          the only rounding                                money.py

Owns no state and reads no clock: the same input gives the same lines in the same order, and the same hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from arcadia_domain.money import same_currency
from arcadia_domain.period import Period, check_day, month_of
from arcadia_domain.pricing import proof, stretch
from arcadia_domain.pricing.catalog import PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import place, resource_kind
from arcadia_domain.pricing.line import Line, total_cents
from arcadia_domain.pricing.overage import allowance, lifts, overage_lines
from arcadia_domain.pricing.recurring import recurring_lines
from arcadia_domain.pricing.sizes import billed_as
from arcadia_domain.pricing.stretch import AddonTerms, AttachedAddon, Stretch
from arcadia_domain.pricing.usage import KindUsage, MicroByDay, UsageByDay, checked, month_total
from arcadia_domain.quantity import from_micro


@dataclass(frozen=True, slots=True)
class Pricing:
    """What a month of one deployment costs: prorated recurring lines, then overage lines."""

    month: Period
    currency: str
    recurring: tuple[Line, ...]
    overage: tuple[Line, ...]
    _stretches: tuple[Stretch, ...]
    _usage: MicroByDay
    _prices: tuple[ResourcePrice, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.recurring + self.overage

    @property
    def total_cents(self) -> int:
        return total_cents(self.lines)

    def used(self) -> dict[str, Decimal]:
        """The month's usage by the kind it is billed as, in base units: the days' sum, or their peak."""
        return {
            code: from_micro(month_total(resource_kind(code), by_day)) for code, by_day in self._usage.items()
        }

    def usage(self) -> list[KindUsage]:
        """Every kind that was used, listed by a version, or lifted by an addon, in the registry's order: with
        the allowance that its overage lines were measured against.
        """
        known = {item.resource_kind for s in self._stretches for item in s.version.items}
        known |= lifts(self._stretches, self._prices).keys()
        return [
            KindUsage(
                kind,
                month_total(kind, self._usage.get(kind.code, {})),
                allowance(kind, self._stretches, self._prices, self.month),
            )
            for kind in map(resource_kind, sorted({*known, *self._usage}, key=place))
        ]

    def inputs(self) -> dict[str, Any]:
        """The canonical inputs: what replay() needs to arrive at the same lines."""
        return proof.inputs_of(self._stretches, self._usage, self._prices, self.month, self.currency)

    def hash(self) -> str:
        """sha256 over inputs, lines and rules version. Computed when asked for."""
        return proof.content_hash(self.inputs(), self.lines)


@dataclass(frozen=True, slots=True)
class Quote:
    """A projection: the full month, the first invoice from the start day, and overage for the usage given."""

    plan_code: str
    plan_version: int
    currency: str
    recurring: tuple[Line, ...]
    first_month: Pricing
    days_billed: int
    days_in_month: int

    @property
    def recurring_cents(self) -> int:
        return total_cents(self.recurring)

    @property
    def first_invoice(self) -> tuple[Line, ...]:
        """The recurring lines prorated to the days from the start day on."""
        return self.first_month.recurring

    @property
    def first_invoice_cents(self) -> int:
        return total_cents(self.first_invoice)

    @property
    def overage(self) -> tuple[Line, ...]:
        return self.first_month.overage

    @property
    def overage_cents(self) -> int:
        return total_cents(self.overage)

    @property
    def all_in_monthly_cents(self) -> int:
        return self.recurring_cents + self.overage_cents

    def hash(self) -> str:
        """The hash of the first month's pricing:
        the invoice of that month, on the same usage, has the same.
        """
        return self.first_month.hash()


def quote(
    plan_version: PlanVersion,
    addons: Sequence[AddonTerms],
    usage: Mapping[str, Decimal],
    starts_on: date,
    *,
    prices: Sequence[ResourcePrice] = (),
) -> Quote:
    """What `plan_version` with `addons` costs from `starts_on`, if `usage` is the first month's usage.

    `addons` are catalogue addons or attached ones; `usage` is kind -> quantity in base units; `prices` are
    the fallback prices for kinds that the plan does not list. Raises DateOutOfRange, UnknownKind,
    InvalidQuantity, MixedCurrencies.
    """
    month = month_of(check_day(starts_on, "The start day"))
    attached = tuple(AttachedAddon.of(addon, slot) for slot, addon in enumerate(addons))
    first = Stretch(Period(starts_on, month.end), plan_version, attached)
    first_month = price(
        [first],
        {kind: {starts_on: quantity} for kind, quantity in usage.items()},
        prices,
        month=month,
        currency=plan_version.currency,
    )
    whole_month = Stretch(month, plan_version, attached)
    return Quote(
        plan_code=plan_version.plan_code,
        plan_version=plan_version.version,
        currency=plan_version.currency,
        recurring=tuple(recurring_lines([whole_month], month)),
        first_month=first_month,
        days_billed=first.period.days,
        days_in_month=month.days,
    )


def price(
    stretches: Sequence[Stretch],
    usage: UsageByDay,
    prices: Sequence[ResourcePrice] = (),
    *,
    month: Period,
    currency: str,
) -> Pricing:
    """What one deployment's month costs: the code path of every projection and every invoice.

    `stretches` are days of `month`, in order; none means that there was no subscription. Raises
    StretchesOutOfOrder, UsageOutsideMonth, UnknownKind, InvalidQuantity, MixedCurrencies.
    """
    stretch.check(stretches, month, currency)
    for fallback in prices:
        same_currency(currency, fallback.currency, f"The fallback price of {fallback.kind}")
    used = billed_as(checked(usage, month), stretches, prices)
    return Pricing(
        month=month,
        currency=currency,
        recurring=tuple(recurring_lines(stretches, month)),
        overage=tuple(overage_lines(stretches, used, prices, month)),
        _stretches=tuple(stretches),
        _usage=used,
        _prices=tuple(prices),
    )


def replay(inputs: Mapping[str, Any]) -> Pricing:
    """The pricing that kept these canonical inputs:
    its lines and its hash must be the ones kept with them.
    """
    return price(
        proof.stretches_from(inputs),
        proof.usage_from(inputs),
        proof.prices_from(inputs),
        month=month_of(date.fromisoformat(inputs["month"])),
        currency=inputs["currency"],
    )
