"""The catalogue of the examples: the plans and addons of SPEC 3, and short ways to say a month of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon, Timeline, stretches
from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.catalog import Addon, PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.quoting import Pricing, price
from arcadia_domain.pricing.stretch import AddonTerms, AttachedAddon, Status, Stretch

LLM_ALLOWANCE = 2_000_000
"""Tokens that Studio includes: the SPEC leaves the number open."""


def item(kind: str, included: str | int, unit: str, cents: int = 1, cap: str | int | None = None) -> PlanItem:
    return PlanItem(kind, Decimal(included), unit, cents, None if cap is None else Decimal(cap))


STARTER = PlanVersion(
    plan_code="starter",
    plan_name="Starter",
    version=1,
    base_price_cents=2000,
    currency="AUD",
    items=(
        item("droplet_hours", 744, "hour"),
        item("spaces_gb_month", 25, "gb_month", 2),
        item("dns_zones", 1, "zone", 50),
    ),
)
STUDIO = PlanVersion(
    plan_code="studio",
    plan_name="Studio",
    version=1,
    base_price_cents=5000,
    currency="AUD",
    items=(
        item("droplet_hours", 1488, "hour"),
        item("spaces_gb_month", 100, "gb_month", 2),
        item("snapshot_gb_month", 50, "gb_month", 6),
        item("bandwidth_gb", 2000, "gb", 1),
        item("dns_zones", 5, "zone", 50),
        item("llm_tokens", LLM_ALLOWANCE, "1k_tokens", 1),
    ),
)
PRO = PlanVersion(
    plan_code="pro",
    plan_name="Pro",
    version=1,
    base_price_cents=12000,
    currency="AUD",
    items=(
        item("droplet_hours", 3720, "hour"),
        item("spaces_gb_month", 500, "gb_month", 2),
        item("snapshot_gb_month", 200, "gb_month", 5),
        item("bandwidth_gb", 5000, "gb", 1),
        item("dns_zones", 20, "zone", 40),
        item("llm_tokens", 10_000_000, "1k_tokens", 1),
    ),
)
STORAGE_50GB = Addon("storage_50gb", "50 GB Spaces", "spaces_gb_month", Decimal(50), 750, "AUD")
TOKENS_1M = Addon("llm_1m", "1M tokens", "llm_tokens", Decimal(1_000_000), 800, "AUD")

VERSIONS: Mapping[UUID, PlanVersion] = {
    UUID(int=1): STARTER,
    UUID(int=2): STUDIO,
    UUID(int=3): PRO,
}
STARTER_ID, STUDIO_ID, PRO_ID = VERSIONS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
APRIL = month_of(date(2026, 4, 1))
MAY = month_of(date(2026, 5, 1))


def days(first: date, end: date) -> Period:
    return Period(first, end)


def may(first: int, after: int) -> Period:
    """May 2026 from the day `first` to before the day `after`; 32 is the end of the month."""
    return Period(date(2026, 5, first), MAY.end if after == 32 else date(2026, 5, after))


def april(first: int, after: int) -> Period:
    """April 2026 from the day `first` to before the day `after`; 31 is the end of the month."""
    return Period(date(2026, 4, first), APRIL.end if after == 31 else date(2026, 4, after))


def attached(terms: AddonTerms, slot: int = 0) -> AttachedAddon:
    return AttachedAddon.of(terms, slot)


def on(day: date, **usage: str | int) -> dict[str, dict[date, Decimal]]:
    """Usage of some kinds, all of it on one day."""
    return {kind: {day: Decimal(quantity)} for kind, quantity in usage.items()}


def fallback(kind: str, from_day: date, cents: int, unit: str, currency: str = "AUD") -> ResourcePrice:
    start = datetime(from_day.year, from_day.month, from_day.day, tzinfo=UTC)
    return ResourcePrice(kind, currency, start, unit, cents)


def in_month(
    month: Period,
    held: Sequence[Stretch],
    usage: Mapping[str, Mapping[date, Decimal]] | None = None,
    prices: Sequence[ResourcePrice] = (),
) -> Pricing:
    return price(held, usage or {}, prices, month=month, currency="AUD")


def subscription(
    timeline: Timeline, addons: Sequence[SubscriptionAddon] = (), *, number: int = 1
) -> Subscription:
    return Subscription(
        id=UUID(int=1000 + number),
        tenant_id="acme",
        deployment_id=UUID(int=7),
        timeline=timeline,
        current_period=month_of(timeline.start),
        created_at=NOON,
        addons=tuple(addons),
    )


def bought(
    addon: AddonTerms, from_day: date, *, number: int = 1, to_day: date | None = None
) -> SubscriptionAddon:
    one = SubscriptionAddon.snapshot(
        addon, id=UUID(int=500 + number), addon_id=UUID(int=90), attached_at=NOON, from_day=from_day
    )
    return one if to_day is None else one.detached(to_day)


def month_of_subscription(
    month: Period,
    one: Subscription,
    usage: Mapping[str, Mapping[date, Decimal]] | None = None,
) -> Pricing:
    return in_month(month, stretches([one], VERSIONS, month), usage)


def pilot_april() -> Pricing:
    """Golden 3: Studio + storage_50gb, three droplets through April 2026."""
    whole = Stretch(APRIL, STUDIO, (attached(STORAGE_50GB),))
    return in_month(APRIL, [whole], {"droplet_hours": {day: Decimal(72) for day in APRIL}})


def crooked_may() -> Pricing:
    """A month with a change of plan, a pause, an addon, a fallback price that changes, and a peak."""
    return in_month(
        MAY,
        [
            Stretch(may(3, 11), STARTER),
            Stretch(may(11, 14), STARTER, status=Status.PAUSED),
            Stretch(may(14, 32), STUDIO, (attached(STORAGE_50GB), attached(TOKENS_1M, 1))),
        ],
        {
            "llm_tokens": {date(2026, 5, 4): Decimal("12345.6"), date(2026, 5, 30): Decimal(9_999_999)},
            "dns_zones": {date(2026, 5, 9): Decimal(11), date(2026, 5, 20): Decimal(11)},
            "droplet_hours": {day: Decimal("77.123457") for day in MAY},
            "bandwidth_gb": {date(2026, 5, 5): Decimal(3000), date(2026, 5, 25): Decimal(1)},
        },
        [
            fallback("bandwidth_gb", date(2026, 4, 1), 3, "gb"),
            fallback("bandwidth_gb", date(2026, 5, 7), 5, "gb"),
            fallback("llm_tokens", date(2026, 1, 1), 2, "1k_tokens"),
        ],
    )
