"""preview_plan_change: the month before and after, and nothing written. Billed as previewed: see
test_upcoming_invoice.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from arcadia_app.use_cases.billing.effective_day import DayInThePast, PeriodInvoiced
from arcadia_app.use_cases.billing.preview_plan_change import PlanChangePreview, preview_plan_change
from arcadia_app.use_cases.billing.scope import DeploymentNotFound, NotSubscribed
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.use_cases.catalog.offer import UnknownPlan
from arcadia_domain.billing.deployments import Deployment, State
from arcadia_domain.billing.subscriptions import ChangeBeforeStart, SubscriptionCancelled
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, deployed, subscribed

MAY_1, MAY_16, JUNE = date(2026, 5, 1), date(2026, 5, 16), date(2026, 6, 1)


@pytest.fixture
def pilot(shop: FakeTransactions) -> Deployment:
    """On Studio since the first of May."""
    made = deployed(shop)
    subscribed(shop, made, OLGA, starts_on=MAY_1)
    return made


def preview(
    shop: FakeTransactions, pilot: Deployment, from_day: date | None = None, by: Principal = ANN
) -> PlanChangePreview:
    before = shop.state.copy()
    with shop.begin(by) as work:
        found = preview_plan_change(
            work, by, deployment_id=pilot.id, plan_code="pro", now=NOW, from_day=from_day
        )
    assert shop.state == before
    return found


def test_studio_to_pro_on_16_may_is_the_specs_example(shop: FakeTransactions, pilot: Deployment) -> None:
    found = preview(shop, pilot, MAY_16, OLGA)
    assert found.from_day == MAY_16
    assert [placed.line.amount_cents for placed in found.before.invoice.lines] == [5000, 500]
    assert [placed.line.amount_cents for placed in found.after.invoice.lines] == [2419, 6194, 861]
    assert found.difference_cents == 2419 + 6194 + 861 - 5500


def test_the_change_is_today_unless_another_day_is_named_and_the_month_is_its_own(
    shop: FakeTransactions, pilot: Deployment
) -> None:
    assert preview(shop, pilot) == preview(shop, pilot, TODAY)
    found = preview(shop, pilot, JUNE)
    before, after = found.before.invoice, found.after.invoice
    assert {before.period, after.period} == {month_of(JUNE)}
    assert (before.subtotal_cents, after.subtotal_cents) == (5000, 12000)


def test_a_change_that_lowers_the_price_has_a_negative_difference(
    shop: FakeTransactions, pilot: Deployment
) -> None:
    with shop.begin(ANN) as work:
        found = preview_plan_change(
            work, ANN, deployment_id=pilot.id, plan_code="starter", now=NOW, from_day=JUNE
        )
    assert found.difference_cents == 2200 - 5500


def test_what_the_change_would_be_refused_for_the_preview_is_refused_for(
    shop: FakeTransactions, pilot: Deployment
) -> None:
    bare = deployed(shop, slug="bare")
    for by, deployment_id, plan_code, from_day, error in (
        (ANN, pilot.id, "pro", TODAY - timedelta(days=1), DayInThePast),
        (OLGA, pilot.id, "pro", MAY_1 - timedelta(days=1), ChangeBeforeStart),
        (ANN, pilot.id, "nothing", None, UnknownPlan),
        (ANN, bare.id, "pro", None, NotSubscribed),
        (BOB, pilot.id, "pro", None, DeploymentNotFound),
        (OLGA, NOBODYS, "pro", None, DeploymentNotFound),
    ):
        with refusal(shop, by, error) as work:
            preview_plan_change(
                work, by, deployment_id=deployment_id, plan_code=plan_code, now=NOW, from_day=from_day
            )
    invoiced(shop, MAY_1, due_on=JUNE)
    with refusal(shop, OLGA, PeriodInvoiced) as work:
        preview_plan_change(work, OLGA, deployment_id=pilot.id, plan_code="pro", now=NOW)


def test_a_cancelled_subscription_has_no_change_to_preview(shop: FakeTransactions, pilot: Deployment) -> None:
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=pilot.id, to=State.CANCELLED, now=NOW)
    with refusal(shop, ANN, SubscriptionCancelled) as work:
        preview_plan_change(work, ANN, deployment_id=pilot.id, plan_code="pro", now=NOW)
