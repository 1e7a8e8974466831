"""attach_addon: the live addon, snapshotted, from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.detach_addon import detach_addon
from arcadia_app.use_cases.billing.effective_day import DayInThePast, PeriodInvoiced
from arcadia_app.use_cases.billing.scope import DeploymentNotFound, NotSubscribed
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.use_cases.catalog.offer import UnknownAddon
from arcadia_domain.billing.deployments import EventKind, State
from arcadia_domain.billing.subscriptions import (
    ChangeBeforeStart,
    SubscriptionAddon,
    SubscriptionCancelled,
    TooManyAddons,
)
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


def attach(
    work: Work,
    by: Principal,
    deployment_id: UUID,
    code: str = "storage_50gb",
    from_day: date | None = None,
) -> SubscriptionAddon:
    return attach_addon(work, by, deployment_id=deployment_id, code=code, now=NOW, from_day=from_day)


def test_an_addon_is_attached_as_it_is_now(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        attached = attach(work, ANN, deployment.id)
    assert (attached.code, attached.price_cents, attached.qty) == ("storage_50gb", 750, Decimal(50))
    assert (attached.attached_at, attached.from_day, attached.to_day) == (NOW, TODAY, None)
    shop.state.addons["storage_50gb"] = replace(shop.state.addons["storage_50gb"], price_cents=1)
    with shop.begin(ANN) as work:
        assert work.subscriptions.of_deployment(deployment.id) == replace(subscription, addons=(attached,))


def test_the_history_says_what_was_attached_from_when_and_by_whom(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with shop.begin(OLGA) as work:
        attach(work, OLGA, deployment.id, from_day=JUNE)
    event = shop.state.events[deployment.id][-1]
    assert (event.kind, event.actor, event.at) == (EventKind.ADDON, "olga", NOW)
    assert event.details == {"attached": "storage_50gb", "from_day": "2026-06-01"}


def test_the_same_addon_may_be_attached_again(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, addon_codes=("storage_50gb",))
    with shop.begin(ANN) as work:
        again = attach(work, ANN, deployment.id)
    assert shop.state.subscriptions[subscription.id].addons == (*subscription.addons, again)


def test_a_subscription_holds_a_hundred_addons_that_have_not_ended(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, addon_codes=("storage_50gb",) * 98)
    with shop.begin(ANN) as work:
        attach(work, ANN, deployment.id, from_day=JUNE)
        last = attach(work, ANN, deployment.id)
    for by in (ANN, OLGA):
        with refusal(shop, by, TooManyAddons) as work:
            attach(work, by, deployment.id)
    with shop.begin(ANN) as work:
        detach_addon(work, ANN, deployment_id=deployment.id, addon_id=last.id, now=NOW, to_day=JUNE)
    with refusal(shop, ANN, TooManyAddons) as work:  # it has yet to end
        attach(work, ANN, deployment.id)
    with shop.begin(ANN) as work:
        detach_addon(work, ANN, deployment_id=deployment.id, addon_id=last.id, now=NOW)
        attach(work, ANN, deployment.id)
    assert len(shop.state.subscriptions[subscription.id].addons) == 101


def test_a_tenants_earliest_day_is_today_and_an_operators_is_the_start(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    start = TODAY - timedelta(days=5)
    subscribed(shop, deployment, OLGA, starts_on=start)
    with refusal(shop, ANN, DayInThePast) as work:
        attach(work, ANN, deployment.id, from_day=TODAY - timedelta(days=1))
    with shop.begin(OLGA) as work:
        assert attach(work, OLGA, deployment.id, from_day=start).from_day == start
    with refusal(shop, OLGA, ChangeBeforeStart) as work:
        attach(work, OLGA, deployment.id, from_day=start - timedelta(days=1))


def test_a_month_that_is_invoiced_is_closed(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment, OLGA, starts_on=date(2026, 4, 1))
    invoiced(shop, date(2026, 4, 1), due_on=JUNE)
    with refusal(shop, OLGA, PeriodInvoiced) as work:
        attach(work, OLGA, deployment.id, from_day=date(2026, 4, 30))


def test_a_cancelled_subscription_takes_no_addon(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=deployment.id, to=State.CANCELLED, now=NOW)
    with refusal(shop, ANN, SubscriptionCancelled) as work:
        attach(work, ANN, deployment.id)


@pytest.mark.parametrize(
    ("code", "from_day", "error"),
    [
        ("nothing", None, UnknownAddon),
        ("storage_50gb", date(2100, 1, 1), DateOutOfRange),
    ],
)
def test_bad_input_changes_nothing(
    shop: FakeTransactions, code: str, from_day: date | None, error: type[DomainError]
) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with refusal(shop, OLGA, error) as work:
        attach(work, OLGA, deployment.id, code, from_day)


def test_an_addon_in_another_currency_is_refused(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    shop.state.addons["storage_50gb"] = replace(shop.state.addons["storage_50gb"], currency="USD")
    with refusal(shop, ANN, MixedCurrencies) as work:
        attach(work, ANN, deployment.id)


def test_a_deployment_without_a_subscription_takes_none(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with refusal(shop, ANN, NotSubscribed) as work:
        attach(work, ANN, deployment.id)


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(shop: FakeTransactions, by: Principal) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with refusal(shop, by, DeploymentNotFound) as work:
        attach(work, by, deployment.id if by is BOB else NOBODYS)
