"""What every Subscriptions must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon, Timeline
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.unit_of_work import Transactions, Work
from arcadia_domain.pricing.stretch import Status
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, active, at, deployed, seeded

JUNE = date(2026, 6, 1)


@dataclass(frozen=True)
class World:
    """A catalogue, a deployment of Ann's, and the ids of two versions and an addon."""

    transactions: Transactions
    deployment: Deployment
    studio: UUID
    pro: UUID
    addon_id: UUID


@pytest.fixture
def world(transactions: Transactions) -> World:
    seeded(transactions)
    with transactions.begin(ANN) as work:
        addon = work.catalog.addon("storage_50gb")
    assert addon is not None
    assert addon.id is not None
    studio, pro = active(transactions, "studio"), active(transactions, "pro")
    return World(transactions, deployed(transactions), studio, pro, addon.id)


def new(
    work: Work,
    world: World,
    timeline: Timeline | None = None,
    *,
    days_later: int = 0,
    addons: int = 0,
) -> Subscription:
    return Subscription(
        id=work.new_id(),
        tenant_id=world.deployment.tenant_id,
        deployment_id=world.deployment.id,
        timeline=timeline or Timeline.starting(TODAY, world.studio),
        current_period=month_of(TODAY),
        created_at=NOW + timedelta(days=days_later),
        addons=tuple(attached(work, world) for _ in range(addons)),
    )


def attached(work: Work, world: World, *, days_later: int = 0) -> SubscriptionAddon:
    return SubscriptionAddon(
        id=work.new_id(),
        addon_id=world.addon_id,
        code="storage_50gb",
        resource_kind="spaces_gb_month",
        qty=Decimal("50.5"),
        price_cents=750,
        currency="AUD",
        attached_at=NOW + timedelta(days=days_later),
        from_day=TODAY + timedelta(days=days_later),
    )


def stored(world: World, timeline: Timeline | None = None, *, addons: int = 0) -> Subscription:
    with world.transactions.begin(ANN) as work:
        subscription = new(work, world, timeline, addons=addons)
        assert work.subscriptions.add(subscription)
    return subscription


def read(world: World, by: Principal = ANN) -> Subscription | None:
    with world.transactions.begin(by) as work:
        return work.subscriptions.of_deployment(world.deployment.id)


def test_a_subscription_is_read_as_it_was_stored(world: World) -> None:
    timeline = Timeline.starting(TODAY, world.studio, trial_ends_on=JUNE).with_version(
        date(2026, 5, 25), world.pro
    )
    with world.transactions.begin(ANN) as work:
        whole = new(work, world, timeline, addons=2)
        whole = replace(
            whole,
            trial_ends_at=at(JUNE),
            revision=4,
            addons=(whole.addons[0], replace(whole.addons[1], to_day=JUNE)),
        )
        assert work.subscriptions.add(whole)
    assert read(world) == whole
    assert read(world, OLGA) == whole


def test_a_deployment_that_was_never_subscribed_has_none(world: World) -> None:
    assert read(world) is None
    with world.transactions.begin(ANN) as work:
        assert work.subscriptions.of_deployment(NOBODYS) is None


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.TRIAL, Status.PAUSED])
def test_a_second_subscription_is_refused_and_nothing_of_it_is_kept(world: World, status: Status) -> None:
    first = stored(world, Timeline.starting(TODAY, world.studio, status), addons=1)
    with world.transactions.begin(ANN) as work:
        assert not work.subscriptions.add(new(work, world, days_later=1, addons=1))
    assert read(world) == first


def test_a_cancelled_subscription_gives_way_to_a_new_one(world: World) -> None:
    first = stored(world)
    cancelled = replace(first, timeline=first.timeline.with_status(TODAY, Status.CANCELLED))
    with world.transactions.begin(ANN) as work:
        work.subscriptions.save(cancelled, TODAY)
        assert work.subscriptions.of_deployment(world.deployment.id) == cancelled
        second = new(work, world)
        assert work.subscriptions.add(second)
        assert not work.subscriptions.add(new(work, world))
    assert read(world) == second


def test_where_all_are_cancelled_the_last_one_is_read(world: World) -> None:
    ended = Timeline.starting(TODAY, world.studio).with_status(TODAY, Status.CANCELLED)
    with world.transactions.begin(ANN) as work:
        for days_later in (1, 3, 2):
            assert work.subscriptions.add(new(work, world, ended, days_later=days_later))
    last = read(world)
    assert last is not None
    assert last.created_at == NOW + timedelta(days=3)


def test_a_saved_timeline_replaces_the_one_before_point_by_point(world: World) -> None:
    subscription = stored(world, Timeline.starting(TODAY, world.studio, trial_ends_on=JUNE), addons=1)
    steps = [
        subscription.timeline.with_version(date(2026, 5, 25), world.pro),  # a point more
        subscription.timeline.with_version(JUNE, world.pro),  # another point, and one gone
        subscription.timeline.with_status(date(2026, 5, 22), Status.PAUSED),  # the trial's end is void
        Timeline.starting(TODAY, world.pro, Status.CANCELLED),  # the first point itself changes
    ]
    for timeline in steps:
        changed = replace(subscription, timeline=timeline, revision=subscription.revision + 1)
        with world.transactions.begin(ANN) as work:
            work.subscriptions.save(changed, TODAY)
        assert read(world) == changed


def test_saving_touches_no_other_subscription(world: World) -> None:
    first = stored(world)
    with world.transactions.begin(ANN) as work:
        cancelled = replace(first, timeline=first.timeline.with_status(JUNE, Status.CANCELLED))
        work.subscriptions.save(cancelled, JUNE)
        second = new(work, world, Timeline.starting(JUNE, world.pro), days_later=20)
        assert work.subscriptions.add(second)
        work.subscriptions.save(replace(second, timeline=Timeline.starting(JUNE, world.studio)), JUNE)
        ended = replace(second, timeline=Timeline.starting(JUNE, world.studio, Status.CANCELLED))
        work.subscriptions.save(ended, JUNE)
        third = new(work, world, days_later=10)
        assert work.subscriptions.add(third)
    assert read(world) == third


def test_an_attached_addon_stands_after_those_that_are_there(world: World) -> None:
    subscription = stored(world, addons=2)
    with world.transactions.begin(ANN) as work:
        more = [attached(work, world, days_later=days) for days in (1, 2)]
        for addon in more:
            work.subscriptions.attach(subscription, addon)
    assert read(world) == replace(subscription, addons=(*subscription.addons, *more))


def test_a_detached_addon_ends_and_nothing_else_changes(world: World) -> None:
    subscription = stored(world, addons=2)
    first, second = subscription.addons
    with world.transactions.begin(ANN) as work:
        work.subscriptions.detach(subscription, first.detached(JUNE))
    assert read(world) == replace(subscription, addons=(first.detached(JUNE), second))
    with world.transactions.begin(OLGA) as work:  # an end may be moved
        work.subscriptions.detach(subscription, first.detached(TODAY))
    assert read(world) == replace(subscription, addons=(first.detached(TODAY), second))


def test_detaching_stores_the_end_alone(world: World) -> None:
    subscription = stored(world, addons=1)
    [addon] = subscription.addons
    with world.transactions.begin(ANN) as work:
        work.subscriptions.detach(subscription, replace(addon, price_cents=1, to_day=JUNE))
    assert read(world) == subscription.with_addon(addon.detached(JUNE))


def test_a_tenant_ends_no_addon_of_another(world: World) -> None:
    subscription = stored(world, addons=1)
    with world.transactions.begin(BOB) as work:
        work.subscriptions.detach(subscription, subscription.addons[0].detached(TODAY))
    assert read(world) == subscription


def test_saving_leaves_the_addons_as_they_are(world: World) -> None:
    subscription = stored(world, addons=1)
    with world.transactions.begin(ANN) as work:
        without = replace(subscription, addons=())
        work.subscriptions.save(without, TODAY)
    assert read(world) == subscription


def test_another_tenants_subscription_is_not_there(world: World) -> None:
    subscription = stored(world, addons=1)
    assert read(world, BOB) is None
    with refused(), world.transactions.begin(BOB) as work:
        work.subscriptions.save(replace(subscription, revision=9), TODAY)
    assert read(world) == subscription


def test_a_tenant_subscribes_nothing_of_another(world: World) -> None:
    subscription = stored(world)
    with refused(), world.transactions.begin(BOB) as work:
        work.subscriptions.add(replace(subscription, id=work.new_id()))
    with refused(), world.transactions.begin(BOB) as work:
        work.subscriptions.attach(subscription, attached(work, world))


def test_subscriptions_of_many_deployments_are_read_as_each_by_itself(world: World) -> None:
    others = [deployed(world.transactions, slug="second"), deployed(world.transactions, BOB)]
    silent = deployed(world.transactions, slug="silent")
    made = {}
    for one in (world.deployment, *others):
        by = BOB if one.tenant_id == BOB.tenant_id else ANN
        with world.transactions.begin(by) as work:
            subscription = replace(new(work, world, addons=2), deployment_id=one.id, tenant_id=one.tenant_id)
            assert work.subscriptions.add(subscription)
            made[one.id] = subscription
    asked = [*made, silent.id, NOBODYS]
    with world.transactions.begin(OLGA) as work:
        found = dict(work.subscriptions.of_deployments(asked))
        assert found == {key: work.subscriptions.of_deployment(key) for key in made}
    assert found.keys() == made.keys()
    with world.transactions.begin(BOB) as work:
        assert work.subscriptions.of_deployments(asked).keys() == {others[1].id}
        assert work.subscriptions.of_deployments([silent.id]) == {}


def test_every_subscription_of_many_deployments_is_read_in_the_order_of_their_start(world: World) -> None:
    other, silent = deployed(world.transactions, BOB), deployed(world.transactions, slug="silent")
    ended = [
        Timeline.starting(TODAY - timedelta(days=days), world.studio).with_status(TODAY, Status.CANCELLED)
        for days in (1, 9, 5)
    ]
    made = []
    with world.transactions.begin(ANN) as work:
        for days_later, timeline in enumerate((*ended, Timeline.starting(TODAY, world.pro))):
            made.append(new(work, world, timeline, days_later=days_later, addons=days_later % 2))
            assert work.subscriptions.add(made[-1])
    with world.transactions.begin(BOB) as work:
        bobs = replace(new(work, world), deployment_id=other.id, tenant_id=other.tenant_id)
        assert work.subscriptions.add(bobs)
    asked = [world.deployment.id, other.id, silent.id, NOBODYS]
    anns = [made[1], made[2], made[0], made[3]]
    with world.transactions.begin(OLGA) as work:
        found = {key: list(held) for key, held in work.subscriptions.every_of(asked).items()}
        assert found == {world.deployment.id: anns, other.id: [bobs]}
        assert work.subscriptions.every_of([]) == {}
    with world.transactions.begin(BOB) as work:
        assert work.subscriptions.every_of(asked).keys() == {other.id}
