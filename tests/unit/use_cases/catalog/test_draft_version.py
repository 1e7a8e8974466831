"""draft_version: always a draft, with its items, under the plan's next number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.offer import UnknownPlan
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.money import InvalidAmount, InvalidCurrency
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import DuplicateItem, PlanItem, PlanVersion, VersionStatus
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, NOW, OLGA

HOURS = PlanItem("droplet_hours", Decimal(1488), "hour", 1)
SPACES = PlanItem("spaces_gb_month", Decimal(100), "gb_month", 2)


def draft(
    work: Work,
    by: Principal = OLGA,
    *,
    plan_code: str = "studio",
    base_price_cents: int = 6000,
    currency: str = "AUD",
    items: Sequence[PlanItem] = (HOURS, SPACES),
) -> PlanVersion:
    return draft_version(
        work,
        by,
        plan_code=plan_code,
        base_price_cents=base_price_cents,
        currency=currency,
        items=items,
        now=NOW,
    )


def test_a_draft_takes_the_plans_next_number_and_prices_nothing_yet(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        active = work.catalog.active_version("studio")
        made = [draft(work), draft(work)]
    assert [version.version for version in made] == [2, 3]
    assert all(version.status is VersionStatus.DRAFT for version in made)
    with shop.begin(ANN) as work:
        assert work.catalog.active_version("studio") == active
        assert work.catalog.versions_of("studio") == [active, *made]


def test_a_draft_keeps_its_terms(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        made = draft(work)
    assert (made.plan_code, made.plan_name, made.base_price_cents, made.currency) == (
        "studio",
        "Studio",
        6000,
        "AUD",
    )
    assert (made.item("droplet_hours"), made.item("spaces_gb_month")) == (HOURS, SPACES)
    assert len(made.items) == 2


def test_a_draft_of_a_plan_that_is_not_there_is_refused(shop: FakeTransactions) -> None:
    with refusal(shop, OLGA, UnknownPlan) as work:
        draft(work, plan_code="nothing")


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"base_price_cents": -1}, InvalidAmount),
        ({"currency": "dollars"}, InvalidCurrency),
        ({"items": [HOURS, SPACES, HOURS]}, DuplicateItem),
    ],
)
def test_bad_terms_are_refused(
    shop: FakeTransactions, bad: dict[str, object], error: type[DomainError]
) -> None:
    with refusal(shop, OLGA, error) as work:
        draft(work, **bad)  # type: ignore[arg-type]  # the terms are bad on purpose


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_drafts(shop: FakeTransactions, by: Principal) -> None:
    with refusal(shop, by, OperatorsOnly) as work:
        draft(work, by)
