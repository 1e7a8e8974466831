"""What DigitalOcean's resources count for, read from their JSON as it lists them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from arcadia_adapters.digitalocean.client.decoding import envelope, rows
from arcadia_adapters.digitalocean.client.kinds import LISTS
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_domain.cloud.inventory import BORN_WHEN_SEEN, RESOURCE_KINDS
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.meters import METERED_AS, Rates, rates, usage_kinds
from arcadia_domain.pricing.kinds import KINDS, base_of, resource_kind
from tests.clouds.connected import cloud_of

ONE = Decimal(1)

DROPLET = {
    "id": 3164444,
    "name": "web-1",
    "memory": 8192,
    "vcpus": 4,
    "disk": 160,
    "locked": False,
    "status": "active",
    "kernel": None,
    "created_at": "2026-04-01T00:00:00Z",
    "features": ["ipv6", "private_networking"],
    "backup_ids": [],
    "next_backup_window": None,
    "snapshot_ids": [],
    "size_slug": "s-4vcpu-8gb",
    "size": {"slug": "s-4vcpu-8gb", "price_hourly": 0.07143},
    "region": {"slug": "syd1"},
    "tags": [],
    "volume_ids": [],
}
WITH_BACKUPS = {
    "features": ["backups", "ipv6"],
    "next_backup_window": {"start": "2026-04-05T00:00:00Z", "end": "2026-04-05T23:00:00Z"},
}
VOLUME = {"id": "506f78a4", "name": "data", "size_gigabytes": 10, "droplet_ids": [3164444], "tags": None}
SNAPSHOT = {"id": "119192830", "name": "before", "size_gigabytes": 2.36, "resource_type": "droplet"}
IMAGE = {"id": 7555620, "name": "ours", "type": "custom", "size_gigabytes": 2.34, "public": False}
DATABASE = {
    "id": "9cc10173",
    "name": "books",
    "engine": "pg",
    "num_nodes": 2,
    "size": "db-s-2vcpu-4gb",
    "region": "nyc3",
    "status": "online",
    "storage_size_mib": 61440,
}
BALANCER = {"id": "4de7ac8b", "name": "lb-1", "size_unit": 3, "region": {"slug": "syd1"}, "droplet_ids": []}
OLD_BALANCER = {"id": "4de7ac8b", "name": "lb-1", "region": {"slug": "ams2"}}
ADDRESS = {"ip": "45.55.96.47", "droplet": None, "region": {"slug": "nyc3"}, "locked": False}
ADDRESS_6 = {"ip": "2409:40d0:fa:27dd:9b24:7074:7b85:eee6", "region_slug": "nyc3", "droplet": None}
POOL = {"id": "cdda885e", "name": "workers", "size": "s-1vcpu-2gb", "count": 3, "nodes": []}
CLUSTER = {"id": "bd5f5959", "name": "k8s-1", "region": "nyc1", "ha": True, "node_pools": [POOL]}
SERVICE = {"name": "api", "instance_size_slug": "apps-s-1vcpu-0.5gb", "instance_count": 2}
APP = {"id": "4f6c71e2", "tier_slug": "basic", "spec": {"name": "shop", "services": [SERVICE]}}
TIER = {"slug": "basic", "included_storage_bytes": 5368709120, "monthly_price_in_cents": 500}
REGISTRY = {
    "name": "ours",
    "storage_usage_bytes": 29 * 1024**2,
    "subscription": {"tier": TIER, "created_at": "2020-01-23T00:00:00Z"},
}


def read(kind: str, written: dict[str, Any], list_no: int = 0) -> SeenResource:
    """The resource of that kind that this JSON is a list of."""
    part = LISTS[kind][list_no]
    body = json.dumps({part.root: [written], "links": {}, "meta": {"total": 1}}).encode()
    found = rows(envelope(body), part.root, part.payload)
    assert found.reason is None
    [seen] = [seen for payload in found.read for seen in part.seen(payload)]
    return seen


def counted(kind: str, written: dict[str, Any], list_no: int = 0) -> Rates:
    seen = read(kind, written, list_no)
    return rates(seen.kind, seen.size_slug, seen.attrs)


def app(**spec: object) -> dict[str, Any]:
    return {**APP, "spec": {"name": "shop", **spec}}


SHAPES: list[tuple[str, dict[str, Any], Rates]] = [
    ("droplet", DROPLET, {"droplet_hours:s-4vcpu-8gb": ONE}),
    (
        "droplet",
        {**DROPLET, **WITH_BACKUPS},
        {"droplet_hours:s-4vcpu-8gb": ONE, "backup_hours:s-4vcpu-8gb": ONE},
    ),
    ("droplet", {**DROPLET, "status": "off"}, {"droplet_hours:s-4vcpu-8gb": ONE}),
    ("droplet", {**DROPLET, "size_slug": None}, {"droplet_hours": ONE}),
    ("droplet", {**DROPLET, "tags": ["k8s", "k8s:bd5f5959", "k8s:worker"]}, {}),
    ("droplet", {**DROPLET, "tags": ["k8s-worker"]}, {}),
    ("volume", VOLUME, {"volume_gb_month": Decimal(10)}),
    ("volume", {**VOLUME, "droplet_ids": []}, {"volume_gb_month": Decimal(10)}),
    ("snapshot", SNAPSHOT, {"snapshot_gb_month": Decimal("2.36")}),
    ("snapshot", {**SNAPSHOT, "size_gigabytes": None}, {"snapshot_gb_month": None}),
    ("image", IMAGE, {"image_gb_month": Decimal("2.34")}),
    ("image", {**IMAGE, "type": "backup"}, {}),
    ("database", DATABASE, {"database_hours:db-s-2vcpu-4gb": Decimal(2), "database_gb_month": Decimal(60)}),
    ("database", {**DATABASE, "storage_size_mib": None}, {"database_hours:db-s-2vcpu-4gb": Decimal(2)}),
    (
        "database",
        {**DATABASE, "size": "so1_5-2vcpu-16gb", "num_nodes": None, "storage_size_mib": 1},
        {"database_hours:so1_5-2vcpu-16gb": None, "database_gb_month": Decimal("0.000977")},
    ),
    ("load_balancer", BALANCER, {"load_balancer_hours": Decimal(3)}),
    ("load_balancer", {**OLD_BALANCER, "size": "lb-small"}, {"load_balancer_hours": ONE}),
    ("load_balancer", {**OLD_BALANCER, "size": "lb-medium"}, {"load_balancer_hours": Decimal(3)}),
    ("load_balancer", {**OLD_BALANCER, "size": "lb-large"}, {"load_balancer_hours": Decimal(6)}),
    ("load_balancer", {**OLD_BALANCER, "size": "lb-huge"}, {"load_balancer_hours": None}),
    ("load_balancer", OLD_BALANCER, {"load_balancer_hours": ONE}),
    ("reserved_ip", ADDRESS, {"reserved_ip_hours": ONE}),
    ("reserved_ip", {**ADDRESS, "droplet": DROPLET}, {}),
    ("kubernetes_cluster", CLUSTER, {"kubernetes_ha_hours": ONE}),
    ("kubernetes_cluster", {**CLUSTER, "ha": False}, {}),
    ("kubernetes_node_pool", CLUSTER, {"kubernetes_node_hours:s-1vcpu-2gb": Decimal(3)}),
    (
        "kubernetes_node_pool",
        {**CLUSTER, "node_pools": [{**POOL, "count": None}]},
        {"kubernetes_node_hours:s-1vcpu-2gb": None},
    ),
    ("app", APP, {"app_hours:apps-s-1vcpu-0.5gb": Decimal(2)}),
    (
        "app",
        app(services=[SERVICE, {"name": "web"}], workers=[{**SERVICE, "instance_size_slug": "basic-xs"}]),
        {"app_hours:apps-s-1vcpu-0.5gb": Decimal(3), "app_hours:basic-xs": Decimal(2)},
    ),
    (
        "app",
        app(
            services=[
                {"name": "web", "autoscaling": {"min_instance_count": 1, "max_instance_count": 9}},
                {"name": "api", "instance_count": 2},
            ]
        ),
        {"app_hours:apps-s-1vcpu-0.5gb": None},
    ),
    ("app", app(static_sites=[{"name": "docs"}], jobs=[SERVICE], functions=[{"name": "f"}]), {}),
    ("app", app(services=None), {}),
    ("registry", REGISTRY, {"registry_hours:basic": ONE, "registry_gb_month": Decimal("0.02832")}),
    (
        "registry",
        {**REGISTRY, "storage_usage_bytes": 5 * 1024**3},
        {"registry_hours:basic": ONE, "registry_gb_month": Decimal(5)},
    ),
    ("registry", {"name": "ours"}, {"registry_hours": ONE}),
    ("domain", {"name": "example.com", "ttl": 1800, "zone_file": "$ORIGIN …"}, {"dns_zones": ONE}),
    ("vpc", {"id": "5a4981aa", "name": "net", "region": "syd1"}, {}),
    ("certificate", {"id": "892071a0", "name": "web"}, {}),
]


@pytest.mark.parametrize(("kind", "written", "found"), SHAPES, ids=[f"{kind}" for kind, _, _ in SHAPES])
def test_a_resource_counts_for_what_it_is_charged_by(
    kind: str, written: dict[str, Any], found: Rates
) -> None:
    told = counted(kind, written)
    assert told == found
    assert {base_of(usage_kind) for usage_kind in told} <= set(usage_kinds(kind))


def test_an_address_of_version_6_costs_nothing() -> None:
    assert counted("reserved_ip", ADDRESS_6, list_no=1) == {}


def test_a_space_tells_no_size() -> None:
    assert rates("space", None, {}) == {"spaces_gb_month": None}
    assert rates("space", None, {"size_gigabytes": 200}) == {"spaces_gb_month": Decimal(200)}


def test_each_kind_that_is_metered_is_read_from_some_shape() -> None:
    assert {kind for kind, _, _ in SHAPES} | {"space"} >= set(METERED_AS)
    read_as = {base_of(usage_kind) for _, _, found in SHAPES for usage_kind in found}
    metered_as = {usage_kind for usage_kinds in METERED_AS.values() for usage_kind in usage_kinds}
    assert read_as | {"spaces_gb_month"} == metered_as == set(KINDS) - {"bandwidth_gb", "llm_tokens"}


def test_everything_in_the_sandbox_can_be_metered_but_for_spaces() -> None:
    with cloud_of(content.filled(3)) as cloud:
        seen = [resource for kind in RESOURCE_KINDS for resource in cloud.listed(kind)[1]]
    assert {resource.kind for resource in seen} == set(RESOURCE_KINDS)
    for resource in seen:
        told = rates(resource.kind, resource.size_slug, resource.attrs)
        assert {resource_kind(usage_kind).code for usage_kind in told} == set(told)
        assert all(rate is not None for rate in told.values()) or resource.kind == "space"
        assert resource.created_at or resource.kind in BORN_WHEN_SEEN or resource.kind not in METERED_AS
