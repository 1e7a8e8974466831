"""An account of nothing but lists: objects in DigitalOcean's shapes, paged as DigitalOcean pages them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.adapters.digitalocean.served import Asked, Reply, refused, said

Object = dict[str, Any]

REGION = {"slug": "nyc3", "name": "New York 3", "sizes": [], "features": [], "available": True}
AT = "2026-04-01T10:00:00Z"

MADE: dict[str, tuple[str, str, Callable[[int], Object]]] = {
    "droplet": (
        "/v2/droplets",
        "droplets",
        lambda n: {"id": n, "name": f"web-{n}", "region": REGION, "status": "active", "created_at": AT},
    ),
    "volume": (
        "/v2/volumes",
        "volumes",
        lambda n: {"id": f"v{n}", "name": f"disk-{n}", "size_gigabytes": 10},
    ),
    "snapshot": ("/v2/snapshots", "snapshots", lambda n: {"id": f"s{n}", "name": f"snap-{n}"}),
    "image": ("/v2/images", "images", lambda n: {"id": n, "name": f"image-{n}", "type": "backup"}),
    "database": ("/v2/databases", "databases", lambda n: {"id": f"d{n}", "name": f"db-{n}"}),
    "load_balancer": ("/v2/load_balancers", "load_balancers", lambda n: {"id": f"l{n}", "name": f"lb-{n}"}),
    "domain": ("/v2/domains", "domains", lambda n: {"name": f"site-{n}.example"}),
    "reserved_ip": ("/v2/reserved_ips", "reserved_ips", lambda n: {"ip": f"10.0.{n // 256}.{n % 256}"}),
    "kubernetes_cluster": (
        "/v2/kubernetes/clusters",
        "kubernetes_clusters",
        lambda n: {"id": f"k{n}", "name": f"cluster-{n}", "node_pools": [{"id": f"p{n}", "name": "pool"}]},
    ),
    "kubernetes_node_pool": (
        "/v2/kubernetes/clusters",
        "kubernetes_clusters",
        lambda n: {"id": f"k{n}", "name": f"cluster-{n}", "node_pools": [{"id": f"p{n}", "name": "pool"}]},
    ),
    "app": ("/v2/apps", "apps", lambda n: {"id": f"a{n}", "spec": {"name": f"app-{n}"}}),
    "project": ("/v2/projects", "projects", lambda n: {"id": f"p{n}", "name": f"project-{n}"}),
    "vpc": ("/v2/vpcs", "vpcs", lambda n: {"id": f"n{n}", "name": f"net-{n}"}),
    "firewall": ("/v2/firewalls", "firewalls", lambda n: {"id": f"f{n}", "name": f"wall-{n}"}),
    "certificate": ("/v2/certificates", "certificates", lambda n: {"id": f"c{n}", "name": f"cert-{n}"}),
    "cdn": ("/v2/cdn/endpoints", "endpoints", lambda n: {"id": f"e{n}", "origin": f"s{n}.example"}),
    "registry": ("/v2/registries", "registries", lambda n: {"name": f"registry-{n}"}),
    "functions_namespace": (
        "/v2/functions/namespaces",
        "namespaces",
        lambda n: {"namespace": f"fn-{n}", "label": f"functions-{n}"},
    ),
}
ON_ONE_PAGE = frozenset({"/v2/databases", "/v2/registries", "/v2/functions/namespaces"})
EMPTY = {"/v2/reserved_ipv6": "reserved_ipv6s"}
Lists = dict[str, tuple[str, list[Object]]]
Fault = Callable[[Asked, Reply], Reply]


class Account:
    """Lists by path: a root and objects. `fault` may spoil an answer."""

    def __init__(self, lists: Lists, fault: Fault | None = None) -> None:
        self.lists: Lists = {path: (root, []) for path, root in EMPTY.items()} | lists
        self.fault = fault

    @classmethod
    def of(cls, kind: str, count: int, fault: Fault | None = None) -> Account:
        """So many objects of a kind."""
        path, root, make = MADE[kind]
        return cls({path: (root, [make(n) for n in range(1, count + 1)])}, fault)

    def __call__(self, asked: Asked) -> Reply:
        reply = self._reply(asked)
        return self.fault(asked, reply) if self.fault is not None else reply

    def _reply(self, asked: Asked) -> Reply:
        if asked.path not in self.lists:
            return refused(404)
        root, objects = self.lists[asked.path]
        if asked.path in ON_ONE_PAGE:
            assert asked.query == {}
            return said({root: objects})
        if asked.path == "/v2/droplets":  # without a type: droplets without GPUs only
            gpus = asked.query.get("type") == "gpus"
            objects = [one for one in objects if ("gpu_info" in one) is gpus]
        return said(page_of(root, objects, asked))


def page_of(root: str, objects: list[Object], asked: Asked) -> Object:
    """One page, with links and meta as DigitalOcean writes them; the host in the links is a stranger's."""
    size = int(asked.query.get("per_page", "20"))
    start = (asked.page - 1) * size
    pages: Object = {}
    if start + size < len(objects):
        pages["next"] = f"https://elsewhere.example{asked.path}?page={asked.page + 1}&per_page={size}"
    links: Object = {"pages": pages} if pages else {}
    return {root: objects[start : start + size], "links": links, "meta": {"total": len(objects)}}
