"""What every Inventory must do for its readers (ports.cloud), in memory and on Postgres."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.changes import Change, EventKind, ResourceEvent
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy, ResourcesAsked
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.held import SEEN, april, assigned, recorded, resource
from tests.world import ANN, BOB, NOBODYS, OLGA, deployed


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def ids(
    transactions: Transactions, asked: ResourcesAsked, *, after: UUID | None = None, limit: int = 200
) -> list[UUID]:
    with transactions.begin(OLGA) as work:
        return [one.id for one in work.inventory.page(asked, after=after, limit=limit)]


@pytest.fixture
def fleet(transactions: Transactions, pilot: Deployment) -> list[CloudResource]:
    """A droplet of the pilot's, one of nobody's that is off, a volume, and a droplet that is gone."""
    made = [
        resource(1),
        resource(2, status="off"),
        resource(3, kind="volume", name="data"),
        resource(4, deleted_at=SEEN),
    ]
    recorded(transactions, *made)
    assigned(transactions, made[0], pilot)
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (ResourcesAsked(), [3, 2, 1]),
        (ResourcesAsked(deleted=True), [4]),
        (ResourcesAsked(kind="droplet"), [2, 1]),
        (ResourcesAsked(kind="droplet", status="off"), [2]),
        (ResourcesAsked(name="data"), [3]),
        (ResourcesAsked(name="Data"), []),
        (ResourcesAsked(tenant_id=ANN.tenant_id), [1]),
        (ResourcesAsked(tenant_id=BOB.tenant_id), []),
        (ResourcesAsked(kind="volume", deleted=True), []),
    ],
)
def test_resources_are_listed_newest_first_by_what_is_asked_for(
    transactions: Transactions, fleet: list[CloudResource], asked: ResourcesAsked, found: list[int]
) -> None:
    assert ids(transactions, asked) == [fleet[number - 1].id for number in found]


def test_resources_of_a_deployment_are_listed(
    transactions: Transactions, fleet: list[CloudResource], pilot: Deployment
) -> None:
    assert ids(transactions, ResourcesAsked(deployment_id=pilot.id)) == [fleet[0].id]
    assert ids(transactions, ResourcesAsked(deployment_id=NOBODYS)) == []


def test_a_page_goes_on_after_the_last_resource_that_was_seen(
    transactions: Transactions, fleet: list[CloudResource]
) -> None:
    first = ids(transactions, ResourcesAsked(), limit=2)
    assert first == [fleet[2].id, fleet[1].id]
    assert ids(transactions, ResourcesAsked(), after=first[-1], limit=2) == [fleet[0].id]


def test_a_tenants_list_holds_what_it_holds_now(
    transactions: Transactions, fleet: list[CloudResource]
) -> None:
    for by, seen in ((ANN, [fleet[0].id]), (BOB, [])):
        with transactions.begin(by) as work:
            page = work.inventory.page(ResourcesAsked(), after=None, limit=200)
        assert [one.id for one in page] == seen


def test_assignments_are_told_latest_first_with_who_gave_them(
    transactions: Transactions, fleet: list[CloudResource], pilot: Deployment
) -> None:
    last = assigned(transactions, fleet[1], None, april(20))
    first = assigned(transactions, fleet[1], pilot, april(3))
    with transactions.begin(OLGA) as work:
        told = work.inventory.assignments_of(fleet[1].id)
        assert work.inventory.assignments_of(NOBODYS) == []
    assert [one.assignment for one in told] == [last, first]
    assert {(one.by, one.actor) for one in told} == {(AssignedBy.OPERATOR, "olga")}


def test_a_tenant_is_told_the_assignments_that_gave_it_the_resource(
    transactions: Transactions, fleet: list[CloudResource], pilot: Deployment
) -> None:
    mine = assigned(transactions, fleet[0], pilot, april(20))
    assigned(transactions, fleet[0], deployed(transactions, BOB), april(10))
    with transactions.begin(ANN) as work:
        told = work.inventory.assignments_of(fleet[0].id)
    assert [one.assignment.from_at for one in told] == [mine.from_at, fleet[0].created_at]


def test_the_log_of_a_resource_is_told_newest_first_and_to_operators_only(transactions: Transactions) -> None:
    web = resource()
    later = SEEN + timedelta(hours=1)
    changed = ResourceEvent(
        EventKind.CHANGED, web.id, web.key, {"size_slug": Change("s-1vcpu-1gb", "s-2vcpu-4gb")}
    )
    with transactions.begin(OLGA) as work:
        work.inventory.record([web], [ResourceEvent(EventKind.APPEARED, web.id, web.key)], SEEN)
        work.inventory.record([web], [changed], later)
        log = work.inventory.log_of(web.id, last=5)
        assert work.inventory.log_of(web.id, last=1) == log[:1]
        assert work.inventory.log_of(NOBODYS, last=5) == []
    assert [(one.kind, one.at, dict(one.before), dict(one.after)) for one in log] == [
        (EventKind.CHANGED, later, {"size_slug": "s-1vcpu-1gb"}, {"size_slug": "s-2vcpu-4gb"}),
        (EventKind.APPEARED, SEEN, {}, {}),
    ]
    with refused(), transactions.begin(ANN) as work:
        work.inventory.log_of(web.id, last=5)
