"""The inventory over HTTP: what runs, whose it is, and since when (SPEC 6, 15)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import Change, EventKind, ResourceEvent
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy
from tests.held import ACCOUNT, SEEN, april, assigned, recorded, resource
from tests.integration.http.conftest import Api
from tests.world import BOB, NOBODYS, OLGA, deployed

PATH = "/api/v1/inventory"


@pytest.fixture
def pilot(api: Api) -> Deployment:
    return deployed(api.app.transactions)


@pytest.fixture
def web(api: Api, pilot: Deployment) -> CloudResource:
    """A droplet that Bob held until the tenth of April, and Ann's pilot since."""
    web = resource(
        attrs={"vcpus": 1, "size_gigabytes": Decimal("2.50"), "image": {"tags": ["x"], "gone": None}}
    )
    recorded(api.app.transactions, web)
    assigned(api.app.transactions, web, deployed(api.app.transactions, BOB), april(1))
    assigned(api.app.transactions, web, pilot, april(10))
    return web


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_resource_is_told_whole_and_without_a_fractional_number(
    api: Api, web: CloudResource, pilot: Deployment
) -> None:
    [told] = items(api.client().get(PATH))
    assert told == {
        "id": str(web.id),
        "account": ACCOUNT,
        "provider_id": "00001",
        "kind": "droplet",
        "name": "web-1",
        "region": "syd1",
        "size_slug": "s-1vcpu-1gb",
        "status": "active",
        "tags": ["web", "blue"],
        "tenant_id": "acme",
        "deployment_id": str(pilot.id),
        "created_at": "2026-01-01T00:00:00Z",
        "first_seen": "2026-05-03T12:00:00Z",
        "last_seen": "2026-05-03T12:00:00Z",
        "deleted_at": None,
        "attrs": {"vcpus": 1, "size_gigabytes": "2.5", "image": {"tags": ["x"], "gone": None}},
    }


def test_a_tenant_sees_what_it_holds_and_an_admin_all(api: Api, web: CloudResource) -> None:
    free = resource(2)
    recorded(api.app.transactions, free)
    bob = api.client("bobs-burgers", sub="bob")
    assert [one["id"] for one in items(api.client().get(PATH))] == [str(web.id)]
    assert items(bob.get(PATH)) == []
    assert items(bob.get(PATH, params={"tenant_id": "acme"})) == []
    assert [one["id"] for one in items(api.admin().get(PATH))] == [str(free.id), str(web.id)]
    for other in (web, free):
        refused = bob.get(f"{PATH}/{other.id}")
        assert (refused.status_code, refused.json()["code"]) == (404, "resource_not_found")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["data", "web-1"]),
        ({"kind": "volume"}, ["data"]),
        ({"status": "active", "kind": "droplet"}, ["web-1"]),
        ({"name": "data"}, ["data"]),
        ({"deleted": "true"}, ["web-4"]),
        ({"deleted": "false"}, ["data", "web-1"]),
        ({"tenant_id": "acme"}, ["web-1"]),
        ({"tenant_id": "bobs-burgers"}, []),
    ],
)
def test_an_admin_asks_for_what_is_sought(
    api: Api, web: CloudResource, asked: dict[str, str], found: list[str]
) -> None:
    recorded(api.app.transactions, resource(3, kind="volume", name="data"), resource(4, deleted_at=SEEN))
    assert [one["name"] for one in items(api.admin().get(PATH, params=asked))] == found


def test_a_kind_that_there_is_not_is_refused(api: Api) -> None:
    refused = api.admin().get(PATH, params={"kind": "droplet_hours"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "kind")


def test_pages_hold_every_resource_once(api: Api) -> None:
    recorded(api.app.transactions, *map(resource, range(1, 8)))
    olga, seen, cursor = api.admin(), list[str](), None
    while True:
        page = olga.get(PATH, params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"web-{n}" for n in range(7, 0, -1)]


def test_a_resource_is_read_with_who_held_it_and_for_an_admin_with_what_happened(
    api: Api, web: CloudResource, pilot: Deployment
) -> None:
    changed = ResourceEvent(EventKind.CHANGED, web.id, web.key, {"attrs.gb": Change(Decimal("2.50"), 3)})
    with api.app.transactions.begin(OLGA) as work:
        work.inventory.record([web], [changed], SEEN + timedelta(hours=1))
    mine, whole = (who.get(f"{PATH}/{web.id}").json() for who in (api.client(), api.admin()))
    assert [one["from_at"] for one in mine["assignments"]] == ["2026-04-10T00:00:00Z"]
    assert mine["events"] == []
    assert [one["tenant_id"] for one in whole["assignments"]] == ["acme", "bobs-burgers"]
    assert [one["actor"] for one in mine["assignments"]] == [None]
    assert {one["actor"] for one in whole["assignments"]} == {"olga"}
    [event] = whole["events"]
    assert (event["kind"], event["before"], event["after"]) == (
        "changed",
        {"attrs.gb": "2.5"},
        {"attrs.gb": 3},
    )
    assert {k: v for k, v in mine.items() if k not in ("assignments", "events")} == items(
        api.client().get(PATH)
    )[0]


def test_an_assignment_is_dated_and_said_twice_is_said_once(
    api: Api, web: CloudResource, pilot: Deployment
) -> None:
    olga, path = api.admin(), f"{PATH}/{web.id}/assignments"
    told = [
        olga.put(path, json={"deployment_id": to, "from_at": "2026-04-20T10:00:00+10:00"})
        for to in (str(pilot.id), None, None)
    ]
    assert [one.status_code for one in told] == [200, 200, 200]
    assert told[0].json() == {
        "resource_id": str(web.id),
        "from_at": "2026-04-20T00:00:00Z",
        "tenant_id": "acme",
        "deployment_id": str(pilot.id),
        "by": "operator",
        "actor": "olga",
        "overruled_tags": 0,
    }
    assert told[1].json() == told[2].json()
    listed = items(olga.get(path))
    assert [(one["from_at"], one["tenant_id"]) for one in listed] == [
        ("2026-04-20T00:00:00Z", None),
        ("2026-04-10T00:00:00Z", "acme"),
        ("2026-04-01T00:00:00Z", "bobs-burgers"),
    ]
    assert items(api.client().get(PATH)) == []


def test_what_tags_said_of_later_goes_and_the_answer_says_how_much(
    api: Api, web: CloudResource, pilot: Deployment
) -> None:
    for day in (20, 25):
        tagged = Assignment(resource_id=web.id, from_at=april(day), tenant_id="acme", deployment_id=pilot.id)
        with api.app.transactions.begin(OLGA) as work:
            work.inventory.assign(tagged, AssignedBy.TAG, "sync")
    olga, path = api.admin(), f"{PATH}/{web.id}/assignments"
    told = olga.put(path, json={"deployment_id": None, "from_at": "2026-04-15T00:00:00Z"})
    assert (told.status_code, told.json()["overruled_tags"]) == (200, 2)
    assert items(olga.get(path))[0]["from_at"] == "2026-04-15T00:00:00Z"
    assert items(api.client().get(PATH)) == []


def test_only_admins_assign_and_only_what_there_is(api: Api, web: CloudResource) -> None:
    body = {"deployment_id": None, "from_at": "2026-04-20T00:00:00Z"}
    ann, olga, path = api.client(), api.admin(), f"{PATH}/{web.id}/assignments"
    for refused in (ann.put(path, json=body), ann.get(path)):
        assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")
    absent = olga.put(f"{PATH}/{NOBODYS}/assignments", json=body)
    assert (absent.status_code, absent.json()["code"]) == (404, "resource_not_found")
    ahead = olga.put(path, json={**body, "from_at": "2099-01-01T00:00:00Z"})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "assignment_in_future")
    assert [error["field"] for error in ahead.json()["errors"]] == ["from_at"]
    unknown = olga.put(path, json={**body, "deployment_id": str(NOBODYS)})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "deployment_not_found")
    bad = olga.put(path, json={"from_at": "2026-04-20", "deployment": None})
    assert bad.status_code == 422
    assert {error["field"] for error in bad.json()["errors"]} == {"deployment", "deployment_id", "from_at"}
