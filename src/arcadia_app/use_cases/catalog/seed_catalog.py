"""Seed the catalogue: three plans, three addons, fallback prices,
the GST rate and a placeholder issuer (SPEC 3).

What the owner named is theirs: the plans and their base prices, storage_50gb, Studio's hours, Spaces and LLM
overage. Every other number is a placeholder for the owner to tune.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_domain.billing.tax import GST, HOME_COUNTRY, TaxRate
from arcadia_domain.billing.tenants import Issuer
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Addon, Plan, PlanItem, ResourcePrice

CURRENCY = "AUD"
_GST_SINCE = date(2000, 7, 1)
_PRICES_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was new: nothing, when everything was there already."""

    plans: int
    addons: int
    prices: int


def _item(kind: str, included: int, unit: str, cents: int) -> PlanItem:
    return PlanItem(kind, Decimal(included), unit, cents)


_PLANS: Sequence[tuple[str, str, int, tuple[PlanItem, ...]]] = (
    (
        "starter",
        "Starter",
        2000,
        (
            _item("droplet_hours", 744, "hour", 2),
            _item("spaces_gb_month", 25, "gb_month", 3),
            _item("snapshot_gb_month", 20, "gb_month", 10),
            _item("bandwidth_gb", 500, "gb", 2),
            _item("dns_zones", 1, "zone", 100),
        ),
    ),
    (
        "studio",
        "Studio",
        5000,
        (
            _item("droplet_hours", 1488, "hour", 1),
            _item("spaces_gb_month", 100, "gb_month", 2),
            _item("snapshot_gb_month", 50, "gb_month", 8),
            _item("bandwidth_gb", 2000, "gb", 2),
            _item("dns_zones", 3, "zone", 100),
            _item("llm_tokens", 1_000_000, "1k_tokens", 1),
        ),
    ),
    (
        "pro",
        "Pro",
        12000,
        (
            _item("droplet_hours", 3720, "hour", 1),
            _item("spaces_gb_month", 500, "gb_month", 2),
            _item("snapshot_gb_month", 200, "gb_month", 6),
            _item("bandwidth_gb", 6000, "gb", 1),
            _item("dns_zones", 10, "zone", 50),
            _item("llm_tokens", 5_000_000, "1k_tokens", 1),
        ),
    ),
)

_ADDONS = (
    Addon("storage_50gb", "Storage 50 GB", "spaces_gb_month", Decimal(50), 750, CURRENCY),
    Addon("storage_250gb", "Storage 250 GB", "spaces_gb_month", Decimal(250), 3000, CURRENCY),
    Addon("llm_1m_tokens", "LLM 1M tokens", "llm_tokens", Decimal(1_000_000), 800, CURRENCY),
)

_FALLBACK_PRICES = (
    ("droplet_hours", "hour", 2),
    ("spaces_gb_month", "gb_month", 4),
    ("snapshot_gb_month", "gb_month", 12),
    ("bandwidth_gb", "gb", 3),
    ("dns_zones", "zone", 150),
    ("llm_tokens", "1k_tokens", 2),
)


def seed_catalog(work: Work, by: Principal, now: datetime) -> Seeded:
    """Make what is missing; what is there stays as it is, also where the owner has changed it. Idempotent."""
    by.must_be_operator("seed the catalogue")
    plans = 0
    for code, name, base_price_cents, items in _PLANS:
        if not work.catalog.add_plan(Plan(work.new_id(), code, name), now):
            continue
        draft = draft_version(
            work,
            by,
            plan_code=code,
            base_price_cents=base_price_cents,
            currency=CURRENCY,
            items=items,
            now=now,
        )
        assert draft.id is not None  # a stored version has its id
        publish_version(work, by, version_id=draft.id, now=now)
        plans += 1
    addons = sum(
        work.catalog.add_addon(
            Addon(a.code, a.name, a.resource_kind, a.qty, a.price_cents, a.currency, work.new_id())
        )
        for a in _ADDONS
    )
    prices = sum(
        work.catalog.add_price(ResourcePrice(kind, CURRENCY, _PRICES_SINCE, unit, cents))
        for kind, unit, cents in _FALLBACK_PRICES
    )
    work.tenants.add_tax_rate(TaxRate(HOME_COUNTRY, GST, _GST_SINCE, Decimal("0.1")))
    work.tenants.add_issuer(
        Issuer(
            id=work.new_id(),
            legal_name="Placeholder Pty Ltd (replace me)",
            country=HOME_COUNTRY,
            time_zone="Australia/Sydney",
            currency=CURRENCY,
            placeholder=True,
        )
    )
    return Seeded(plans, addons, prices)
