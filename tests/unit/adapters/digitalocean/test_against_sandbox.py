"""The client against the sandbox, over a real socket: two readings of one document, which must agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.secrets import MARKS
from arcadia_domain.cloud.actions import Action, ActionStatus
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.orders import (
    DropletOrder,
    FirewallOrder,
    InboundRule,
    Peers,
    ProjectMember,
    ProjectOrder,
    RecordOrder,
    VolumeOrder,
)
from arcadia_domain.cloud.provider_errors import ProviderBusy, ProviderConflict, ProviderError
from tests.clouds.connected import Cloud, cloud_of

COUNTS = [0, 1, 20, 21, 200, 201, 401]


def check_whole(cloud: Cloud, kind: str) -> None:
    """What is there is listed, all of it, each once, and the listing says so."""
    verdicts, seen = cloud.listed(kind)
    ids = {resource.provider_id for resource in seen}
    assert len(ids) == len(seen), kind
    assert [verdict.detail for verdict in verdicts if not verdict.complete] == [], kind
    assert ids == cloud.there(kind), kind


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_there_is_listed_whole_in_every_kind(count: int) -> None:
    with cloud_of(content.filled(count)) as cloud:
        for kind in RESOURCE_KINDS:
            check_whole(cloud, kind)


def test_reserved_addresses_of_both_versions_are_one_kind() -> None:
    with cloud_of(content.filled(2)) as cloud:
        cloud.door.post("/sandbox/account/reserved_ipv6", json={"count": 201}).raise_for_status()
        verdicts, seen = cloud.listed("reserved_ip")
        both = cloud.there("reserved_ip") | cloud.there("reserved_ipv6")
        newest = seen[-1]
        assert cloud.client.look_up("reserved_ip", newest.provider_id) == newest
    assert [(verdict.complete, verdict.seen, verdict.total) for verdict in verdicts] == [(True, 203, 203)]
    assert {resource.provider_id for resource in seen} == both


@pytest.mark.parametrize("kind", RESOURCE_KINDS)
def test_what_is_listed_is_looked_up_with_the_same_facts(kind: str) -> None:
    with cloud_of(content.filled(2)) as cloud:
        _verdicts, seen = cloud.listed(kind)
        assert len(seen) >= 2
        for resource in seen:
            assert cloud.client.look_up(kind, resource.provider_id) == resource
        nobody = {"space": "nyc3/nobody", "kubernetes_node_pool": "0/0", "domain_record": "a.example/0"}
        assert cloud.client.look_up(kind, nobody.get(kind, "999999999")) is None


def test_no_planted_secret_is_handed_on() -> None:
    with cloud_of(content.filled(3)) as cloud:
        text = "".join(repr(cloud.listed(kind)[1]) for kind in RESOURCE_KINDS)
    assert len(text) > 10_000
    assert [mark for mark in MARKS if mark in text] == []


FAULTS: list[dict[str, Any]] = [
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 503, "when": "after"},
    {"fault": "status", "status": 502, "body": "<html>"},
    {"fault": "status", "status": 403, "id": "forbidden"},
    {"fault": "rate_limited"},
    {"fault": "rate_limited", "retry_after": 7},
    {"fault": "close"},
    {"fault": "close", "when": "after"},
    {"fault": "truncate"},
    {"fault": "repeat_page"},
    {"fault": "shrink"},
    {"fault": "shrink", "by": 150},
    {"fault": "total"},
    {"fault": "total", "by": 201},
    {"fault": "links", "links": "absent"},
    {"fault": "links", "links": "empty"},
    {"fault": "links", "links": "foreign"},
    {"fault": "links", "links": "loop"},
]
PATHS = {
    "droplet": "/v2/droplets",
    "volume": "/v2/volumes",
    "image": "/v2/images",
    "database": "/v2/databases",
    "domain": "/v2/domains",
    "kubernetes_cluster": "/v2/kubernetes/clusters",
    "registry": "/v2/registries",
}


@pytest.fixture(scope="module")
def full() -> Iterator[Cloud]:
    """401 things of every kind."""
    with cloud_of(content.filled(401)) as cloud:
        yield cloud


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_listing_that_says_it_is_whole_is(full: Cloud, times: int | None, fault: dict[str, Any]) -> None:
    for kind, path in PATHS.items():
        for page in (1, 2, 3):
            full.fault(**fault, path=path, page=page, times=times)
            try:
                (verdict,), seen = full.listed(kind)
            finally:
                full.door.delete("/sandbox/faults").raise_for_status()
            if fault["fault"] == "rate_limited":
                full.start_anew()  # the old one obeys, and asks nothing for an hour
            ids, there = {resource.provider_id for resource in seen}, full.there(kind)
            assert len(ids) == len(seen), "nothing is doubled"
            assert ids <= there
            assert verdict.detail if not verdict.complete else ids == there, (kind, page)
            if fault["fault"] == "links":  # which spoil nothing
                assert verdict.complete, (kind, page, verdict)
            if fault["fault"] in {"status", "close", "truncate"} and times is None and page == 1:
                assert not verdict.complete, (kind, page)


def test_a_provider_that_says_nothing_at_all_is_given_up() -> None:
    with cloud_of(content.filled(1), attempts=1, read=0.2) as cloud:
        cloud.fault(fault="silence", path="/v2/volumes", times=None)
        (verdict,), seen = cloud.listed("volume")
    assert (verdict.complete, seen) == (False, [])
    assert "ReadTimeout" in (verdict.detail or "")


@pytest.fixture
def sample() -> Iterator[Cloud]:
    """The sample account."""
    account = content.filled(0)
    with cloud_of(content.sample(account.clock)) as cloud:
        yield cloud


def test_every_invoice_of_the_sample_adds_up(sample: Cloud) -> None:
    stated = sample.client.invoices()
    history = [entry for entry in sample.client.billing_history() if entry.type == "Invoice"]
    assert len(stated.invoices) == 137
    assert {entry.invoice_uuid for entry in history} == {one.invoice_uuid for one in stated.invoices}
    for invoice in stated.invoices:
        summary = sample.client.invoice_summary(invoice.invoice_uuid)
        items = sample.client.invoice_items(invoice.invoice_uuid)
        assert summary.difference == 0
        assert (summary.amount, summary.period) == (invoice.amount, invoice.period)
        assert sum(item.amount for item in items) == invoice.amount
        assert sample.client.invoice_csv(invoice.invoice_uuid).count(b"\n") == len(items) + 1
    assert sample.client.balance().generated_at.tzinfo is not None
    assert stated.preview is not None
    assert sum(item.amount for item in sample.client.invoice_items("preview")) == stated.preview.amount


ORDER = DropletOrder(
    name="web-1", region="syd1", size="s-1vcpu-1gb", image="debian-12-x64", tags=("arc-op:1",)
)


def made_droplet(cloud: Cloud) -> str:
    """A droplet that is up; its id."""
    droplet = cloud.client.create_droplet(ORDER).resource.provider_id
    cloud.pass_by()
    return droplet


def test_a_droplet_is_busy_until_its_action_has_ended(sample: Cloud) -> None:
    client = sample.client
    accepted = client.create_droplet(ORDER)
    droplet = accepted.resource.provider_id
    assert client.action(accepted.action_ids[0]).status is ActionStatus.IN_PROGRESS
    with pytest.raises(ProviderBusy):
        client.power_off(droplet)
    sample.pass_by()
    assert client.action(accepted.action_ids[0]).status is ActionStatus.COMPLETED
    assert [found.provider_id for found in client.find_droplets(tag="ARC-OP:1")] == [droplet]


def test_a_droplet_is_resized_while_it_is_off(sample: Cloud) -> None:
    client, droplet = sample.client, made_droplet(sample)
    begun = sample.account.now()
    steps: list[Callable[[], Action]] = [
        lambda: client.power_off(droplet),
        lambda: client.resize_droplet(droplet, size="s-2vcpu-2gb", disk=False),
        lambda: client.power_on(droplet),
    ]
    for step in steps:
        action = step()
        sample.pass_by()
        assert client.action(action.id).status is ActionStatus.COMPLETED
    resized = client.look_up("droplet", droplet)
    assert resized is not None
    assert (resized.size_slug, resized.status) == ("s-2vcpu-2gb", "active")
    assert [action.type for action in client.recent_actions(begun)] == ["power_on", "resize", "power_off"]


def test_everything_a_deployment_has_is_made_found_and_removed_twice(sample: Cloud) -> None:
    client = sample.client
    kinds = ("droplet", "volume", "firewall", "reserved_ip", "project")
    before = {kind: sample.there(kind) for kind in kinds}
    droplet = made_droplet(sample)
    volume = client.create_volume(VolumeOrder(name="disk-op-1", region="syd1", size_gigabytes=10)).provider_id
    client.attach_volume(volume, droplet_id=droplet, region="syd1")
    rule = InboundRule(protocol="tcp", ports="22", sources=Peers(addresses=("0.0.0.0/0",)))
    wall = FirewallOrder(name="wall-op-1", inbound_rules=(rule,), droplet_ids=(int(droplet),))
    firewall = client.create_firewall(wall).provider_id
    sample.pass_by()
    ip = client.reserve_ip(droplet_id=droplet).resource.provider_id
    sample.pass_by()
    found = [
        client.find_volumes(name="disk-op-1", region="syd1"),
        client.find_firewalls(name="wall-op-1"),
        client.find_reserved_ips(droplet_id=droplet),
    ]
    assert [[one.provider_id for one in some] for some in found] == [[volume], [firewall], [ip]]
    assert client.replace_firewall(firewall, wall).provider_id == firewall

    client.detach_volume(volume, droplet_id=droplet, region="syd1")
    sample.pass_by()
    for _ in range(2):  # the second time there is nothing left, which is success too
        client.delete_volume(volume)
        client.delete_firewall(firewall)
        client.release_ip(ip)
        client.delete_droplet(droplet)
        sample.pass_by()
    assert {kind: sample.there(kind) for kind in kinds} == before


def test_a_project_holds_what_was_put_in_it_and_goes_when_it_is_empty(sample: Cloud) -> None:
    client, droplet = sample.client, made_droplet(sample)
    project = client.create_project(ProjectOrder(name="p-op-1", purpose="Web Application")).provider_id
    assert [one.provider_id for one in client.find_projects(name="p-op-1")] == [project]
    client.put_in_project(project, [("droplet", droplet)])
    members: list[ProjectMember] = []
    assert client.list_members(project, members.extend).complete
    assert [(member.kind, member.provider_id) for member in members] == [("droplet", droplet)]
    with pytest.raises(ProviderConflict):
        client.delete_project(project)
    client.delete_droplet(droplet)
    sample.pass_by()
    client.delete_project(project)
    assert client.find_projects(name="p-op-1") == []


def test_tags_are_put_on_and_taken_off(sample: Cloud) -> None:
    client, droplet = sample.client, made_droplet(sample)
    client.create_tag("arc-extra")
    client.tag_resources("arc-extra", [("droplet", droplet)])
    assert [one.provider_id for one in client.find_droplets(tag="arc-extra")] == [droplet]
    client.untag_resources("arc-extra", [("droplet", droplet)])
    assert client.find_droplets(tag="arc-extra") == []
    client.delete_tag("arc-extra")
    client.delete_tag("arc-extra")


def test_a_record_is_made_found_changed_and_removed() -> None:
    with cloud_of(content.filled(1)) as cloud:
        (domain,) = cloud.there("domain")
        client = cloud.client
        made = client.create_record(domain, RecordOrder(type="A", name="app", data="203.0.113.7", ttl=300))
        found = client.find_records(domain, type="A", name="app", data="203.0.113.7")
        assert found == [made]
        changed = client.replace_record(
            made.provider_id, RecordOrder(type="A", name="app", data="203.0.113.8", ttl=300)
        )
        assert (changed.provider_id, changed.attrs["data"]) == (made.provider_id, "203.0.113.8")
        client.delete_record(made.provider_id)
        client.delete_record(made.provider_id)
        assert client.look_up("domain_record", made.provider_id) is None


def test_a_create_call_whose_answer_was_lost_is_found_by_its_tag(sample: Cloud) -> None:
    sample.fault(fault="close", when="after", method="POST", path="/v2/droplets")
    with pytest.raises(ProviderError) as raised:
        sample.client.create_droplet(ORDER)
    assert raised.value.outcome_unknown
    assert len(sample.client.find_droplets(tag="arc-op:1")) == 1
