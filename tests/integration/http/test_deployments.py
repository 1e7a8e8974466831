"""Deployments over HTTP: golden 7, pages, editors that do not overwrite each other (SPEC 13, 15)."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.integration.http.conftest import Api

PATH = "/api/v1/deployments"


def created(client: httpx.Client, slug: str = "pilot", **more: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"slug": slug, "display_name": "Pilot", "region": "syd1", **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{PATH}/{made['id']}"
    return made


def test_a_deployment_is_created_active_and_read_as_it_was_answered(api: Api) -> None:
    ann = api.client("acme")
    made = created(ann)
    assert (made["state"], made["tenant_id"], made["subscription"]) == ("active", "acme", None)
    assert ann.get(f"{PATH}/{made['id']}").json() == made


def test_a_move_is_logged_with_its_actor_and_a_move_outside_the_map_is_422(api: Api) -> None:
    ann = api.client("acme")
    made = created(ann)
    moved = ann.post(f"{PATH}/{made['id']}/transition", json={"to": "paused", "reason": "holidays"})
    assert moved.status_code == 200
    assert moved.json()["state"] == "paused"
    last = moved.json()["events"][-1]
    assert (last["from_state"], last["to_state"], last["actor"], last["reason"]) == (
        "active",
        "paused",
        "ann",
        "holidays",
    )
    refused = ann.post(f"{PATH}/{made['id']}/transition", json={"to": "archived"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_transition")
    assert ann.get(f"{PATH}/{made['id']}").json() == moved.json()


def test_a_list_tells_the_last_20_events_of_each_and_the_detail_all(api: Api) -> None:
    ann = api.client("acme")
    made, other = created(ann), created(ann, "other")
    for n in range(24):
        to = "active" if n % 2 else "paused"
        assert ann.post(f"{PATH}/{made['id']}/transition", json={"to": to}).status_code == 200
    whole = ann.get(f"{PATH}/{made['id']}").json()
    assert len(whole["events"]) == 25
    listed = {one["id"]: one for one in ann.get(PATH).json()["items"]}
    assert listed == {made["id"]: {**whole, "events": whole["events"][-20:]}, other["id"]: other}


def test_nobody_lifts_their_own_suspension(api: Api) -> None:
    ann, olga = api.client("acme"), api.admin()
    made = created(ann)
    suspended = olga.post(f"{PATH}/{made['id']}/transition", json={"to": "suspended"})
    assert suspended.json()["state"] == "suspended"
    refused = ann.post(f"{PATH}/{made['id']}/transition", json={"to": "active"})
    assert (refused.status_code, refused.json()["code"]) == (403, "transition_forbidden")


def test_pages_hold_every_deployment_once_also_while_others_are_made(api: Api) -> None:
    ann, olga = api.client("acme"), api.admin()
    slugs = [created(ann, f"d{n}")["slug"] for n in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for made_meanwhile in range(10):
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = ann.get(PATH, params=params).json()
        seen += [one["slug"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        created(ann, f"meanwhile{made_meanwhile}")
    assert seen == slugs[::-1]
    assert {d["tenant_id"] for d in olga.get(PATH, params={"tenant_id": "acme"}).json()["items"]} == {"acme"}


def test_an_editor_who_read_an_older_revision_is_told_and_changes_nothing(api: Api) -> None:
    ann, olga = api.client("acme"), api.admin()
    made = created(ann)
    path = f"{PATH}/{made['id']}"
    tag = olga.get(path).headers["ETag"]
    first = olga.patch(path, json={"billing_action_suspended": True}, headers={"If-Match": tag})
    assert first.status_code == 200
    second = olga.patch(path, json={"display_name": "Other"}, headers={"If-Match": tag})
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert olga.get(path).json() == first.json()
    assert first.json()["events"][-1]["details"] == {"billing_action_suspended": True}


def test_another_tenants_deployment_is_not_there(api: Api) -> None:
    made = created(api.client("acme"))
    bob = api.client("bobs-burgers", sub="bob")
    for answer in (
        bob.get(f"{PATH}/{made['id']}"),
        bob.post(f"{PATH}/{made['id']}/transition", json={"to": "paused"}),
        bob.get(f"{PATH}/{uuid.uuid4()}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "deployment_not_found")
    assert bob.get(PATH, params={"tenant_id": "acme"}).json()["items"] == []


def test_every_bad_field_of_a_body_is_named(api: Api) -> None:
    body = {"slug": "Not A Slug", "display_name": "", "regio": "syd1", "llm_mode": 4}
    refused = api.client().post(PATH, json=body)
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in refused.json()["errors"]} == {
        "slug",
        "display_name",
        "region",
        "regio",
        "llm_mode",
    }
