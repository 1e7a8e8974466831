"""change_plan_version: another plan, or a newer version of the same, from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.change_plan_version import change_plan_version
from arcadia_app.use_cases.billing.effective_day import DayInThePast, PeriodInvoiced
from arcadia_app.use_cases.billing.scope import DeploymentNotFound, NotSubscribed
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.offer import NoActiveVersion, UnknownPlan
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_domain.billing.deployments import EventKind, State
from arcadia_domain.billing.subscriptions import ChangeBeforeStart, Subscription, SubscriptionCancelled
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import DateOutOfRange
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, deployed, subscribed

JUNE = date(2026, 6, 1)


def change(
    work: Work,
    by: Principal,
    deployment_id: UUID,
    plan_code: str = "pro",
    from_day: date | None = None,
) -> Subscription:
    return change_plan_version(
        work, by, deployment_id=deployment_id, plan_code=plan_code, now=NOW, from_day=from_day
    )


def plans_by_day(store: FakeTransactions, subscription_id: UUID) -> list[tuple[date, str, int]]:
    """What the stored timeline binds from which day on."""
    points = store.state.subscriptions[subscription_id].timeline.points
    versions = store.state.versions
    return [
        (point.from_day, versions[point.version_id].plan_code, versions[point.version_id].version)
        for point in points
    ]


def test_the_day_of_a_change_belongs_to_the_new_version(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, OLGA, starts_on=date(2026, 5, 1))
    with shop.begin(ANN) as work:
        changed = change(work, ANN, deployment.id)
    assert shop.state.subscriptions == {subscription.id: changed}
    assert plans_by_day(shop, subscription.id) == [
        (date(2026, 5, 1), "studio", 1),
        (TODAY, "pro", 1),
    ]


def test_a_change_may_be_planned(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        change(work, ANN, deployment.id, from_day=JUNE)
    assert plans_by_day(shop, subscription.id) == [(TODAY, "studio", 1), (JUNE, "pro", 1)]


def test_a_newer_version_of_the_same_plan_is_taken_only_by_changing_to_it(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    with shop.begin(OLGA) as work:
        draft = draft_version(
            work, OLGA, plan_code="studio", base_price_cents=6000, currency="AUD", items=(), now=NOW
        )
        assert draft.id is not None
        publish_version(work, OLGA, version_id=draft.id, now=NOW)
    assert plans_by_day(shop, subscription.id) == [(TODAY, "studio", 1)]
    with shop.begin(ANN) as work:
        change(work, ANN, deployment.id, "studio", JUNE)
    assert plans_by_day(shop, subscription.id) == [(TODAY, "studio", 1), (JUNE, "studio", 2)]


def test_the_last_change_of_a_day_replaces_the_earlier_ones_and_the_history_keeps_all(
    shop: FakeTransactions,
) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    for plan_code in ("pro", "starter", "pro"):
        with shop.begin(ANN) as work:
            change(work, ANN, deployment.id, plan_code, JUNE)
    assert plans_by_day(shop, subscription.id) == [(TODAY, "studio", 1), (JUNE, "pro", 1)]
    told = [event for event in shop.state.events[deployment.id] if event.kind is EventKind.PLAN_CHANGE]
    assert [(event.details or {})["plan"] for event in told] == ["studio", "pro", "starter", "pro"]
    assert told[-1].details == {"plan": "pro", "version": 1, "from_day": "2026-06-01"}
    assert {event.actor for event in told} == {"ann"}


def test_a_change_to_what_is_bound_from_that_day_on_anyway_records_and_bumps_nothing(
    shop: FakeTransactions,
) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        change(work, ANN, deployment.id, "pro", JUNE)
    planned, told = shop.state.subscriptions[subscription.id], shop.state.events[deployment.id]
    for plan_code, from_day in (("pro", JUNE), ("pro", date(2026, 7, 1)), ("studio", None)):
        with shop.begin(ANN) as work:
            assert change(work, ANN, deployment.id, plan_code, from_day) == planned
    assert shop.state.subscriptions[subscription.id] == planned
    assert shop.state.events[deployment.id] == told
    with shop.begin(ANN) as work:
        assert change(work, ANN, deployment.id, "studio", JUNE).revision == planned.revision + 1
    assert len(shop.state.events[deployment.id]) == len(told) + 1


def test_a_tenants_earliest_day_is_today_and_an_operators_is_the_start(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    start = TODAY - timedelta(days=5)
    subscription = subscribed(shop, deployment, OLGA, starts_on=start)
    with refusal(shop, ANN, DayInThePast) as work:
        change(work, ANN, deployment.id, from_day=TODAY - timedelta(days=1))
    with refusal(shop, OLGA, ChangeBeforeStart) as work:
        change(work, OLGA, deployment.id, from_day=start - timedelta(days=1))
    with shop.begin(OLGA) as work:
        change(work, OLGA, deployment.id, from_day=start)
    assert plans_by_day(shop, subscription.id) == [(start, "pro", 1)]


def test_a_month_that_is_invoiced_is_closed(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment, OLGA, starts_on=date(2026, 4, 1))
    invoiced(shop, date(2026, 4, 1), due_on=JUNE)
    with refusal(shop, OLGA, PeriodInvoiced) as work:
        change(work, OLGA, deployment.id, from_day=date(2026, 4, 30))


def test_a_cancelled_subscription_changes_no_more(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=deployment.id, to=State.CANCELLED, now=NOW)
    with refusal(shop, ANN, SubscriptionCancelled) as work:
        change(work, ANN, deployment.id)


@pytest.mark.parametrize(
    ("plan_code", "from_day", "error"),
    [
        ("nothing", None, UnknownPlan),
        ("mini", None, NoActiveVersion),
        ("pro", date(1999, 12, 31), DateOutOfRange),
    ],
)
def test_bad_input_changes_nothing(
    shop: FakeTransactions, plan_code: str, from_day: date | None, error: type[DomainError]
) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with shop.begin(OLGA) as work:
        create_plan(work, OLGA, code="mini", name="Mini", now=NOW)
    with refusal(shop, OLGA, error) as work:
        change(work, OLGA, deployment.id, plan_code, from_day)


def test_a_plan_in_another_currency_is_refused(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    shop.state.tenants["acme"] = replace(shop.state.tenants["acme"], currency="USD")
    with refusal(shop, ANN, MixedCurrencies) as work:
        change(work, ANN, deployment.id)


def test_a_deployment_without_a_subscription_has_nothing_to_change(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with refusal(shop, ANN, NotSubscribed) as work:
        change(work, ANN, deployment.id)


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(shop: FakeTransactions, by: Principal) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with refusal(shop, by, DeploymentNotFound) as work:
        change(work, by, deployment.id if by is BOB else NOBODYS)
