"""The quotes that are timed and proven, each in both forms: for quote(), and in whole numbers for the floor.

Owns no price: the plans are made up, of the size that the goal names.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from arcadia_domain.pricing.catalog import Addon, PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import KINDS
from arcadia_domain.quantity import EXACT
from bench.quote.floor import MICRO, Terms

AUD = "AUD"
_RANK = {code: rank for rank, code in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Case:
    """What quote() is given, and the same for the floor. The second form is made here, not while timing."""

    version: PlanVersion
    addons: tuple[Addon, ...]
    usage: dict[str, Decimal]
    starts_on: date
    prices: tuple[ResourcePrice, ...]
    terms: Terms
    used: dict[str, int]


def case(
    version: PlanVersion,
    addons: Sequence[Addon],
    usage: dict[str, Decimal],
    starts_on: date,
    prices: Sequence[ResourcePrice] = (),
) -> Case:
    """One quote in both forms."""
    days_in_month = calendar.monthrange(starts_on.year, starts_on.month)[1]
    items = [_terms_of(item) for item in version.items]
    listed = {item.resource_kind for item in version.items}
    items += [_fallback(kind, starts_on, prices) for kind in usage if kind not in listed]
    terms = Terms(
        version.base_price_cents,
        tuple((addon.resource_kind, _micro(addon.qty), addon.price_cents) for addon in addons),
        tuple(sorted(items, key=lambda item: _RANK[item[0]])),
        days_in_month - starts_on.day + 1,
        days_in_month,
    )
    used = {kind: _micro(quantity) for kind, quantity in usage.items()}
    return Case(version, tuple(addons), usage, starts_on, tuple(prices), terms, used)


def _terms_of(item: PlanItem) -> tuple[str, int, int | None, str, int, int]:
    factor = KINDS[item.resource_kind].units[item.overage_unit]
    cap = None if item.hard_cap_qty is None else _micro(item.hard_cap_qty)
    return (
        item.resource_kind,
        _micro(item.included_qty),
        cap,
        item.overage_unit,
        factor * MICRO,
        item.overage_price_cents,
    )


def _fallback(
    kind: str, day: date, prices: Sequence[ResourcePrice]
) -> tuple[str, int, int | None, str, int, int]:
    """A kind that the plan does not list has no allowance, and the price in force on the day it counts on."""
    in_force = [price for price in prices if price.kind == kind and price.from_at.date() <= day]
    if not in_force:
        unit, factor = next(iter(KINDS[kind].units.items()))
        return kind, 0, None, unit, factor * MICRO, 0
    price = max(in_force, key=lambda price: price.from_at)
    return kind, 0, None, price.unit, KINDS[kind].units[price.unit] * MICRO, price.price_cents


def _micro(quantity: Decimal) -> int:
    return int(EXACT.multiply(quantity, Decimal(MICRO)))


STUDIO = PlanVersion(
    plan_code="studio",
    plan_name="Studio",
    version=1,
    base_price_cents=5000,
    currency=AUD,
    items=(
        PlanItem("droplet_hours", Decimal(1488), "hour", 1),
        PlanItem("spaces_gb_month", Decimal(100), "gb_month", 2),
        PlanItem("snapshot_gb_month", Decimal(50), "gb_month", 8),
        PlanItem("bandwidth_gb", Decimal(2000), "gb", 2),
        PlanItem("dns_zones", Decimal(3), "zone", 100),
        PlanItem("llm_tokens", Decimal(1_000_000), "1k_tokens", 1),
    ),
)
ADDONS = (
    Addon("storage_50gb", "Storage 50 GB", "spaces_gb_month", Decimal(50), 750, AUD),
    Addon("llm_1m_tokens", "LLM 1M tokens", "llm_tokens", Decimal(1_000_000), 800, AUD),
)


def timed_cases(count: int) -> list[Case]:
    """Quotes of 6 items, 2 addons and 4 kinds in overage: ten lines. No two have the same usage.

    Whole hours and tokens, gigabytes to the hundredth: what meters give.
    """
    numbers = random.Random(4)
    return [
        case(
            STUDIO,
            ADDONS,
            {
                "droplet_hours": Decimal(numbers.randint(1489, 9000)),
                "spaces_gb_month": Decimal(numbers.randint(150_01, 900_00)).scaleb(-2),
                "snapshot_gb_month": Decimal(numbers.randint(0, 50_00)).scaleb(-2),
                "bandwidth_gb": Decimal(numbers.randint(2000_01, 9000_00)).scaleb(-2),
                "dns_zones": Decimal(numbers.randint(1, 3)),
                "llm_tokens": Decimal(numbers.randint(2_000_001, 9_000_000)),
            },
            date(2026, 1, 1) + timedelta(days=numbers.randrange(365)),
        )
        for _ in range(count)
    ]


def random_cases(count: int) -> list[Case]:
    """Quotes of any shape: few items or many, caps, kinds that the plan does not list, prices that change."""
    numbers = random.Random(20)
    return [_random_case(numbers) for _ in range(count)]


def _random_case(numbers: random.Random) -> Case:
    listed = numbers.sample(list(KINDS), numbers.randint(0, len(KINDS)))
    starts_on = date(2024, 1, 1) + timedelta(days=numbers.randrange(4 * 365))
    version = PlanVersion(
        plan_code="any",
        plan_name="Any",
        version=numbers.randint(1, 9),
        base_price_cents=numbers.choice([0, 1, 99, 4999, 5000, 1_000_003]),
        currency=AUD,
        items=tuple(_random_item(kind, numbers) for kind in listed),
    )
    addons = [
        Addon(
            f"addon_{number}",
            "Any",
            numbers.choice(list(KINDS)),
            _quantity(numbers) + 1,
            numbers.randint(0, 5000),
            AUD,
        )
        for number in range(numbers.randint(0, 3))
    ]
    usage = {kind: _quantity(numbers) for kind in numbers.sample(list(KINDS), numbers.randint(0, len(KINDS)))}
    return case(version, addons, usage, starts_on, _random_prices(starts_on, numbers))


def _random_item(kind: str, numbers: random.Random) -> PlanItem:
    unit = numbers.choice(list(KINDS[kind].units))
    cap = numbers.choice([None, _quantity(numbers)])
    return PlanItem(kind, _quantity(numbers), unit, numbers.choice([0, 1, 2, 7, 50]), cap)


def _random_prices(starts_on: date, numbers: random.Random) -> list[ResourcePrice]:
    """Of some kinds, one from long ago and one from a day near the start."""
    near = datetime(starts_on.year, starts_on.month, starts_on.day, tzinfo=UTC)
    starts = (datetime(2000, 1, 1, tzinfo=UTC), near + timedelta(hours=numbers.randint(-40, 40)))
    return [
        ResourcePrice(kind, AUD, start, numbers.choice(list(KINDS[kind].units)), numbers.randint(0, 9))
        for kind in numbers.sample(list(KINDS), numbers.randint(0, len(KINDS)))
        for start in starts
    ]


def _quantity(numbers: random.Random) -> Decimal:
    """Anything from nothing to a few thousands, to the millionth, often round."""
    return Decimal(
        numbers.choice([0, MICRO, 100 * MICRO, numbers.randrange(5000 * MICRO), numbers.randrange(1000)])
    ).scaleb(-6)
