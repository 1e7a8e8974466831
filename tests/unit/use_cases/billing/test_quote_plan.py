"""quote_plan: a plan's active version with addons of the catalogue, from a day, at the prices in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest

from arcadia_app.use_cases.billing.quote_plan import QuoteTooLarge, quote_plan
from arcadia_app.use_cases.catalog.create_addon import create_addon
from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.offer import NoActiveVersion, UnknownAddon, UnknownPlan
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_domain.errors import DomainError
from arcadia_domain.money import LARGEST_PRICE_CENTS, MixedCurrencies
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanItem
from arcadia_domain.pricing.kinds import UnknownKind
from arcadia_domain.pricing.quoting import Quote
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOW, OLGA

MOST = Decimal("99999999999999.999999")


def asked(
    work: Work,
    plan_code: str = "studio",
    addon_codes: Sequence[str] = (),
    usage: Mapping[str, Decimal] | None = None,
    starts_on: date | None = None,
) -> Quote:
    return quote_plan(
        work, plan_code=plan_code, addon_codes=addon_codes, usage=usage or {}, now=NOW, starts_on=starts_on
    )


def test_a_quote_starts_today_at_the_active_version(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        made = asked(work)
    assert (made.plan_code, made.plan_version, made.recurring_cents) == ("studio", 1, 5000)
    assert (made.days_billed, made.days_in_month) == (12, 31)


def test_addons_stand_in_the_order_asked_for_and_as_often(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        made = asked(work, addon_codes=["storage_50gb", "llm_1m_tokens", "storage_50gb"])
    assert [line.amount_cents for line in made.recurring] == [5000, 750, 800, 750]


def test_what_the_plan_does_not_list_is_priced_by_the_fallback_prices(shop: FakeTransactions) -> None:
    with shop.begin(ANN) as work:
        made = asked(work, "starter", usage={"llm_tokens": Decimal(3000)})
    assert made.overage_cents == 6


@pytest.mark.parametrize(
    ("plan_code", "addon_codes", "usage", "error"),
    [
        ("nothing", (), {}, UnknownPlan),
        ("mini", (), {}, NoActiveVersion),
        ("studio", ("storage_50gb", "nothing"), {}, UnknownAddon),
        ("studio", ("dollars",), {}, MixedCurrencies),
        ("studio", (), {"gpu_hours": Decimal(1)}, UnknownKind),
        ("dear", (), {"droplet_hours": MOST}, QuoteTooLarge),
    ],
)
def test_what_cannot_be_quoted_is_refused(
    shop: FakeTransactions,
    plan_code: str,
    addon_codes: Sequence[str],
    usage: Mapping[str, Decimal],
    error: type[DomainError],
) -> None:
    with shop.begin(OLGA) as work:
        create_plan(work, OLGA, code="mini", name="Mini", now=NOW)
        create_addon(
            work,
            OLGA,
            code="dollars",
            name="Dollars",
            resource_kind="dns_zones",
            qty=Decimal(1),
            price_cents=1,
            currency="USD",
        )
        _publish_dear(work)
    with refusal(shop, ANN, error) as work:
        asked(work, plan_code, addon_codes, usage)


def _publish_dear(work: Work) -> None:
    create_plan(work, OLGA, code="dear", name="Dear", now=NOW)
    draft = draft_version(
        work,
        OLGA,
        plan_code="dear",
        base_price_cents=LARGEST_PRICE_CENTS,
        currency="AUD",
        items=[PlanItem("droplet_hours", Decimal(0), "hour", LARGEST_PRICE_CENTS)],
        now=NOW,
    )
    assert draft.id is not None
    publish_version(work, OLGA, version_id=draft.id, now=NOW)
