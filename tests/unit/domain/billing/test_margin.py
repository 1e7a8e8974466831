"""The margin of a month: golden numbers, and sums that always agree."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.margin import CostShare, Margin, MarginSummary, Revenue, margin, margin_pct
from arcadia_domain.cloud.fx import Rate
from arcadia_domain.money import half_up
from arcadia_domain.period import parse_month

APRIL = parse_month("2026-04")
PILOT = UUID(int=100)
ASSUMED = Rate("USD", "AUD", Decimal(1), "none", assumed=True)


def golden() -> MarginSummary:
    revenue = [
        Revenue(tenant_id="pilot", deployment_id=PILOT, kind="plan_base", amount_cents=5000),
        Revenue(tenant_id="pilot", deployment_id=PILOT, kind="droplet_hours", amount_cents=2112),
    ]
    droplets = [
        CostShare(tenant_id="pilot", deployment_id=PILOT, kind="droplet", amount_cents=cents)
        for cents in (600, 600, 600, 400, 433, 420)
    ]
    rest = CostShare(tenant_id=None, deployment_id=None, kind="other", amount_cents=4849)
    tax = CostShare(tenant_id=None, deployment_id=None, kind="tax", amount_cents=790, is_tax=True)
    return margin(APRIL, revenue, [*droplets, rest, tax], ASSUMED)


def test_golden_4_the_pilots_margin_is_4059_or_57_1_percent() -> None:
    [pilot] = golden().by_tenant
    assert pilot.tenant_id == "pilot"
    assert pilot.margin == Margin(7112, 3053, 3053, 4059, Decimal("57.1"))
    [deployment] = golden().by_deployment
    assert (deployment.tenant_id, deployment.deployment_id) == ("pilot", PILOT)
    assert deployment.margin == pilot.margin


def test_golden_4_the_overall_margin_is_minus_1580() -> None:
    summary = golden()
    assert summary.overall == Margin(7112, 8692, 7902, -1580, Decimal("-22.2"))
    assert summary.unattributed_cogs_cents == 8692 - 3053


def test_golden_4_the_kinds_are_two_axes() -> None:
    kinds = golden().by_kind
    assert [(each.kind, each.amount_cents) for each in kinds.revenue] == [
        ("droplet_hours", 2112),
        ("plan_base", 5000),
    ]
    assert [(each.kind, each.amount_cents) for each in kinds.cogs] == [
        ("droplet", 3053),
        ("other", 4849),
        ("tax", 790),
    ]


def test_the_summary_is_in_the_currency_that_costs_are_converted_to() -> None:
    summary = golden()
    assert (summary.month, summary.currency, summary.fx) == (APRIL, "AUD", ASSUMED)


@pytest.mark.parametrize(
    ("revenue", "cents", "percent"),
    [
        (7112, 4059, "57.1"),
        (7112, -1580, "-22.2"),
        (100, 100, "100.0"),
        (2000, 1, "0.1"),
        (2001, 1, "0.0"),
        (2000, -1, "-0.1"),
        (1, -(10**12), "-100000000000000.0"),
    ],
)
def test_a_percentage_has_one_decimal_half_away_from_zero(revenue: int, cents: int, percent: str) -> None:
    assert str(margin_pct(revenue, cents)) == percent


@pytest.mark.parametrize("revenue", [0, -1])
def test_without_revenue_there_is_no_percentage(revenue: int) -> None:
    assert margin_pct(revenue, 5) is None


def test_a_month_of_nothing_is_all_zero() -> None:
    empty = margin(APRIL, [], [], ASSUMED)
    assert empty.overall == Margin(0, 0, 0, 0, None)
    assert (empty.by_tenant, empty.by_deployment, empty.by_kind.revenue, empty.by_kind.cogs) == (
        (),
        (),
        (),
        (),
    )


cents = st.integers(-(10**7), 10**7)
tenants = st.sampled_from(["a", "b", "c"])
deployments = st.sampled_from([None, UUID(int=1), UUID(int=2)])
revenues = st.lists(
    st.builds(
        Revenue,
        tenant_id=tenants,
        deployment_id=deployments,
        kind=st.sampled_from(["plan_base", "llm_tokens"]),
        amount_cents=cents,
    )
)
shares = st.lists(
    st.builds(
        CostShare,
        tenant_id=st.one_of(st.none(), tenants),
        deployment_id=deployments,
        kind=st.sampled_from(["droplet", "volume", "other"]),
        amount_cents=cents,
        is_tax=st.booleans(),
    )
)
rates = st.integers(1, 10**11).map(
    lambda n: Rate("USD", "AUD", Decimal(n).scaleb(-10), "bank", assumed=False)
)


@given(revenues, shares, rates)
def test_every_sum_agrees_with_every_other(
    revenue: list[Revenue], costs: list[CostShare], rate: Rate
) -> None:
    found = margin(APRIL, revenue, costs, rate)
    each = [tenant.margin for tenant in found.by_tenant]
    assert found.overall.revenue_cents == sum(row.amount_cents for row in revenue)
    assert found.overall.revenue_cents == sum(one.revenue_cents for one in each)
    assert found.overall.revenue_cents == sum(one.amount_cents for one in found.by_kind.revenue)
    assert found.overall.cogs_cents == sum(one.cogs_cents for one in each) + found.unattributed_cogs_cents
    assert found.overall.cogs_cents == sum(one.amount_cents for one in found.by_kind.cogs)
    assert found.overall.margin_cents == sum(one.margin_cents for one in each) - found.unattributed_cogs_cents
    numerator, denominator = rate.rate.as_integer_ratio()
    assert found.overall.cogs_cents == half_up(
        sum(row.amount_cents for row in costs) * numerator, denominator
    )
    for one in (found.overall, *each):
        assert one.margin_cents == one.revenue_cents - one.cogs_cents


@given(revenues, shares)
def test_deployments_hold_what_is_theirs_and_tenants_the_rest_too(
    revenue: list[Revenue], costs: list[CostShare]
) -> None:
    found = margin(APRIL, revenue, costs, ASSUMED)
    for one in found.by_deployment:
        key = (one.tenant_id, one.deployment_id)
        own: Sequence[CostShare] = [row for row in costs if (row.tenant_id, row.deployment_id) == key]
        assert one.margin.cogs_cents == sum(row.amount_cents for row in own)
        assert one.margin.cogs_ex_tax_cents == sum(row.amount_cents for row in own if not row.is_tax)
        assert one.margin.revenue_cents == sum(
            row.amount_cents for row in revenue if (row.tenant_id, row.deployment_id) == key
        )
    for tenant in found.by_tenant:
        assert tenant.margin.cogs_cents == sum(
            row.amount_cents for row in costs if row.tenant_id == tenant.tenant_id
        )


@given(revenues, shares, rates, st.randoms())
def test_the_order_of_the_rows_changes_nothing(
    revenue: list[Revenue], costs: list[CostShare], rate: Rate, random: Random
) -> None:
    first = margin(APRIL, revenue, costs, rate)
    random.shuffle(revenue)
    random.shuffle(costs)
    assert margin(APRIL, revenue, costs, rate) == first
