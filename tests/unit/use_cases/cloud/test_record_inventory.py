"""record_inventory: a look at an account, and what changed since the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import OperatorsOnly
from tests.fakes.transactions import FakeTransactions
from tests.held import ACCOUNT, LONG_AGO, SEEN, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOBODYS, NOW, OLGA, deployed

LATER = SEEN + timedelta(hours=1)


def looked(store: FakeTransactions, *seen: CloudResource, later: bool = False) -> list[EventKind]:
    with store.begin(OLGA) as work:
        events = record_inventory(work, OLGA, account=ACCOUNT, seen=seen, now=LATER if later else SEEN)
    return [event.kind for event in events]


def test_what_is_new_appears_with_an_id_and_the_time_of_the_look(store: FakeTransactions) -> None:
    assert looked(store, resource(id=NOBODYS, first_seen=NOW, last_seen=NOW)) == [EventKind.APPEARED]
    [stored] = store.state.resources.values()
    assert stored.id != NOBODYS
    assert (stored.first_seen, stored.last_seen) == (SEEN, SEEN)
    assert [event.resource_id for event in store.state.resource_events] == [stored.id]


def test_the_same_look_again_moves_only_the_time_of_the_last_look(store: FakeTransactions) -> None:
    looked(store, resource())
    [before] = store.state.resources.values()
    assert looked(store, resource(id=NOBODYS), later=True) == []
    assert list(store.state.resources.values()) == [replace(before, last_seen=LATER)]


def test_what_changed_is_told_and_its_holder_stays(store: FakeTransactions) -> None:
    pilot = deployed(store)
    looked(store, resource())
    [before] = store.state.resources.values()
    with store.begin(OLGA) as work:
        assign_resource(work, OLGA, resource_id=before.id, deployment_id=pilot.id, from_at=LONG_AGO, now=SEEN)
    assert looked(store, resource(size_slug="s-2vcpu-4gb"), later=True) == [EventKind.CHANGED]
    [after] = store.state.resources.values()
    assert (after.id, after.size_slug) == (before.id, "s-2vcpu-4gb")
    assert (after.tenant_id, after.deployment_id) == (pilot.tenant_id, pilot.id)


def test_what_was_not_seen_does_not_disappear_by_that(store: FakeTransactions) -> None:
    looked(store, resource(1), resource(2))
    assert looked(store, resource(1), later=True) == []
    assert [one.deleted_at for one in store.state.resources.values()] == [None, None]


def test_a_tombstone_that_is_seen_again_has_returned(store: FakeTransactions) -> None:
    looked(store, resource())
    [stored] = store.state.resources.values()
    store.state.resources[stored.id] = replace(stored, deleted_at=SEEN)
    assert looked(store, resource(), later=True) == [EventKind.RETURNED]
    [after] = store.state.resources.values()
    assert after.deleted_at is None


def test_a_tenant_records_nothing(store: FakeTransactions) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        record_inventory(work, ANN, account=ACCOUNT, seen=[resource()], now=SEEN)
