"""Making, changing, finding and removing: what is sent, word for word, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_adapters.digitalocean.client.tags import NotTaggable
from arcadia_adapters.digitalocean.client.urns import NotInProjects
from arcadia_domain.cloud.orders import (
    DropletOrder,
    FirewallOrder,
    InboundRule,
    OutboundRule,
    Peers,
    ProjectOrder,
    RecordOrder,
    VolumeOrder,
)
from arcadia_domain.cloud.provider_errors import (
    ProviderConflict,
    ProviderFailed,
    ProviderListingIncomplete,
)
from arcadia_domain.ports.cloud_provider import CloudProvider
from tests.unit.adapters.digitalocean.account import Account
from tests.unit.adapters.digitalocean.served import Reply, client_of, refused, said

ACTION = {"action": {"id": 9, "status": "in-progress", "type": "resize", "resource_id": 7}}
WALL = FirewallOrder(
    name="wall-op-1",
    inbound_rules=(InboundRule(protocol="tcp", ports="22", sources=Peers(addresses=("10.0.0.0/8",))),),
    outbound_rules=(OutboundRule(protocol="tcp", ports="all", destinations=Peers(tags=("web",))),),
    tags=("arc",),
)
WALL_SENT = {
    "name": "wall-op-1",
    "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["10.0.0.0/8"]}}],
    "outbound_rules": [{"protocol": "tcp", "ports": "all", "destinations": {"tags": ["web"]}}],
    "tags": ["arc"],
}
RECORD = {"domain_record": {"id": 5, "type": "A", "name": "www", "data": "10.0.0.1"}}
IP = {"reserved_ip": {"ip": "10.0.0.9", "droplet": None}, "links": {"actions": [{"id": 3}]}}

SENT: list[Any] = [
    (
        lambda c: c.create_droplet(
            DropletOrder(name="a", size="s-1vcpu-1gb", image=1, tags=("t",), backups=False, user_data="#!")
        ),
        said({"droplet": {"id": 7, "name": "a"}}, 202),
        "POST /v2/droplets",
        {"name": "a", "size": "s-1vcpu-1gb", "image": 1, "tags": ["t"], "backups": False, "user_data": "#!"},
    ),
    (lambda c: c.delete_droplet("7"), Reply(204), "DELETE /v2/droplets/7", None),
    (lambda c: c.power_on("7"), said(ACTION, 201), "POST /v2/droplets/7/actions", {"type": "power_on"}),
    (lambda c: c.power_off("7"), said(ACTION, 201), "POST /v2/droplets/7/actions", {"type": "power_off"}),
    (lambda c: c.shut_down("7"), said(ACTION, 201), "POST /v2/droplets/7/actions", {"type": "shutdown"}),
    (
        lambda c: c.resize_droplet("7", size="s-2vcpu-2gb", disk=False),
        said(ACTION, 201),
        "POST /v2/droplets/7/actions",
        {"type": "resize", "size": "s-2vcpu-2gb", "disk": False},
    ),
    (
        lambda c: c.rename_droplet("7", "b"),
        said(ACTION, 201),
        "POST /v2/droplets/7/actions",
        {"type": "rename", "name": "b"},
    ),
    (
        lambda c: c.enable_backups("7"),
        said(ACTION, 201),
        "POST /v2/droplets/7/actions",
        {"type": "enable_backups"},
    ),
    (
        lambda c: c.disable_backups("7"),
        said(ACTION, 201),
        "POST /v2/droplets/7/actions",
        {"type": "disable_backups"},
    ),
    (lambda c: c.enable_ipv6("7"), said(ACTION, 201), "POST /v2/droplets/7/actions", {"type": "enable_ipv6"}),
    (lambda c: c.action("9"), said(ACTION), "GET /v2/actions/9", None),
    (
        lambda c: c.create_volume(VolumeOrder(name="v", region="nyc3", size_gigabytes=10)),
        said({"volume": {"id": "v1", "name": "v"}}, 201),
        "POST /v2/volumes",
        {"name": "v", "region": "nyc3", "size_gigabytes": 10},
    ),
    (lambda c: c.delete_volume("v1"), Reply(204), "DELETE /v2/volumes/v1", None),
    (
        lambda c: c.attach_volume("v1", droplet_id="7", region="nyc3"),
        said(ACTION, 202),
        "POST /v2/volumes/v1/actions",
        {"type": "attach", "droplet_id": 7, "region": "nyc3"},
    ),
    (
        lambda c: c.detach_volume("v1", droplet_id="7", region="nyc3"),
        said(ACTION, 202),
        "POST /v2/volumes/v1/actions",
        {"type": "detach", "droplet_id": 7, "region": "nyc3"},
    ),
    (
        lambda c: c.resize_volume("v1", size_gigabytes=20, region="nyc3"),
        said(ACTION, 202),
        "POST /v2/volumes/v1/actions",
        {"type": "resize", "size_gigabytes": 20, "region": "nyc3"},
    ),
    (
        lambda c: c.create_firewall(WALL),
        said({"firewall": {"id": "f1", "name": "wall-op-1"}}, 202),
        "POST /v2/firewalls",
        WALL_SENT,
    ),
    (
        lambda c: c.replace_firewall("f1", WALL),
        said({"firewall": {"id": "f1", "name": "wall-op-1"}}),
        "PUT /v2/firewalls/f1",
        WALL_SENT,
    ),
    (lambda c: c.delete_firewall("f1"), Reply(204), "DELETE /v2/firewalls/f1", None),
    (lambda c: c.reserve_ip(droplet_id="7"), said(IP, 202), "POST /v2/reserved_ips", {"droplet_id": 7}),
    (
        lambda c: c.assign_ip("10.0.0.9", droplet_id="7"),
        said(ACTION, 201),
        "POST /v2/reserved_ips/10.0.0.9/actions",
        {"type": "assign", "droplet_id": 7},
    ),
    (
        lambda c: c.unassign_ip("10.0.0.9"),
        said(ACTION, 201),
        "POST /v2/reserved_ips/10.0.0.9/actions",
        {"type": "unassign"},
    ),
    (lambda c: c.release_ip("10.0.0.9"), Reply(204), "DELETE /v2/reserved_ips/10.0.0.9", None),
    (
        lambda c: c.create_record(
            "a.example", RecordOrder(type="A", name="www", data="10.0.0.1", priority=0)
        ),
        said(RECORD, 201),
        "POST /v2/domains/a.example/records",
        {"type": "A", "name": "www", "data": "10.0.0.1", "priority": 0},
    ),
    (
        lambda c: c.replace_record("a.example/5", RecordOrder(type="A", name="www", data="10.0.0.2", ttl=60)),
        said(RECORD),
        "PUT /v2/domains/a.example/records/5",
        {"type": "A", "name": "www", "data": "10.0.0.2", "ttl": 60},
    ),
    (lambda c: c.delete_record("a.example/5"), Reply(204), "DELETE /v2/domains/a.example/records/5", None),
    (
        lambda c: c.create_project(ProjectOrder(name="p", purpose="Web")),
        said({"project": {"id": "p1", "name": "p"}}, 201),
        "POST /v2/projects",
        {"name": "p", "purpose": "Web"},
    ),
    (
        lambda c: c.put_in_project(
            "p1", [("droplet", "7"), ("reserved_ip", "10.0.0.9"), ("space", "nyc3/m")]
        ),
        said({"resources": []}),
        "POST /v2/projects/p1/resources",
        {"resources": ["do:droplet:7", "do:floatingip:10.0.0.9", "do:space:m"]},
    ),
    (lambda c: c.delete_project("p1"), Reply(204), "DELETE /v2/projects/p1", None),
    (lambda c: c.create_tag("arc-op:1"), said({"tag": {}}, 201), "POST /v2/tags", {"name": "arc-op:1"}),
    (
        lambda c: c.tag_resources("arc", [("droplet", "7"), ("snapshot", "s1")]),
        Reply(204),
        "POST /v2/tags/arc/resources",
        {
            "resources": [
                {"resource_id": "7", "resource_type": "droplet"},
                {"resource_id": "s1", "resource_type": "volume_snapshot"},
            ]
        },
    ),
    (
        lambda c: c.untag_resources("arc", [("volume", "v1")]),
        Reply(204),
        "DELETE /v2/tags/arc/resources",
        {"resources": [{"resource_id": "v1", "resource_type": "volume"}]},
    ),
    (lambda c: c.delete_tag("arc-op:1"), Reply(204), "DELETE /v2/tags/arc-op%3A1", None),
]


def test_the_client_is_a_cloud_provider() -> None:
    with client_of(lambda _: refused(404)) as (client, _):
        provider: CloudProvider = client
    names = {name for part in CloudProvider.__mro__ for name in vars(part) if not name.startswith("_")}
    assert names
    assert [name for name in names if not callable(getattr(provider, name, None))] == []


@pytest.mark.parametrize(
    ("act", "reply", "line", "body"), SENT, ids=[case[2] + str(case[3]) for case in SENT]
)
def test_each_act_is_one_request_in_the_provider_s_words(
    act: Callable[[DigitalOceanClient], object], reply: Reply, line: str, body: object
) -> None:
    with client_of(lambda _: reply) as (client, provider):
        act(client)
        (asked,) = provider.asked
    assert f"{asked.method} {asked.path}" == line
    assert (asked.json if asked.body else None) == body
    assert asked.headers["authorization"].startswith("Bearer ")
    if body is not None:
        assert asked.headers["content-type"] == "application/json"


def test_what_is_made_comes_with_the_actions_that_are_at_work_on_it() -> None:
    links = {"actions": [{"id": 7515, "rel": "create", "href": "https://elsewhere.example/v2/actions/7515"}]}
    reply = said({"droplet": {"id": 7, "name": "a", "status": "new"}, "links": links}, 202)
    with client_of(lambda _: reply) as (client, _):
        accepted = client.create_droplet(DropletOrder(name="a", size="s", image="i"))
    assert (accepted.resource.provider_id, accepted.resource.status) == ("7", "new")
    assert accepted.action_ids == ("7515",)


@pytest.mark.parametrize("links", [None, [], "x", {"actions": 3}])
def test_links_that_cannot_be_read_do_not_make_a_made_droplet_unmade(links: object) -> None:
    reply = said({"droplet": {"id": 7, "name": "a"}, "links": links}, 202)
    with client_of(lambda _: reply) as (client, _):
        accepted = client.create_droplet(DropletOrder(name="a", size="s", image="i"))
    assert (accepted.resource.provider_id, accepted.action_ids) == ("7", ())


def test_a_project_that_is_not_empty_stays() -> None:
    reply = refused(412, "precondition_failed", "cannot delete a project with resources")
    with client_of(lambda _: reply) as (client, _), pytest.raises(ProviderConflict):
        client.delete_project("p1")


Find = Callable[[DigitalOceanClient], Any]
HOST = {"id": 1, "type": "CNAME", "name": "www", "data": "Host.Example"}
FOUND: list[Any] = [
    (
        "/v2/droplets",
        "droplets",
        [{"id": 1, "name": "a", "tags": ["ARC-op:1"]}, {"id": 2, "name": "b", "tags": ["other"]}],
        lambda c: c.find_droplets(tag="arc-op:1"),
        ["1"],
    ),
    (
        "/v2/volumes",
        "volumes",
        [
            {"id": "v1", "name": "disk", "region": {"slug": "nyc3"}},
            {"id": "v2", "name": "disk", "region": {"slug": "ams3"}},
            {"id": "v3", "name": "disk-2", "region": {"slug": "nyc3"}},
        ],
        lambda c: c.find_volumes(name="disk", region="nyc3"),
        ["v1"],
    ),
    (
        "/v2/firewalls",
        "firewalls",
        [{"id": "f1", "name": "wall"}, {"id": "f2", "name": "Wall"}],
        lambda c: c.find_firewalls(name="wall"),
        ["f1"],
    ),
    (
        "/v2/projects",
        "projects",
        [{"id": "p1", "name": "one"}, {"id": "p2", "name": "two"}],
        lambda c: c.find_projects(name="two"),
        ["p2"],
    ),
    (
        "/v2/reserved_ips",
        "reserved_ips",
        [{"ip": "10.0.0.1", "droplet": {"id": 7}}, {"ip": "10.0.0.2", "droplet": None}],
        lambda c: c.find_reserved_ips(droplet_id="7"),
        ["10.0.0.1"],
    ),
    (
        "/v2/domains/a.example/records",
        "domain_records",
        [HOST, HOST | {"id": 2, "name": "www2"}, HOST | {"id": 3, "type": "TXT"}],
        lambda c: c.find_records("a.example", type="CNAME", name="www", data="host.example."),
        ["a.example/1"],
    ),
]


@pytest.mark.parametrize(("path", "root", "objects", "find", "ids"), FOUND, ids=[case[0] for case in FOUND])
def test_what_is_found_fits_also_where_the_provider_filters_nothing(
    path: str, root: str, objects: list[dict[str, Any]], find: Find, ids: list[str]
) -> None:
    with client_of(Account({path: (root, objects)})) as (client, _):
        assert [resource.provider_id for resource in find(client)] == ids
    with client_of(Account({path: (root, [])})) as (client, _):
        assert find(client) == []


@pytest.mark.parametrize(("path", "root", "objects", "find", "ids"), FOUND, ids=[case[0] for case in FOUND])
def test_nothing_found_in_a_list_that_is_not_whole_is_no_answer(
    path: str, root: str, objects: list[dict[str, Any]], find: Find, ids: list[str]
) -> None:
    assert ids
    short = said({root: [], "meta": {"total": 1}})
    with client_of(lambda _: short) as (client, _), pytest.raises(ProviderListingIncomplete):
        find(client)
    with client_of(lambda _: refused(500)) as (client, _), pytest.raises(ProviderFailed):
        find(client)


def test_the_text_of_a_txt_record_is_compared_letter_by_letter() -> None:
    text = {"id": 1, "type": "TXT", "name": "@", "data": "Proof."}
    with client_of(Account({"/v2/domains/a.example/records": ("domain_records", [text])})) as (client, _):
        assert client.find_records("a.example", type="TXT", name="@", data="proof") == []
        assert len(client.find_records("a.example", type="TXT", name="@", data="Proof.")) == 1


def test_what_cannot_be_tagged_or_be_in_a_project_is_refused_before_anything_is_sent() -> None:
    with client_of(lambda _: Reply(204)) as (client, provider):
        with pytest.raises(NotTaggable):
            client.tag_resources("arc", [("firewall", "f1")])
        with pytest.raises(NotInProjects):
            client.put_in_project("p1", [("certificate", "c1")])
        assert provider.asked == []
