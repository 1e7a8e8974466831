"""seed_catalog: the owner's plans and addons, once, and never over what is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_app.use_cases.catalog.seed_catalog import Seeded, seed_catalog
from arcadia_domain.billing.tax import TaxProfile, tax_on
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.pricing.catalog import PlanItem
from arcadia_domain.pricing.kinds import KINDS
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, NOW, OLGA, seeded

EVERY_PLANS_KINDS = {"droplet_hours", "spaces_gb_month", "snapshot_gb_month", "bandwidth_gb", "dns_zones"}


def seed(store: FakeTransactions) -> Seeded:
    with store.begin(OLGA) as work:
        return seed_catalog(work, OLGA, NOW)


def test_the_plans_cost_what_the_owner_named(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        versions = [work.catalog.active_version(plan.code) for plan in work.catalog.plans()]
    assert [(v.plan_name, v.version, v.base_price_cents, v.currency) for v in versions if v] == [
        ("Pro", 1, 12000, "AUD"),
        ("Starter", 1, 2000, "AUD"),
        ("Studio", 1, 5000, "AUD"),
    ]


def test_every_plan_has_the_same_kinds_and_llm_tokens_from_studio_on(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        versions = {code: work.catalog.active_version(code) for code in ("starter", "studio", "pro")}
    kinds = {code: {item.resource_kind for item in v.items} for code, v in versions.items() if v}
    assert kinds == {
        "starter": EVERY_PLANS_KINDS,
        "studio": EVERY_PLANS_KINDS | {"llm_tokens"},
        "pro": EVERY_PLANS_KINDS | {"llm_tokens"},
    }


def test_studio_includes_what_the_owner_named(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        studio = work.catalog.active_version("studio")
    assert studio is not None
    assert studio.item("droplet_hours") == PlanItem("droplet_hours", Decimal(1488), "hour", 1)
    assert studio.item("spaces_gb_month") == PlanItem("spaces_gb_month", Decimal(100), "gb_month", 2)
    tokens = studio.item("llm_tokens")
    assert tokens is not None
    assert (tokens.overage_unit, tokens.overage_price_cents) == ("1k_tokens", 1)


def test_there_are_three_addons_one_of_them_fifty_gigabytes(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        addons = work.catalog.addons()
        storage = work.catalog.addon("storage_50gb")
    assert {addon.resource_kind for addon in addons} == {"spaces_gb_month", "llm_tokens"}
    assert len(addons) == 3
    assert storage is not None
    assert (storage.resource_kind, storage.qty, storage.price_cents, storage.currency) == (
        "spaces_gb_month",
        Decimal(50),
        750,
        "AUD",
    )


def test_every_kind_has_a_fallback_price_and_april_has_its_gst(shop: FakeTransactions) -> None:
    assert {price.kind for price in shop.state.prices} >= set(EVERY_PLANS_KINDS | {"llm_tokens"})
    assert {price.kind for price in shop.state.prices} <= set(KINDS)
    tax = tax_on(date(2026, 4, 30), [TaxProfile(date(2000, 1, 1))], shop.state.tax_rates)
    assert (tax.code, tax.rate) == ("GST", Decimal("0.1"))


def test_there_is_one_issuer_and_it_says_that_it_is_a_placeholder(shop: FakeTransactions) -> None:
    (issuer,) = shop.state.issuers
    assert issuer.placeholder


def test_seeding_again_changes_nothing_and_says_so(store: FakeTransactions) -> None:
    assert seed(store) == Seeded(plans=3, addons=3, prices=6)
    before = store.state.copy()
    assert seed(store) == Seeded(0, 0, 0)
    assert store.state == before


def test_seeding_again_leaves_what_the_owner_changed(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        draft = draft_version(
            work, OLGA, plan_code="studio", base_price_cents=9900, currency="AUD", items=(), now=NOW
        )
        assert draft.id is not None
        publish_version(work, OLGA, version_id=draft.id, now=NOW)
        storage = work.state.addons["storage_50gb"]
        work.state.addons["storage_50gb"] = replace(storage, price_cents=800)
    before = shop.state.copy()
    assert seed(shop) == Seeded(0, 0, 0)
    assert shop.state == before


def test_seeding_makes_only_what_is_missing() -> None:
    store = seeded(FakeTransactions())
    del store.state.addons["storage_50gb"]
    store.state.prices.pop()
    assert seed(store) == Seeded(plans=0, addons=1, prices=1)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_seeds(store: FakeTransactions, by: Principal) -> None:
    with refusal(store, by, OperatorsOnly) as work:
        seed_catalog(work, by, NOW)
