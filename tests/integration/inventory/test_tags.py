"""A tag names the deployment that a resource is in: dated, and less than an operator's word (SPEC 6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.syncing import Speed
from tests.clouds.running import NOW
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room
from tests.world import OLGA, deployed, seeded


@pytest.fixture
def room(room_on: OpenRoom) -> Room:
    """One droplet, and a catalogue to make deployments with."""
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, "droplet", 1)
    room = room_on(account)
    seeded(room.transactions)
    return room


def tag(room: Room, *tags: str) -> None:
    (droplet,) = room.cloud.account.all("droplet").values()
    droplet["tags"] = list(tags)
    room.cloud.account.note_tags(tags)


def named(deployment: Deployment) -> str:
    return f"arcadia:deployment:{deployment.id}"


def looked(room: Room) -> datetime:
    """A complete sync; when it began, or a moment earlier."""
    at = room.clock.now()
    assert room.sync(Speed.FAST).complete
    return at


def droplet(room: Room) -> CloudResource:
    (one,) = (row for row in room.stored() if row.kind == "droplet")
    return one


def history(room: Room) -> list[tuple[datetime, UUID | None, str]]:
    """The change points of the droplet, earliest first: from when, in which deployment, on whose word."""
    with room.transactions.begin(OLGA) as work:
        told = work.inventory.assignments_of(droplet(room).id)
    points = [(one.assignment.from_at, one.assignment.deployment_id, one.by.value) for one in told]
    return sorted(points, key=lambda point: point[0])


def test_a_tag_assigns_from_the_birth_of_a_resource_that_had_it_when_it_was_first_seen(room: Room) -> None:
    pilot = deployed(room.transactions)
    tag(room, "web", named(pilot))
    synced = room.sync(Speed.FAST)
    assert (synced.assigned, synced.warnings) == (1, ())
    assert history(room) == [(droplet(room).created_at, pilot.id, "tag")]
    assert (droplet(room).tenant_id, droplet(room).deployment_id) == (pilot.tenant_id, pilot.id)


def test_a_tag_that_comes_later_assigns_from_the_look_that_saw_it(room: Room) -> None:
    pilot = deployed(room.transactions)
    looked(room)
    assert history(room) == []
    tag(room, named(pilot))
    before = looked(room)
    ((from_at, deployment_id, by),) = history(room)
    assert (deployment_id, by) == (pilot.id, "tag")
    assert before < from_at <= droplet(room).last_seen


def test_a_look_that_sees_the_same_tag_again_changes_nothing(room: Room) -> None:
    tag(room, named(deployed(room.transactions)))
    looked(room)
    once = history(room)
    assert room.sync(Speed.FAST).assigned == 0
    assert history(room) == once


def test_when_the_tag_is_gone_the_assignment_ends(room: Room) -> None:
    pilot = deployed(room.transactions)
    tag(room, named(pilot))
    looked(room)
    tag(room, "web")
    before = looked(room)
    assert [point[1] for point in history(room)] == [pilot.id, None]
    assert history(room)[-1][0] > before
    assert (droplet(room).tenant_id, droplet(room).deployment_id) == (None, None)


def test_another_tag_moves_it_and_the_past_stays(room: Room) -> None:
    pilot, second = deployed(room.transactions), deployed(room.transactions, slug="second")
    tag(room, named(pilot))
    looked(room)
    first = history(room)
    tag(room, named(second))
    looked(room)
    assert history(room)[:1] == first
    assert [point[1] for point in history(room)] == [pilot.id, second.id]
    assert droplet(room).deployment_id == second.id


@pytest.mark.parametrize("by_hand", ["assigned", "unassigned"])
def test_a_tag_does_not_overrule_an_operator(room: Room, by_hand: str) -> None:
    pilot, second = deployed(room.transactions), deployed(room.transactions, slug="second")
    looked(room)
    said = pilot.id if by_hand == "assigned" else None
    with room.transactions.begin(OLGA) as work:
        now = room.clock.now()
        assign_resource(work, OLGA, resource_id=droplet(room).id, deployment_id=said, from_at=now, now=now)
    for tags in ([named(second)], [named(pilot)], []):
        tag(room, *tags)
        looked(room)
        assert [(point[1], point[2]) for point in history(room)] == [(said, "operator")]
        assert droplet(room).deployment_id == said


@pytest.mark.parametrize("wrong", ["unknown", "no id", "two"])
def test_a_tag_that_names_no_deployment_assigns_nothing_and_is_told(room: Room, wrong: str) -> None:
    pilot, second = deployed(room.transactions), deployed(room.transactions, slug="second")
    tags = {
        "unknown": [f"arcadia:deployment:{uuid4()}"],
        "no id": ["arcadia:deployment:pilot"],
        "two": [named(pilot), named(second)],
    }[wrong]
    tag(room, *tags)
    synced = room.sync(Speed.FAST)
    assert synced.complete
    assert (history(room), synced.assigned) == ([], 0)
    (warning,) = synced.warnings
    assert droplet(room).name in warning


def test_case_does_not_count_in_a_tag(room: Room) -> None:
    pilot = deployed(room.transactions)
    tag(room, named(pilot).upper())
    looked(room)
    assert droplet(room).deployment_id == pilot.id


def test_a_resource_that_is_gone_keeps_its_history(room: Room) -> None:
    tag(room, named(deployed(room.transactions)))
    looked(room)
    before = history(room)
    account = room.cloud.account
    account.remove(account.kinds["droplet"], droplet(room).provider_id)
    looked(room)
    assert droplet(room).deleted_at is not None
    assert history(room) == before
