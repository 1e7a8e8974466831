"""Kubernetes clusters, and the node pools that are listed inside them. Credentials are another call's."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import Json, instant, tags_of, told
from arcadia_domain.cloud.listing import SeenResource


@frozen(kw_only=True)
class State:
    """How a cluster is. Its message is for people."""

    state: str | None = None


@frozen(kw_only=True)
class Node:
    """A worker: a droplet of DigitalOcean's, which is billed."""

    id: str | None = None
    name: str | None = None
    droplet_id: str | None = None
    created_at: str | None = None

    def told(self) -> dict[str, object]:
        return told(id=self.id, name=self.name, droplet_id=self.droplet_id, created_at=self.created_at)


@frozen(kw_only=True)
class NodePool:
    """Workers of one size. DigitalOcean does not tell when a pool was added."""

    id: str
    name: str
    size: str | None = None
    tags: list[str] | None = None
    nodes: list[Node] | None = None
    count: Json = None
    auto_scale: Json = None
    min_nodes: Json = None
    max_nodes: Json = None
    labels: Json = None
    taints: Json = None

    def seen_in(self, cluster_id: str, region: str | None) -> SeenResource:
        """What it says, as a pool of a cluster: known by the cluster's id and its own."""
        return SeenResource(
            kind="kubernetes_node_pool",
            provider_id=f"{cluster_id}/{self.id}",
            name=self.name,
            region=region,
            size_slug=self.size,
            tags=tags_of(self.tags),
            attrs=told(
                cluster_id=cluster_id,
                count=self.count,
                auto_scale=self.auto_scale,
                min_nodes=self.min_nodes,
                max_nodes=self.max_nodes,
                labels=self.labels,
                taints=self.taints,
                nodes=[node.told() for node in self.nodes or ()],
            ),
        )


@frozen(kw_only=True)
class Cluster:
    """GET /v2/kubernetes/clusters"""

    id: str
    name: str
    region: str | None = None
    status: State | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    node_pools: list[NodePool] | None = None
    version: Json = None
    cluster_subnet: Json = None
    service_subnet: Json = None
    vpc_uuid: Json = None
    ipv4: Json = None
    endpoint: Json = None
    maintenance_policy: Json = None
    auto_upgrade: Json = None
    surge_upgrade: Json = None
    ha: Json = None
    registry_enabled: Json = None
    registries: Json = None
    control_plane_firewall: Json = None
    cluster_autoscaler_configuration: Json = None
    updated_at: Json = None

    def seen(self) -> SeenResource:
        return SeenResource(
            kind="kubernetes_cluster",
            provider_id=self.id,
            name=self.name,
            region=self.region,
            status=self.status.state if self.status is not None else None,
            tags=tags_of(self.tags),
            created_at=instant(self.created_at),
            attrs=told(
                version=self.version,
                cluster_subnet=self.cluster_subnet,
                service_subnet=self.service_subnet,
                vpc_uuid=self.vpc_uuid,
                ipv4=self.ipv4,
                endpoint=self.endpoint,
                maintenance_policy=self.maintenance_policy,
                auto_upgrade=self.auto_upgrade,
                surge_upgrade=self.surge_upgrade,
                ha=self.ha,
                registry_enabled=self.registry_enabled,
                registries=self.registries,
                control_plane_firewall=self.control_plane_firewall,
                cluster_autoscaler_configuration=self.cluster_autoscaler_configuration,
                node_pool_ids=[pool.id for pool in self.node_pools or ()],
                updated_at=self.updated_at,
            ),
        )

    def pools(self) -> Iterator[SeenResource]:
        """Its node pools."""
        return (pool.seen_in(self.id, self.region) for pool in self.node_pools or ())
