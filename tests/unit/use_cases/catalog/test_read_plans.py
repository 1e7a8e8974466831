"""list_plans and read_plan: everybody sees what is offered, operators what is in the making too."""

from __future__ import annotations

import pytest

from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.offer import UnknownPlan
from arcadia_app.use_cases.catalog.read_plans import PlanOffer, list_plans, read_plan
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.pricing.catalog import Plan, PlanVersion
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, NOW, OLGA


def drafted(store: FakeTransactions) -> tuple[Plan, PlanVersion]:
    """A plan that has a draft only, by its code before every other."""
    with store.begin(OLGA) as work:
        plan = create_plan(work, OLGA, code="mini", name="Mini", now=NOW)
        draft = draft_version(
            work, OLGA, plan_code="mini", base_price_cents=100, currency="AUD", items=(), now=NOW
        )
    return plan, draft


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_who_buys_sees_each_offered_plan_with_its_active_version(
    shop: FakeTransactions, by: Principal
) -> None:
    drafted(shop)
    with shop.begin(by) as work:
        offers = list_plans(work, by, after=None, limit=9)
        assert [offer.plan.code for offer in offers] == ["pro", "starter", "studio"]
        for offer in offers:
            assert offer.active_version == work.catalog.active_version(offer.plan.code)
        assert list_plans(work, by, after="pro", limit=1) == offers[1:2]


def test_an_operator_sees_a_plan_that_nobody_can_buy_yet(shop: FakeTransactions) -> None:
    plan, _ = drafted(shop)
    with shop.begin(OLGA) as work:
        offers = list_plans(work, OLGA, after=None, limit=9)
    assert offers[0] == PlanOffer(plan, None)
    assert all(offer.active_version is not None for offer in offers[1:])


def test_an_operator_reads_a_plans_drafts(shop: FakeTransactions) -> None:
    plan, draft = drafted(shop)
    with shop.begin(OLGA) as work:
        history = read_plan(work, OLGA, plan_code="mini")
    assert (history.plan, list(history.versions)) == (plan, [draft])


def test_a_plan_that_is_not_there_is_refused(shop: FakeTransactions) -> None:
    with refusal(shop, OLGA, UnknownPlan) as work:
        read_plan(work, OLGA, plan_code="nothing")


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_reads_a_plans_versions(shop: FakeTransactions, by: Principal) -> None:
    with refusal(shop, by, OperatorsOnly) as work:
        read_plan(work, by, plan_code="studio")
