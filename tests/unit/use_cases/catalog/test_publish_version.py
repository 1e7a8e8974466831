"""publish_version: the prior version retires, the draft becomes active, subscribers stay where they are."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import UnknownVersion, publish_version
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.pricing.catalog import PlanVersion, VersionFrozen, VersionStatus
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, NOBODYS, NOW, OLGA, TODAY, deployed, subscribed


def drafted(store: FakeTransactions, plan_code: str = "studio") -> tuple[PlanVersion, UUID]:
    with store.begin(OLGA) as work:
        draft = draft_version(
            work, OLGA, plan_code=plan_code, base_price_cents=6000, currency="AUD", items=(), now=NOW
        )
    assert draft.id is not None
    return draft, draft.id


def published(store: FakeTransactions, version_id: UUID) -> PlanVersion:
    with store.begin(OLGA) as work:
        return publish_version(work, OLGA, version_id=version_id, now=NOW)


def test_a_plans_first_version_becomes_active_and_retires_nothing(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        create_plan(work, OLGA, code="mini", name="Mini", now=NOW)
    draft, version_id = drafted(store, "mini")
    active = replace(draft, status=VersionStatus.ACTIVE)
    assert published(store, version_id) == active
    assert store.state.versions == {version_id: active}


def test_publishing_retires_the_version_before_and_no_other_plans(shop: FakeTransactions) -> None:
    _, second = drafted(shop)
    published(shop, second)
    _, third = drafted(shop)
    published(shop, third)
    with shop.begin(ANN) as work:
        statuses = [version.status for version in work.catalog.versions_of("studio")]
        assert statuses == [VersionStatus.RETIRED, VersionStatus.RETIRED, VersionStatus.ACTIVE]
        assert work.catalog.active_version("pro") is not None
        assert work.catalog.active_version("starter") is not None


def test_a_subscriber_stays_on_the_version_it_was_bound_to(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    before = subscribed(shop, deployment)
    published(shop, drafted(shop)[1])
    with shop.begin(ANN) as work:
        assert work.subscriptions.of_deployment(deployment.id) == before
        bound = work.catalog.versions([before.version_on(TODAY)])[before.version_on(TODAY)]
    assert (bound.version, bound.base_price_cents, bound.status) == (1, 5000, VersionStatus.RETIRED)
    assert subscribed(shop, deployed(shop, slug="next")).version_on(TODAY) != bound.id


@pytest.mark.parametrize("then_retired", [False, True])
def test_what_was_published_is_never_published_again(shop: FakeTransactions, then_retired: bool) -> None:
    _, version_id = drafted(shop)
    published(shop, version_id)
    if then_retired:
        published(shop, drafted(shop)[1])
    with refusal(shop, OLGA, VersionFrozen) as work:
        publish_version(work, OLGA, version_id=version_id, now=NOW)


def test_a_version_that_is_not_there_is_refused(shop: FakeTransactions) -> None:
    with refusal(shop, OLGA, UnknownVersion) as work:
        publish_version(work, OLGA, version_id=NOBODYS, now=NOW)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_publishes(shop: FakeTransactions, by: Principal) -> None:
    _, version_id = drafted(shop)
    with refusal(shop, by, OperatorsOnly) as work:
        publish_version(work, by, version_id=version_id, now=NOW)
