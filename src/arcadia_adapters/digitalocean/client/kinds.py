"""Where DigitalOcean lists each kind of the inventory, and where it shows one: the whole of it as a table.

Owns paths, roots, parameters and which payload is there. Two kinds are listed otherwise: the records of
domains domain by domain (listings), Spaces by S3 (spaces). A registry is shown by its list only: by itself it
comes without its subscription.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.app import App
from arcadia_adapters.digitalocean.client.payloads.cdn import CdnEndpoint
from arcadia_adapters.digitalocean.client.payloads.certificate import Certificate
from arcadia_adapters.digitalocean.client.payloads.database import Database
from arcadia_adapters.digitalocean.client.payloads.domain import Domain
from arcadia_adapters.digitalocean.client.payloads.droplet import Droplet
from arcadia_adapters.digitalocean.client.payloads.firewall import Firewall
from arcadia_adapters.digitalocean.client.payloads.functions_namespace import FunctionsNamespace
from arcadia_adapters.digitalocean.client.payloads.image import Image
from arcadia_adapters.digitalocean.client.payloads.kubernetes import Cluster
from arcadia_adapters.digitalocean.client.payloads.load_balancer import LoadBalancer
from arcadia_adapters.digitalocean.client.payloads.project import Project
from arcadia_adapters.digitalocean.client.payloads.registry import Registry
from arcadia_adapters.digitalocean.client.payloads.reserved_ip import ReservedIp, ReservedIpv6
from arcadia_adapters.digitalocean.client.payloads.snapshot import Snapshot
from arcadia_adapters.digitalocean.client.payloads.told import Payload
from arcadia_adapters.digitalocean.client.payloads.volume import Volume
from arcadia_adapters.digitalocean.client.payloads.vpc import Vpc
from arcadia_domain.cloud.listing import SeenResource

Seen = Callable[[Any], Iterable[SeenResource]]


def itself(payload: Payload) -> tuple[SeenResource]:
    """An object that is one resource."""
    return (payload.seen(),)


def unless_snapshot(image: Image) -> tuple[SeenResource, ...]:
    """An image, but for those that are listed as snapshots: one thing is in the inventory once."""
    return () if image.is_snapshot else (image.seen(),)


@frozen(kw_only=True)
class Part:
    """One list. `paged` False: DigitalOcean serves it on one page. `key` tells its objects apart.

    `seen` makes resources of an object; `exact` False: not one of each, so that its total is not the number
    of the kind.
    """

    path: str
    root: str
    payload: type[Any]
    params: Mapping[str, str | int] = {}
    paged: bool = True
    key: Callable[[Any], Hashable] = attrgetter("id")
    seen: Seen = itself
    exact: bool = True


@frozen(kw_only=True)
class Place:
    """Where one resource is shown: a path with a {} for its id."""

    path: str
    root: str
    payload: type[Any]


LISTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "droplet": (
        Part(path="/v2/droplets", root="droplets", payload=Droplet),
        # without a type, droplets with GPUs are left out
        Part(path="/v2/droplets", root="droplets", payload=Droplet, params={"type": "gpus"}),
    ),
    "volume": (Part(path="/v2/volumes", root="volumes", payload=Volume),),
    "snapshot": (Part(path="/v2/snapshots", root="snapshots", payload=Snapshot),),
    "image": (
        Part(
            path="/v2/images",
            root="images",
            payload=Image,
            params={"private": "true"},  # without it, DigitalOcean's whole catalogue
            seen=unless_snapshot,
            exact=False,
        ),
    ),
    "database": (Part(path="/v2/databases", root="databases", payload=Database, paged=False),),
    "load_balancer": (Part(path="/v2/load_balancers", root="load_balancers", payload=LoadBalancer),),
    "domain": (Part(path="/v2/domains", root="domains", payload=Domain, key=attrgetter("name")),),
    "reserved_ip": (
        Part(path="/v2/reserved_ips", root="reserved_ips", payload=ReservedIp, key=attrgetter("ip")),
        Part(path="/v2/reserved_ipv6", root="reserved_ipv6s", payload=ReservedIpv6, key=attrgetter("ip")),
    ),
    "kubernetes_cluster": (
        Part(path="/v2/kubernetes/clusters", root="kubernetes_clusters", payload=Cluster),
    ),
    "kubernetes_node_pool": (
        Part(
            path="/v2/kubernetes/clusters",
            root="kubernetes_clusters",
            payload=Cluster,
            seen=Cluster.pools,
            exact=False,
        ),
    ),
    "app": (Part(path="/v2/apps", root="apps", payload=App, params={"with_projects": "true"}),),
    "project": (Part(path="/v2/projects", root="projects", payload=Project),),
    "vpc": (Part(path="/v2/vpcs", root="vpcs", payload=Vpc),),
    "firewall": (Part(path="/v2/firewalls", root="firewalls", payload=Firewall),),
    "certificate": (Part(path="/v2/certificates", root="certificates", payload=Certificate),),
    "cdn": (Part(path="/v2/cdn/endpoints", root="endpoints", payload=CdnEndpoint),),
    "registry": (
        Part(
            path="/v2/registries",
            root="registries",
            payload=Registry,
            paged=False,
            key=attrgetter("name"),
        ),
    ),
    "functions_namespace": (
        Part(
            path="/v2/functions/namespaces",
            root="namespaces",
            payload=FunctionsNamespace,
            paged=False,
            key=attrgetter("namespace"),
        ),
    ),
}

PLACES: Final[Mapping[str, Place]] = {
    "droplet": Place(path="/v2/droplets/{}", root="droplet", payload=Droplet),
    "volume": Place(path="/v2/volumes/{}", root="volume", payload=Volume),
    "snapshot": Place(path="/v2/snapshots/{}", root="snapshot", payload=Snapshot),
    "image": Place(path="/v2/images/{}", root="image", payload=Image),
    "database": Place(path="/v2/databases/{}", root="database", payload=Database),
    "load_balancer": Place(path="/v2/load_balancers/{}", root="load_balancer", payload=LoadBalancer),
    "domain": Place(path="/v2/domains/{}", root="domain", payload=Domain),
    "reserved_ip": Place(path="/v2/reserved_ips/{}", root="reserved_ip", payload=ReservedIp),
    "kubernetes_cluster": Place(
        path="/v2/kubernetes/clusters/{}", root="kubernetes_cluster", payload=Cluster
    ),
    "app": Place(path="/v2/apps/{}", root="app", payload=App),
    "project": Place(path="/v2/projects/{}", root="project", payload=Project),
    "vpc": Place(path="/v2/vpcs/{}", root="vpc", payload=Vpc),
    "firewall": Place(path="/v2/firewalls/{}", root="firewall", payload=Firewall),
    "certificate": Place(path="/v2/certificates/{}", root="certificate", payload=Certificate),
    "cdn": Place(path="/v2/cdn/endpoints/{}", root="endpoint", payload=CdnEndpoint),
    "functions_namespace": Place(
        path="/v2/functions/namespaces/{}", root="namespace", payload=FunctionsNamespace
    ),
}
