"""live_accrual: the current month so far, recurring whole, usage as recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arcadia_app.use_cases.billing import live_accrual as accrual
from arcadia_app.use_cases.billing.live_accrual import Accrual, live_accrual
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.identity import OperatorsOnly
from tests.april import metered, pilots
from tests.fakes.state import LlmEvent
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, OLGA

MID_APRIL = datetime(2026, 4, 15, 12, tzinfo=UTC)


def accrued(shop: FakeTransactions, now: datetime = MID_APRIL) -> Accrual:
    with shop.begin(OLGA) as work:
        return live_accrual(work, OLGA, now=now)


def test_recurring_stands_whole_and_usage_as_far_as_it_is_recorded(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", addon_codes=["storage_50gb"])
    metered(shop, (pilot, "droplet_hours", 3, "1588"))
    shop.state.llm_events.append(
        LlmEvent("acme", pilot.id, date(2026, 4, 5), Decimal("1.005"), "AUD", LlmMode.GATEWAY)
    )
    [item] = accrued(shop).items
    assert (item.tenant_id, item.deployment_id, item.currency) == ("acme", pilot.id, "AUD")
    assert (item.recurring_cents, item.overage_cents, item.llm_cents) == (5750, 100, 101)
    assert item.total_cents == 5951
    assert accrued(shop).totals == {"AUD": 5951}


def test_a_start_in_the_month_is_prorated_as_its_invoice_will_be(shop: FakeTransactions) -> None:
    pilots(shop, "acme", starts_on=date(2026, 4, 16))
    assert accrued(shop).totals == {"AUD": 2500}


def test_a_month_that_is_invoiced_already_still_accrues(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    invoiced(shop, date(2026, 4, 1), due_on=date(2026, 5, 15), status=InvoiceStatus.ISSUED)
    assert accrued(shop).totals == {"AUD": 5000}


def test_deployments_stand_by_tenant_and_slug_whatever_the_chunk(
    shop: FakeTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accrual, "_CHUNK", 2)
    made = pilots(shop, "c", "a", "b", slugs=["web", "api"])
    slugs = {one.id: one.slug for one in made}
    found = [(item.tenant_id, slugs[item.deployment_id]) for item in accrued(shop).items]
    assert found == [(tenant, slug) for tenant in "abc" for slug in ("api", "web")]


def test_a_tenant_that_cannot_be_priced_is_named_and_has_no_items(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    [broken] = pilots(shop, "broken")
    shop.state.llm_events.append(
        LlmEvent("broken", broken.id, date(2026, 4, 5), Decimal(1), "USD", LlmMode.GATEWAY)
    )
    result = accrued(shop)
    assert list(result.failures) == ["broken"]
    assert [item.tenant_id for item in result.items] == ["acme"]
    assert result.totals == {"AUD": 5000}


def test_the_month_is_the_one_of_the_utc_day(shop: FakeTransactions) -> None:
    pilots(shop, "acme", starts_on=date(2026, 4, 30))
    sydney_may = datetime.fromisoformat("2026-05-01T08:00:00+10:00")
    assert accrued(shop, sydney_may).totals == {"AUD": 167}
    assert accrued(shop, datetime(2026, 3, 31, 23, tzinfo=UTC)).items == ()


def test_a_tenant_does_not_see_the_accrual(shop: FakeTransactions) -> None:
    with refusal(shop, ANN, OperatorsOnly) as work:
        live_accrual(work, ANN, now=MID_APRIL)
