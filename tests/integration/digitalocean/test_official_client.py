"""DigitalOcean's own Python client drives the sandbox: what it is written for, the sandbox must do.

pydo is made from DigitalOcean's document by DigitalOcean. It asks for https, which a socket of a test is not,
so its token goes into a header by a policy of its transport instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.running import NOW, TOKEN, Cloud

BODY = {
    "name": "by-pydo",
    "region": "syd1",
    "size": "s-1vcpu-1gb",
    "image": "ubuntu-24-04-x64",
    "tags": ["op:1"],
}


@pytest.fixture
def official() -> Callable[[Cloud], Any]:
    """Makes an official client of a sandbox."""
    pydo = pytest.importorskip("pydo", reason="pydo, DigitalOcean's own client, is not installed")
    policies = pytest.importorskip("azure.core.pipeline.policies")
    bearer = policies.HeadersPolicy({"Authorization": f"Bearer {TOKEN}"})
    return lambda cloud: pydo.Client(TOKEN, endpoint=cloud.url, authentication_policy=bearer)


def every_droplet(client: Any) -> Iterator[Any]:
    """All droplets, page by page as pydo's readme does it."""
    page = 1
    while True:
        body = client.droplets.list(per_page=200, page=page)
        yield from body["droplets"]
        if "next" not in body["links"].get("pages", {}):
            return
        page += 1


def test_it_lists_creates_acts_and_deletes(cloud: Cloud, official: Callable[[Cloud], Any]) -> None:
    client = official(cloud)
    assert next(droplet["name"] for droplet in every_droplet(client)) == "pilot-web-01"
    made = client.droplets.create(body=BODY)
    id, [link] = made["droplet"]["id"], made["links"]["actions"]
    assert client.actions.get(link["id"])["action"]["status"] == "in-progress"
    cloud.pass_by()
    assert client.actions.get(link["id"])["action"]["status"] == "completed"
    assert [one["id"] for one in client.droplets.list(tag_name="OP:1")["droplets"]] == [id]
    action = client.droplet_actions.post(id, body={"type": "power_off"})["action"]
    refused = client.droplet_actions
    with pytest.raises(Exception, match="pending event") as problem:
        refused.post(id, body={"type": "power_on"})
    assert getattr(problem.value, "status_code", None) == 422
    cloud.pass_by()
    assert client.droplet_actions.get(id, action["id"])["action"]["status"] == "completed"
    assert client.droplets.get(id)["droplet"]["status"] == "off"
    client.droplets.destroy(id)
    assert client.droplets.get(id)["id"] == "not_found"  # pydo hands a documented refusal back


def test_it_walks_401_droplets(serve: Callable[..., Cloud], official: Callable[[Cloud], Any]) -> None:
    account = content.empty(SandboxClock(at=NOW))
    ids = content.fill(account, "droplet", 401)
    assert [str(droplet["id"]) for droplet in every_droplet(official(serve(account)))] == ids


def test_it_makes_and_joins_the_things_of_a_deployment(
    cloud: Cloud, official: Callable[[Cloud], Any]
) -> None:
    client = official(cloud)
    [droplet, *_] = client.droplets.list()["droplets"]
    volume = client.volumes.create(body={"name": "data", "region": "syd1", "size_gigabytes": 10})["volume"]
    attach = {"type": "attach", "droplet_id": droplet["id"], "region": "syd1"}
    client.volume_actions.post_by_id(volume["id"], body=attach)
    cloud.pass_by()
    assert client.volumes.get(volume["id"])["volume"]["droplet_ids"] == [droplet["id"]]
    rule = {"protocol": "tcp", "ports": "443", "sources": {"addresses": ["0.0.0.0/0"]}}
    firewall = client.firewalls.create(
        body={"name": "web", "inbound_rules": [rule], "outbound_rules": [], "droplet_ids": [droplet["id"]]}
    )["firewall"]
    reserved = client.reserved_ips.create(body={"droplet_id": droplet["id"]})["reserved_ip"]
    client.domains.create(body={"name": "example.com"})
    record = {"type": "A", "name": "www", "data": reserved["ip"], "ttl": 60}
    made = client.domains.create_record("example.com", body=record)["domain_record"]
    project = client.projects.create(body={"name": "By pydo", "purpose": "Service or API"})["project"]
    urns = {"resources": [f"do:droplet:{droplet['id']}", f"do:volume:{volume['id']}"]}
    assert client.projects.assign_resources(project["id"], body=urns)["resources"][0]["status"] == "assigned"
    client.tags.create(body={"name": "by:pydo"})
    client.tags.assign_resources(
        "by:pydo", body={"resources": [{"resource_id": str(droplet["id"]), "resource_type": "droplet"}]}
    )
    cloud.pass_by()
    assert client.firewalls.get(firewall["id"])["firewall"]["status"] == "succeeded"
    assert client.reserved_ips.get(reserved["ip"])["reserved_ip"]["droplet"]["id"] == droplet["id"]
    assert "by:pydo" in client.droplets.get(droplet["id"])["droplet"]["tags"]
    client.domains.delete_record("example.com", made["id"])
    client.firewalls.delete(firewall["id"])


def test_it_reads_the_bills(cloud: Cloud, official: Callable[[Cloud], Any]) -> None:
    client = official(cloud)
    assert client.balance.get()["account_balance"] == "0.00"
    [april] = client.invoices.list(per_page=1)["invoices"]
    assert april["amount"] == "86.92"
    items = client.invoices.get_by_uuid(april["invoice_uuid"], per_page=200)["invoice_items"]
    assert len(items) == 33
    assert client.invoices.get_summary_by_uuid(april["invoice_uuid"])["taxes"]["amount"] == "7.90"
    assert client.billing_history.list()["billing_history"][0]["type"] == "Payment"


def test_it_reads_the_other_lists(serve: Callable[..., Cloud], official: Callable[[Cloud], Any]) -> None:
    client = official(serve(content.filled(1, SandboxClock(at=NOW))))
    assert len(client.databases.list_clusters()["databases"]) == 1
    assert len(client.load_balancers.list()["load_balancers"]) == 1
    assert len(client.kubernetes.list_clusters()["kubernetes_clusters"]) == 1
    assert len(client.apps.list()["apps"]) == 1
    assert len(client.certificates.list()["certificates"]) == 1
    assert len(client.cdn.list_endpoints()["endpoints"]) == 1
    assert len(client.registries.list()["registries"]) == 1
    assert len(client.functions.list_namespaces()["namespaces"]) == 1
    assert len(client.images.list(private=True)["images"]) == 1
    assert len(client.snapshots.list()["snapshots"]) == 1
    assert client.sizes.list()["meta"]["total"] == 6
