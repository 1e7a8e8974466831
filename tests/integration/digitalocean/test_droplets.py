"""Droplets: created by an action that takes time, changed one action at a time, gone when deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clouds.running import Cloud

BODY = {"name": "web-1", "region": "syd1", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"}
NAMELESS = {name: value for name, value in BODY.items() if name != "name"}
PILOT = 412873001


def made(cloud: Cloud, **more: object) -> Any:
    """A droplet that is up."""
    droplet = cloud.ask("POST", "/v2/droplets", {**BODY, **more}, expect=202)["droplet"]
    cloud.pass_by()
    return cloud.get(f"/v2/droplets/{droplet['id']}")["droplet"]


def act(cloud: Cloud, id: int, type: str, **more: object) -> Any:
    """Begin an action on a droplet."""
    body = {"type": type, **more}
    return cloud.ask("POST", f"/v2/droplets/{id}/actions", body, expect=201)["action"]


def done(cloud: Cloud, id: int, type: str, **more: object) -> Any:
    """The droplet after an action on it."""
    action = act(cloud, id, type, **more)
    cloud.pass_by()
    assert cloud.get(f"/v2/actions/{action['id']}")["action"]["status"] == "completed"
    return cloud.get(f"/v2/droplets/{id}")["droplet"]


def test_a_new_droplet_is_locked_and_has_no_address_until_its_action_is_over(empty_cloud: Cloud) -> None:
    body = empty_cloud.ask("POST", "/v2/droplets", BODY, expect=202)
    droplet, [link] = body["droplet"], body["links"]["actions"]
    assert (droplet["status"], droplet["locked"], droplet["networks"]["v4"]) == ("new", True, [])
    assert link["rel"] == "create"
    action = empty_cloud.get(link["href"])["action"]
    assert (action["status"], action["type"], action["completed_at"]) == ("in-progress", "create", None)
    assert action["resource_id"] == droplet["id"]
    empty_cloud.pass_by(19)
    assert empty_cloud.get(link["href"])["action"]["status"] == "in-progress"
    empty_cloud.pass_by(1)
    action = empty_cloud.get(link["href"])["action"]
    assert (action["status"], action["completed_at"]) == ("completed", "2026-05-03T12:00:20Z")
    up = empty_cloud.get(f"/v2/droplets/{droplet['id']}")["droplet"]
    assert (up["status"], up["locked"]) == ("active", False)
    assert [address["type"] for address in up["networks"]["v4"]] == ["private", "public"]


def test_several_droplets_are_made_at_once_each_by_an_action_of_its_own(empty_cloud: Cloud) -> None:
    body = {**NAMELESS, "names": ["a", "b", "c"]}
    answer = empty_cloud.ask("POST", "/v2/droplets", body, expect=202)
    assert [droplet["name"] for droplet in answer["droplets"]] == ["a", "b", "c"]
    assert len({link["id"] for link in answer["links"]["actions"]}) == 3
    refused = empty_cloud.ask("POST", "/v2/droplets", {**body, "names": ["x"] * 11}, expect=422)
    assert refused["id"] == "unprocessable_entity"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"image": "windows-95"}, "You specified an invalid image for Droplet creation."),
        ({"size": "s-999vcpu"}, "You specified an invalid size for Droplet creation."),
        ({"region": "mars1"}, "You specified an invalid region."),
        ({"name": ""}, "Name can't be blank"),
        ({"name": "no_underscores"}, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"),
        (
            {"volumes": ["3f2f1b1e-0000-4000-8000-000000000000"]},
            "One or more of the volumes cannot be found in the Droplet's region.",
        ),
    ],
)
def test_a_droplet_that_cannot_be_is_refused_and_not_made(
    empty_cloud: Cloud, wrong: dict[str, object], message: str
) -> None:
    refused = empty_cloud.ask("POST", "/v2/droplets", {**BODY, **wrong}, expect=422)
    assert (refused["id"], refused["message"]) == ("unprocessable_entity", message)
    assert empty_cloud.counts()["droplet"] == 0


def test_no_more_droplets_than_the_account_may_have(cloud: Cloud) -> None:
    ten = {**NAMELESS, "names": [f"n-{i}" for i in range(10)]}
    for _ in range(2):
        cloud.ask("POST", "/v2/droplets", ten, expect=202)
    refused = cloud.ask("POST", "/v2/droplets", {**NAMELESS, "names": ["one-more"]}, expect=422)
    assert refused["message"] == "creating this/these droplet(s) will exceed your droplet limit"


def test_only_one_action_at_a_time(cloud: Cloud) -> None:
    act(cloud, PILOT, "power_off")
    refused = cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "power_on"}, expect=422)
    assert (refused["id"], refused["message"]) == (
        "unprocessable_entity",
        "Droplet already has a pending event.",
    )
    assert cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["locked"] is True
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=422)
    cloud.pass_by()
    assert cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["status"] == "off"
    done(cloud, PILOT, "power_on")
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=204)


def test_power_goes_off_and_on(cloud: Cloud) -> None:
    assert done(cloud, PILOT, "shutdown")["status"] == "off"
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "power_off"}, expect=422)
    assert done(cloud, PILOT, "power_on")["status"] == "active"
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "power_on"}, expect=422)
    assert done(cloud, PILOT, "power_cycle")["status"] == "active"


def test_a_resize_needs_the_power_off_and_can_come_back_without_the_disk(cloud: Cloud) -> None:
    body = {"type": "resize", "size": "s-2vcpu-2gb", "disk": False}
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", body, expect=422)
    done(cloud, PILOT, "power_off")
    bigger = done(cloud, PILOT, "resize", size="s-2vcpu-2gb", disk=False)
    assert (bigger["size_slug"], bigger["memory"], bigger["vcpus"], bigger["disk"]) == (
        "s-2vcpu-2gb",
        2048,
        2,
        25,
    )
    assert bigger["size"]["slug"] == "s-2vcpu-2gb"
    back = done(cloud, PILOT, "resize", size="s-1vcpu-1gb", disk=False)
    assert (back["size_slug"], back["disk"]) == ("s-1vcpu-1gb", 25)


def test_a_resize_of_the_disk_is_for_ever(cloud: Cloud) -> None:
    done(cloud, PILOT, "power_off")
    bigger = done(cloud, PILOT, "resize", size="s-2vcpu-2gb", disk=True)
    assert bigger["disk"] == 60
    body = {"type": "resize", "size": "s-1vcpu-1gb", "disk": True}
    refused = cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", body, expect=422)
    assert refused["message"] == "Size can not decrease size of Droplet's disk image"


def test_a_snapshot_is_an_image_and_a_snapshot_of_one_id(cloud: Cloud) -> None:
    [id] = done(cloud, PILOT, "snapshot", name="before")["snapshot_ids"]
    assert cloud.get(f"/v2/images/{id}")["image"]["name"] == "before"
    snapshot = cloud.get(f"/v2/snapshots/{id}")["snapshot"]
    assert (snapshot["id"], snapshot["resource_id"]) == (str(id), str(PILOT))
    assert [one["id"] for one in cloud.get(f"/v2/droplets/{PILOT}/snapshots")["snapshots"]] == [id]
    cloud.ask("DELETE", f"/v2/snapshots/{id}", expect=204)
    cloud.ask("GET", f"/v2/images/{id}", expect=404)
    assert cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["snapshot_ids"] == []


@pytest.mark.parametrize(
    ("type", "more", "field", "value"),
    [
        ("rename", {"name": "other"}, "name", "other"),
        (
            "enable_backups",
            {},
            "next_backup_window",
            {"start": "2026-05-03T12:00:00Z", "end": "2026-05-03T12:00:00Z"},
        ),
        ("disable_backups", {}, "next_backup_window", None),
        ("reboot", {}, "status", "active"),
        ("rebuild", {"image": "debian-12-x64"}, "locked", False),
        ("password_reset", {}, "locked", False),
    ],
)
def test_an_action_does_what_it_says(
    cloud: Cloud, type: str, more: dict[str, object], field: str, value: object
) -> None:
    assert done(cloud, PILOT, type, **more)[field] == value


def test_backups_and_ipv6_are_features(cloud: Cloud) -> None:
    assert "backups" in done(cloud, PILOT, "enable_backups")["features"]
    droplet = done(cloud, PILOT, "enable_ipv6")
    assert "ipv6" in droplet["features"]
    assert droplet["networks"]["v6"][0]["ip_address"].startswith("2001:db8:")


def test_what_is_no_action_is_refused(cloud: Cloud) -> None:
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "explode"}, expect=422)
    cloud.ask("POST", "/v2/droplets/1/actions", {"type": "reboot"}, expect=404)


def test_a_droplets_actions_are_listed_the_newest_first(cloud: Cloud) -> None:
    done(cloud, PILOT, "power_off")
    done(cloud, PILOT, "power_on")
    own = cloud.get(f"/v2/droplets/{PILOT}/actions")["actions"]
    assert [action["type"] for action in own] == ["power_on", "power_off"]
    assert cloud.get("/v2/actions")["actions"] == own
    one = cloud.get(f"/v2/droplets/{PILOT}/actions/{own[0]['id']}")["action"]
    assert one == own[0]
    other = cloud.get("/v2/droplets")["droplets"][1]["id"]
    cloud.ask("GET", f"/v2/droplets/{other}/actions/{own[0]['id']}", expect=404)


def test_droplets_are_acted_on_and_deleted_by_tag(cloud: Cloud) -> None:
    body = {"type": "power_off"}
    path = "/v2/droplets/actions?tag_name=Role:Web"
    assert len(cloud.ask("POST", path, body, expect=201)["actions"]) == 2
    cloud.pass_by()
    cloud.ask("DELETE", "/v2/droplets?tag_name=ROLE:web", expect=204)
    assert [one["name"] for one in cloud.get("/v2/droplets")["droplets"]] == [
        "pilot-worker-01",
        "pilot-relay-01",
        "pilot-db-01",
    ]


@pytest.mark.parametrize(
    ("outcome", "status", "droplet_status"),
    [
        ("errored", "errored", "active"),
        ("never", "in-progress", "active"),
        ("without_effect", "completed", "active"),
    ],
)
def test_an_action_can_be_made_to_end_badly(
    cloud: Cloud, outcome: str, status: str, droplet_status: str
) -> None:
    cloud.ask("POST", "/sandbox/outcomes", {"outcome": outcome, "type": "power_off"})
    action = act(cloud, PILOT, "power_off")
    cloud.pass_by(3600)
    assert cloud.get(f"/v2/actions/{action['id']}")["action"]["status"] == status
    assert cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["status"] == droplet_status
    busy = cloud.http.post(f"/v2/droplets/{PILOT}/actions", json={"type": "power_off"})
    assert busy.status_code == (422 if outcome == "never" else 201)


def test_a_droplet_is_made_with_volumes_and_lets_them_go_a_while_after_it_is_deleted(
    empty_cloud: Cloud,
) -> None:
    body = {"name": "data", "region": "syd1", "size_gigabytes": 10}
    volume = empty_cloud.ask("POST", "/v2/volumes", body, expect=201)["volume"]
    droplet = made(empty_cloud, volumes=[volume["id"]])
    assert droplet["volume_ids"] == [volume["id"]]
    path = f"/v2/volumes/{volume['id']}"
    assert empty_cloud.get(path)["volume"]["droplet_ids"] == [droplet["id"]]
    empty_cloud.ask("DELETE", f"/v2/droplets/{droplet['id']}", expect=204)
    refused = empty_cloud.ask("DELETE", path, expect=409)
    assert refused["id"] == "conflict"
    empty_cloud.pass_by()
    empty_cloud.ask("DELETE", path, expect=204)


def test_the_volumes_of_a_new_droplet_are_busy_until_it_is_up(empty_cloud: Cloud) -> None:
    body = {"name": "data", "region": "syd1", "size_gigabytes": 10}
    id = empty_cloud.ask("POST", "/v2/volumes", body, expect=201)["volume"]["id"]
    several = {**NAMELESS, "names": ["a", "b"], "volumes": [id]}
    empty_cloud.ask("POST", "/v2/droplets", several, expect=422)
    empty_cloud.ask("POST", "/v2/droplets", {**BODY, "volumes": [id]}, expect=202)
    empty_cloud.ask("POST", "/v2/droplets", {**BODY, "volumes": [id]}, expect=422)
    empty_cloud.ask("DELETE", f"/v2/volumes/{id}", expect=409)
    assert empty_cloud.counts()["droplet"] == 1
