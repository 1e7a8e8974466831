"""detach_addon: an attached addon ends on a day, which is not billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.detach_addon import SubscriptionAddonNotFound, detach_addon
from arcadia_app.use_cases.billing.effective_day import DayInThePast, PeriodInvoiced
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.transition import transition
from arcadia_domain.billing.deployments import Deployment, EventKind, State
from arcadia_domain.billing.subscriptions import (
    AddonEnded,
    AddonEndsBeforeStart,
    Subscription,
    SubscriptionAddon,
    SubscriptionCancelled,
)
from arcadia_domain.identity import Principal
from arcadia_domain.period import DateOutOfRange
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, at, deployed, subscribed

MAY_1 = date(2026, 5, 1)
TOMORROW, JUNE = TODAY + timedelta(days=1), date(2026, 6, 1)


@dataclass(frozen=True)
class Held:
    """A deployment that is subscribed since the first of May, with an addon since then."""

    deployment: Deployment
    subscription: Subscription
    addon: SubscriptionAddon


@pytest.fixture
def held(shop: FakeTransactions) -> Held:
    deployment = deployed(shop)
    one = subscribed(shop, deployment, OLGA, starts_on=MAY_1, addon_codes=("storage_50gb",))
    return Held(deployment, one, one.addons[0])


def detach(
    work: Work, by: Principal, held: Held, to_day: date | None = None, *, today: date = TODAY
) -> Subscription:
    return detach_addon(
        work, by, deployment_id=held.deployment.id, addon_id=held.addon.id, now=at(today), to_day=to_day
    )


def ended(shop: FakeTransactions, held: Held, to_day: date, by: Principal = ANN) -> None:
    with shop.begin(by) as work:
        detach(work, by, held, to_day)


def end_of(shop: FakeTransactions, held: Held) -> date | None:
    [addon] = [
        one for one in shop.state.subscriptions[held.subscription.id].addons if one.id == held.addon.id
    ]
    return addon.to_day


def test_an_addon_ends_today_and_the_subscription_says_so(shop: FakeTransactions, held: Held) -> None:
    with shop.begin(ANN) as work:
        left = detach(work, ANN, held)
    assert left == held.subscription.with_addon(held.addon.detached(TODAY))
    assert shop.state.subscriptions[held.subscription.id] == left


def test_the_history_says_what_was_detached_from_when_and_by_whom(shop: FakeTransactions, held: Held) -> None:
    ended(shop, held, TOMORROW, OLGA)
    event = shop.state.events[held.deployment.id][-1]
    assert (event.kind, event.actor, event.at) == (EventKind.ADDON, "olga", at(TODAY))
    assert event.details == {"detached": "storage_50gb", "to_day": "2026-05-21"}


def test_an_end_that_is_still_ahead_may_be_moved_either_way(shop: FakeTransactions, held: Held) -> None:
    for to_day in (JUNE, TOMORROW, JUNE, TODAY):
        ended(shop, held, to_day)
        assert end_of(shop, held) == to_day


def test_the_same_again_is_nothing_new(shop: FakeTransactions, held: Held) -> None:
    ended(shop, held, TOMORROW)
    before = shop.state.copy()
    for day, to_day in (
        (TODAY, TOMORROW),
        (TOMORROW, None),
        (TOMORROW, TOMORROW),
        (JUNE, None),
        (JUNE, TOMORROW),
    ):
        with shop.begin(ANN) as work:
            again = detach(work, ANN, held, to_day, today=day)
        assert again == held.subscription.with_addon(held.addon.detached(TOMORROW))
    assert shop.state == before


@pytest.mark.parametrize("by", [ANN, OLGA])
@pytest.mark.parametrize("to_day", [MAY_1, TODAY + timedelta(days=1), JUNE])
def test_what_has_ended_stays_as_it_ended(
    shop: FakeTransactions, held: Held, by: Principal, to_day: date
) -> None:
    ended(shop, held, TODAY)
    with refusal(shop, by, AddonEnded) as work:
        detach(work, by, held, to_day)


def test_an_addon_that_is_still_to_come_ends_on_its_first_day_and_never_holds(
    shop: FakeTransactions, held: Held
) -> None:
    with shop.begin(ANN) as work:
        planned = attach_addon(
            work, ANN, deployment_id=held.deployment.id, code="llm_1m_tokens", now=NOW, from_day=JUNE
        )
    to_come = Held(held.deployment, held.subscription, planned)
    with refusal(shop, ANN, AddonEndsBeforeStart) as work:
        detach(work, ANN, to_come, TOMORROW)
    with shop.begin(ANN) as work:
        left = detach(work, ANN, to_come)
    assert left.addons == (held.addon, planned.detached(JUNE))


def test_a_tenants_earliest_day_is_today_and_an_operators_is_the_first_of_the_addon(
    shop: FakeTransactions, held: Held
) -> None:
    with refusal(shop, ANN, DayInThePast) as work:
        detach(work, ANN, held, TODAY - timedelta(days=1))
    with refusal(shop, OLGA, AddonEndsBeforeStart) as work:
        detach(work, OLGA, held, MAY_1 - timedelta(days=1))
    ended(shop, held, MAY_1, OLGA)
    assert end_of(shop, held) == MAY_1


def test_a_month_that_is_invoiced_is_closed(shop: FakeTransactions, held: Held) -> None:
    invoiced(shop, MAY_1, due_on=date(2026, 6, 15))
    with refusal(shop, OLGA, PeriodInvoiced) as work:
        detach(work, OLGA, held, date(2026, 5, 31), today=JUNE)
    with shop.begin(OLGA) as work:
        detach(work, OLGA, held, JUNE, today=JUNE)


def test_what_is_no_day_of_the_calendar_is_refused(shop: FakeTransactions, held: Held) -> None:
    with refusal(shop, OLGA, DateOutOfRange) as work:
        detach(work, OLGA, held, date(2100, 1, 1))


def test_an_addon_of_a_cancelled_subscription_stays(shop: FakeTransactions, held: Held) -> None:
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=held.deployment.id, to=State.CANCELLED, now=NOW)
    with refusal(shop, ANN, SubscriptionCancelled) as work:
        detach(work, ANN, held)


def test_an_addon_of_another_deployment_is_not_there(shop: FakeTransactions, held: Held) -> None:
    for slug in ("other", "bare"):
        other = deployed(shop, slug=slug)
        if slug == "other":
            subscribed(shop, other, addon_codes=("storage_50gb",))
        with refusal(shop, ANN, SubscriptionAddonNotFound) as work:
            detach(work, ANN, Held(other, held.subscription, held.addon))


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(
    shop: FakeTransactions, held: Held, by: Principal
) -> None:
    deployment_id: UUID = held.deployment.id if by is BOB else NOBODYS
    with refusal(shop, by, DeploymentNotFound) as work:
        detach_addon(work, by, deployment_id=deployment_id, addon_id=held.addon.id, now=NOW)
