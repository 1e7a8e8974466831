"""A tenant's whole life by its own role: every act that SPEC 5 gives it passes the database's walls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.attach_addon import attach_addon
from arcadia_app.use_cases.billing.change_plan_version import change_plan_version
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.transition import transition
from arcadia_domain.billing.deployments import Deployment, EventKind, InvalidTransition, State
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.pricing.stretch import Status
from tests.world import ANN, BOB, NOW, OLGA, TODAY, at, deployed, seeded, subscribed

JUNE = date(2026, 6, 1)


@pytest.fixture
def shop(transactions: Transactions) -> Transactions:
    return seeded(transactions)


def moved(
    shop: Transactions, deployment: Deployment, to: State, by: Principal = ANN, *, on: date = TODAY
) -> Deployment:
    with shop.begin(by) as work:
        return transition(work, by, deployment_id=deployment.id, to=to, now=at(on), reason="as asked")


def plan_codes(shop: Transactions, ids: list[UUID]) -> list[str]:
    with shop.begin(ANN) as work:
        versions = work.catalog.versions(ids)
    return [versions[one].plan_code for one in ids]


def test_golden_7(shop: Transactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, addon_codes=("storage_50gb",))
    moved(shop, deployment, State.PAUSED, on=date(2026, 5, 25))
    with pytest.raises(InvalidTransition):
        moved(shop, deployment, State.ARCHIVED, OLGA)
    with shop.begin(ANN) as work:
        assert work.deployments.get(deployment.id) == replace(deployment, state=State.PAUSED, revision=3)
        *_, pause = work.deployments.events(deployment.id)
        kept = work.subscriptions.of_deployment(deployment.id)
    assert (pause.from_state, pause.to_state, pause.actor, pause.reason) == (
        State.ACTIVE,
        State.PAUSED,
        "ann",
        "as asked",
    )
    assert kept is not None
    assert kept.addons == subscription.addons
    assert [(addon.price_cents, addon.qty) for addon in kept.addons] == [(750, Decimal(50))]
    assert [(point.from_day, point.status) for point in kept.timeline.points] == [
        (TODAY, Status.ACTIVE),
        (date(2026, 5, 25), Status.PAUSED),
    ]


def test_from_the_first_deployment_to_the_end(shop: Transactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    with shop.begin(ANN) as work:
        attached = attach_addon(
            work, ANN, deployment_id=deployment.id, code="llm_1m_tokens", now=NOW, from_day=JUNE
        )
    for plan_code, from_day in (("pro", JUNE), ("starter", JUNE), ("pro", TODAY)):
        with shop.begin(ANN) as work:
            change_plan_version(
                work, ANN, deployment_id=deployment.id, plan_code=plan_code, now=NOW, from_day=from_day
            )
    for day, to in ((22, State.PAUSED), (24, State.ACTIVE), (26, State.CANCELLED)):
        moved(shop, deployment, to, on=date(2026, 5, day))
    with shop.begin(ANN) as work:
        subscription = work.subscriptions.of_deployment(deployment.id)
        events = work.deployments.events(deployment.id)
    assert subscription is not None
    points = subscription.timeline.points
    assert subscription.addons == (attached,)
    assert [(point.from_day, point.status) for point in points] == [
        (TODAY, Status.ACTIVE),
        (date(2026, 5, 22), Status.PAUSED),
        (date(2026, 5, 24), Status.ACTIVE),
        (date(2026, 5, 26), Status.CANCELLED),
        (JUNE, Status.CANCELLED),
    ]
    assert plan_codes(shop, [point.version_id for point in points]) == ["pro"] * 4 + ["starter"]
    assert [event.kind for event in events] == [
        EventKind.STATE,
        EventKind.PLAN_CHANGE,
        EventKind.ADDON,
        *[EventKind.PLAN_CHANGE] * 3,
        *[EventKind.STATE] * 3,
    ]
    assert {event.actor for event in events} == {"ann"}


def test_an_operator_does_the_same_for_a_tenant(shop: Transactions) -> None:
    deployment = deployed(shop, OLGA, tenant_id="acme")
    subscribed(shop, deployment, OLGA, starts_on=date(2026, 4, 1), addon_codes=("storage_50gb",))
    moved(shop, deployment, State.SUSPENDED, OLGA)
    with shop.begin(ANN) as work:
        subscription = work.subscriptions.of_deployment(deployment.id)
        assert work.deployments.by_slug("acme", "pilot") == replace(
            deployment, state=State.SUSPENDED, revision=3
        )
    assert subscription is not None
    assert subscription.status_on(TODAY) is Status.PAUSED


def test_another_tenant_finds_nothing_to_act_on(shop: Transactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    with pytest.raises(DeploymentNotFound):
        moved(shop, deployment, State.CANCELLED, BOB)
    with pytest.raises(DeploymentNotFound), shop.begin(BOB) as work:
        change_plan_version(work, BOB, deployment_id=deployment.id, plan_code="pro", now=NOW)
    with shop.begin(ANN) as work:
        assert work.deployments.get(deployment.id) == replace(deployment, revision=2)  # the subscription's
        assert work.subscriptions.of_deployment(deployment.id) == subscription
