"""list_inventory, read_resource, list_assignments: who sees what of what runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arcadia_app.use_cases.cloud.assign_resource import ResourceNotFound
from arcadia_app.use_cases.cloud.read_inventory import (
    SHOWN_EVENTS,
    list_assignments,
    list_inventory,
    read_resource,
    whole_inventory,
)
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.changes import Change, EventKind, ResourceEvent
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.cloud import ResourcesAsked
from tests.fakes.transactions import FakeTransactions
from tests.held import SEEN, april, assigned, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, OLGA, deployed


@pytest.fixture
def pilot(store: FakeTransactions) -> Deployment:
    return deployed(store)


@pytest.fixture
def web(store: FakeTransactions, pilot: Deployment) -> CloudResource:
    """Held by Bob until the tenth of April, by Ann since; it has a log longer than is shown."""
    web = resource()
    looks = [
        [ResourceEvent(EventKind.CHANGED, web.id, web.key, {"status": Change("active", f"off {n}")})]
        for n in range(SHOWN_EVENTS + 5)
    ]
    with store.begin(OLGA) as work:
        for n, events in enumerate(looks):
            work.inventory.record([web], events, SEEN + timedelta(hours=n))
    assigned(store, web, deployed(store, BOB), april(1))
    assigned(store, web, pilot, april(10))
    return web


def seen(store: FakeTransactions, by: Principal, **asked: str) -> list[str]:
    with store.begin(by) as work:
        found = list_inventory(work, by, asked=ResourcesAsked(**asked), after=None, limit=9)  # type: ignore[arg-type]
    return [one.name for one in found]


def test_a_tenant_lists_what_it_holds_whomever_it_asks_for(
    store: FakeTransactions, web: CloudResource
) -> None:
    recorded(store, resource(2))
    assert seen(store, OLGA) == ["web-2", "web-1"]
    assert seen(store, OLGA, tenant_id=ANN.tenant_id) == ["web-1"]
    for asked in ({}, {"tenant_id": BOB.tenant_id}):
        assert seen(store, ANN, **asked) == ["web-1"]
        assert seen(store, BOB, **asked) == []


def test_the_whole_list_is_every_page(store: FakeTransactions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcadia_app.use_cases.cloud.read_inventory._PAGE", 2)
    recorded(store, *map(resource, range(1, 6)))
    with store.begin(OLGA) as work:
        every = [one.name for one in whole_inventory(work, OLGA, asked=ResourcesAsked())]
    assert every == ["web-5", "web-4", "web-3", "web-2", "web-1"]


def test_an_operator_is_told_who_held_a_resource_and_what_happened_to_it_last(
    store: FakeTransactions, web: CloudResource
) -> None:
    with store.begin(OLGA) as work:
        view = read_resource(work, OLGA, resource_id=web.id)
        assert list(list_assignments(work, OLGA, resource_id=web.id)) == list(view.assignments)
    assert [told.assignment.tenant_id for told in view.assignments] == [ANN.tenant_id, BOB.tenant_id]
    assert {told.actor for told in view.assignments} == {"olga"}
    assert len(view.events) == SHOWN_EVENTS
    assert view.events[0].after == {"status": f"off {SHOWN_EVENTS + 4}"}


def test_a_tenant_is_told_of_its_own_time_and_of_no_event(
    store: FakeTransactions, web: CloudResource
) -> None:
    with store.begin(ANN) as work:
        view = read_resource(work, ANN, resource_id=web.id)
    assert [told.assignment.from_at for told in view.assignments] == [april(10)]
    assert [told.actor for told in view.assignments] == [None], "an operator's people are its own business"
    assert view.events == ()


def test_another_tenants_resource_and_nobodys_are_not_there(
    store: FakeTransactions, web: CloudResource
) -> None:
    free = resource(2)
    recorded(store, free)
    for by, resource_id in ((BOB, web.id), (ANN, free.id), (OLGA, NOBODYS)):
        with refusal(store, by, ResourceNotFound) as work:
            read_resource(work, by, resource_id=resource_id)


def test_who_held_a_resource_is_for_operators(store: FakeTransactions, web: CloudResource) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        list_assignments(work, ANN, resource_id=web.id)
