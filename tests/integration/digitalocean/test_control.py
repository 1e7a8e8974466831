"""The sandbox's own door: the account is seen and changed, and time is set, from outside."""

from __future__ import annotations

import pytest

from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from tests.clouds.running import Cloud

PILOT = 412873001


def test_the_door_says_what_it_can_do_and_asks_for_no_token(cloud: Cloud) -> None:
    answer = cloud.http.get("/sandbox", headers={"authorization": ""})
    assert answer.status_code == 200
    assert "POST   /sandbox/faults" in answer.text


def test_the_sample_account_is_counted(cloud: Cloud) -> None:
    there = {kind: count for kind, count in cloud.counts().items() if count}
    assert there == {"droplet": 5, "project": 1, "vpc": 1, "tag": 6, "invoice": 137}


@pytest.mark.parametrize("name", [name for name in KINDS if name != "action"])
def test_things_of_every_kind_are_added_listed_and_taken_away(empty_cloud: Cloud, name: str) -> None:
    before = empty_cloud.counts()[name]
    ids = empty_cloud.ask("POST", f"/sandbox/account/{name}", {"count": 3}, expect=201)["ids"]
    assert len(set(ids)) == 3
    kind = KINDS[name]
    there = [kind.id_of(one) for one in empty_cloud.get(f"/sandbox/account/{name}")[kind.many]]
    assert set(ids) <= set(there)
    assert empty_cloud.counts()[name] == len(there) >= before + 3
    empty_cloud.ask("DELETE", f"/sandbox/account/{name}/{ids[0]}", expect=204)
    assert empty_cloud.counts()[name] == len(there) - 1
    empty_cloud.ask("DELETE", f"/sandbox/account/{name}/{ids[0]}", expect=404)


def test_all_of_a_kind_are_taken_away_at_once(cloud: Cloud) -> None:
    cloud.ask("DELETE", "/sandbox/account/droplet", expect=204)
    assert cloud.get("/v2/droplets")["droplets"] == []


def test_a_field_is_changed_as_if_somebody_had_done_it_in_the_console(cloud: Cloud) -> None:
    cloud.ask("PATCH", f"/sandbox/account/droplet/{PILOT}", {"name": "renamed", "status": "off"})
    droplet = cloud.get(f"/v2/droplets/{PILOT}")["droplet"]
    assert (droplet["name"], droplet["status"]) == ("renamed", "off")


def test_what_is_taken_away_goes_even_when_something_hinders(cloud: Cloud) -> None:
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "reboot"}, expect=201)
    cloud.ask("DELETE", f"/sandbox/account/droplet/{PILOT}", expect=204)
    cloud.ask("GET", f"/v2/droplets/{PILOT}", expect=404)
    cloud.pass_by()  # the action ends on nothing
    assert len(cloud.get("/v2/droplets")["droplets"]) == 4


def test_an_account_is_started_anew(cloud: Cloud) -> None:
    counts = cloud.ask("PUT", "/sandbox/account", {"content": "empty", "of_each": 2})
    assert counts["droplet"] == counts["volume"] == counts["space"] == 2
    assert counts["invoice"] == 0
    assert cloud.ask("PUT", "/sandbox/account", {"content": "sample"})["invoice"] == 137
    assert cloud.ask("PUT", "/sandbox/account", {"content": "full"}, expect=422)


def test_time_is_set_stands_and_passes(cloud: Cloud) -> None:
    assert cloud.get("/sandbox/clock") == {"at": "2026-05-03T12:00:00Z", "runs": False}
    cloud.ask("PUT", "/sandbox/clock", {"at": "2027-01-01T00:00:00Z", "advance_seconds": 5})
    assert cloud.get("/sandbox/clock")["at"] == "2027-01-01T00:00:05Z"
    assert cloud.get("/v2/customers/my/balance")["generated_at"] == "2027-01-01T00:00:05Z"
    cloud.ask("PUT", "/sandbox/clock", {"runs": True}, expect=422)  # this one has no clock behind it
    cloud.ask("PUT", "/sandbox/clock", {"at": "tomorrow"}, expect=422)


def test_actions_take_as_long_as_is_wanted(cloud: Cloud) -> None:
    cloud.ask("PUT", "/sandbox/pace", {"action_seconds": 0})
    action = cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "reboot"}, expect=201)["action"]
    assert action["status"] == "in-progress"
    assert cloud.get(f"/v2/actions/{action['id']}")["action"]["status"] == "completed"
    assert cloud.get("/sandbox/pace") == {"action_seconds": 0, "lag_seconds": 0}


def test_the_requests_are_noted(cloud: Cloud) -> None:
    cloud.get("/v2/droplets", page=1, per_page=2)
    cloud.ask("GET", "/v2/droplets/1", expect=404)
    noted = cloud.get("/sandbox/requests")["requests"]
    assert [(one["method"], one["path"], one["query"], one["status"]) for one in noted] == [
        ("GET", "/v2/droplets", {"page": "1", "per_page": "2"}, 200),
        ("GET", "/v2/droplets/1", {}, 404),
    ]
    cloud.ask("DELETE", "/sandbox/requests", expect=204)
    assert cloud.get("/sandbox/requests")["requests"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/sandbox/account/droplet", {"count": "many"}, 422),
        ("POST", "/sandbox/account/action", {"count": 1}, 422),
        ("GET", "/sandbox/account/nothing", None, 404),
        ("POST", "/sandbox/outcomes", {"outcome": "glory"}, 422),
        ("GET", "/sandbox/nothing", None, 404),
        ("PUT", "/sandbox/faults", None, 405),
    ],
)
def test_what_cannot_be_done_is_refused(
    cloud: Cloud, method: str, path: str, body: object, status: int
) -> None:
    cloud.ask(method, path, body, expect=status)


@pytest.mark.parametrize("text", [b"{", b"[1]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(cloud: Cloud, text: bytes) -> None:
    answer = cloud.http.post("/v2/droplets", content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["id"]) == (400, "bad_request")
