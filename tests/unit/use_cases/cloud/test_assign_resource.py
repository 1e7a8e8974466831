"""assign_resource: whose a resource is, from an instant on."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.cloud.assign_resource import AssignmentInFuture, ResourceNotFound, assign_resource
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import NaiveInstant
from arcadia_domain.ports.cloud import AssignedBy
from tests.fakes.transactions import FakeTransactions
from tests.held import april, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, deployed

TENTH = april(10)


@pytest.fixture
def held(store: FakeTransactions) -> UUID:
    recorded(store, resource())
    return resource().id


def assigned(store: FakeTransactions, held: UUID, to: UUID | None, from_at: datetime = TENTH) -> Assignment:
    with store.begin(OLGA) as work:
        told = assign_resource(work, OLGA, resource_id=held, deployment_id=to, from_at=from_at, now=NOW)
    assert (told.by, told.actor) == (AssignedBy.OPERATOR, "olga")
    return told.assignment


def test_a_resource_is_its_deployments_and_so_its_tenants(store: FakeTransactions, held: UUID) -> None:
    pilot = deployed(store)
    told = assigned(store, held, pilot.id)
    assert told == Assignment(
        resource_id=held, from_at=TENTH, tenant_id=pilot.tenant_id, deployment_id=pilot.id
    )
    assert store.state.assignments[held] == [told]
    now = store.state.resources[held]
    assert (now.tenant_id, now.deployment_id) == (pilot.tenant_id, pilot.id)


def test_what_was_assigned_before_stays_as_it_was(store: FakeTransactions, held: UUID) -> None:
    pilot, other = deployed(store), deployed(store, slug="other")
    first = assigned(store, held, pilot.id)
    second = assigned(store, held, other.id, april(20))
    last = assigned(store, held, None, april(25))
    assert store.state.assignments[held] == [first, second, last]
    assert (last.tenant_id, last.deployment_id) == (None, None)
    assert store.state.resources[held].tenant_id is None


def test_a_resource_does_not_change_hands_ahead_of_time(store: FakeTransactions, held: UUID) -> None:
    pilot, theirs = deployed(store), deployed(store, BOB)
    first = assigned(store, held, pilot.id)
    ahead = NOW + timedelta(minutes=5, microseconds=1)
    with refusal(store, OLGA, AssignmentInFuture) as work:
        assign_resource(work, OLGA, resource_id=held, deployment_id=theirs.id, from_at=ahead, now=NOW)
    assert store.state.assignments[held] == [first]
    assert store.state.resources[held].tenant_id == pilot.tenant_id


def test_clocks_may_differ_by_five_minutes(store: FakeTransactions, held: UUID) -> None:
    assigned(store, held, deployed(store).id, NOW + timedelta(minutes=5))


def test_what_is_told_later_of_an_earlier_time_leaves_it_with_who_holds_it_now(
    store: FakeTransactions, held: UUID
) -> None:
    pilot, theirs = deployed(store), deployed(store, BOB)
    now = assigned(store, held, pilot.id)
    before = assigned(store, held, theirs.id, april(1))
    assert store.state.assignments[held] == [before, now]
    assert store.state.resources[held].tenant_id == pilot.tenant_id


def test_the_instant_is_kept_in_utc(store: FakeTransactions, held: UUID) -> None:
    told = assigned(store, held, None, datetime.fromisoformat("2026-04-10T10:00:00+10:00"))
    assert told.from_at.isoformat() == "2026-04-10T00:00:00+00:00"


def test_a_resource_or_a_deployment_that_is_not_there_is_refused(store: FakeTransactions, held: UUID) -> None:
    for resource_id, deployment_id, error in (
        (NOBODYS, None, ResourceNotFound),
        (held, NOBODYS, DeploymentNotFound),
    ):
        with refusal(store, OLGA, error) as work:
            assign_resource(
                work, OLGA, resource_id=resource_id, deployment_id=deployment_id, from_at=april(1), now=NOW
            )


def test_an_instant_without_a_time_zone_is_refused(store: FakeTransactions, held: UUID) -> None:
    with refusal(store, OLGA, NaiveInstant) as work:
        assign_resource(
            work, OLGA, resource_id=held, deployment_id=None, from_at=april(1).replace(tzinfo=None), now=NOW
        )


def test_a_tenant_assigns_nothing(store: FakeTransactions, held: UUID) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        assign_resource(work, ANN, resource_id=held, deployment_id=None, from_at=april(1), now=NOW)
