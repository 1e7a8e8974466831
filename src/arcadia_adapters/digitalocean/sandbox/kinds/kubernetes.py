"""Kubernetes clusters and their node pools. A cluster shows its pools; they also have paths of their own.

Owns both shapes and the credentials, which are planted secrets. The droplets behind the nodes are not listed
among the droplets here, though they are at DigitalOcean.
"""

from __future__ import annotations

from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Request,
    conflict,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import PARENT, Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.addresses import public_address
from arcadia_adapters.digitalocean.sandbox.kinds.vpcs import home_vpc
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_adapters.digitalocean.sandbox.secrets import planted, planted_base64

# -- clusters


def _make_cluster(account: Account, body: Obj) -> Obj:
    needs(body, "name", "region", "version", "node_pools")
    id, region = account.uuid(), catalog.region(body["region"])["slug"]
    return {
        "id": id,
        "name": body["name"],
        "region": region,
        "version": body["version"],
        "cluster_subnet": body.get("cluster_subnet") or "10.244.0.0/16",
        "service_subnet": body.get("service_subnet") or "10.245.0.0/16",
        "vpc_uuid": body.get("vpc_uuid") or home_vpc(account, region),
        "ipv4": "",
        "endpoint": "",
        "tags": [*(body.get("tags") or []), "k8s", f"k8s:{id}"],
        "maintenance_policy": body.get("maintenance_policy")
        or {"start_time": "00:00", "duration": "4h0m0s", "day": "any"},
        "auto_upgrade": bool(body.get("auto_upgrade")),
        "status": {"state": "provisioning", "message": "provisioning"},
        "created_at": account.stamp(),
        "updated_at": account.stamp(),
        "surge_upgrade": bool(body.get("surge_upgrade")),
        "ha": bool(body.get("ha")),
        "registry_enabled": False,
        "node_pools": [_make_pool(account, pool) for pool in body["node_pools"]],  # moved when it is added
    }


def _cluster_added(account: Account, cluster: Obj) -> None:
    for pool in cluster.pop("node_pools"):
        account.add(NODE_POOL, pool, cluster["id"])


def _cluster_ready(account: Account, cluster: Obj) -> None:
    cluster.update(
        status={"state": "running", "message": ""},
        ipv4=public_address(account),
        endpoint=f"https://{cluster['id']}.k8s.example.com",
        updated_at=account.stamp(),
    )
    for pool in account.all("kubernetes_node_pool", cluster["id"]).values():
        _pool_ready(account, pool)


def _cluster_gone(account: Account, cluster: Obj) -> None:
    for id in list(account.all("kubernetes_node_pool", cluster["id"])):
        account.remove(NODE_POOL, id, cluster["id"])


def _change_cluster(account: Account, cluster: Obj, body: Obj) -> None:
    names = ("name", "tags", "maintenance_policy", "auto_upgrade", "surge_upgrade", "ha")
    cluster.update({name: body[name] for name in names if name in body}, updated_at=account.stamp())


def _cluster_shown(account: Account, cluster: Obj) -> Obj:
    return {**cluster, "node_pools": list(account.all("kubernetes_node_pool", cluster["id"]).values())}


CLUSTER = Kind(
    name="kubernetes_cluster",
    path="/v2/kubernetes/clusters",
    one="kubernetes_cluster",
    many="kubernetes_clusters",
    verbs=frozenset({"list", "get", "create", "put", "delete"}),
    changed=202,
    urn="kubernetes",
    make=_make_cluster,
    added=_cluster_added,
    unique=itemgetter("name"),
    taken=lambda: conflict("a cluster with this name already exists"),
    ready=_cluster_ready,
    change=_change_cluster,
    gone=_cluster_gone,
    shown=_cluster_shown,
    example=lambda n: {
        "name": f"made-cluster-{n:05}",
        "region": catalog.some_region(n),
        "version": "1.34.1-do.0",
        "node_pools": [{"name": f"pool-{n:05}", "size": "s-2vcpu-4gb", "count": 1 + n % 3}],
        "tags": ["made"],
    },
)


def _credentials(account: Account, request: Request) -> Answer:
    cluster = account.get(CLUSTER, request.ids["id"])
    body: Obj = {
        "server": f"https://{cluster['id']}.k8s.example.com",
        "certificate_authority_data": planted_base64("kubernetes-ca", cluster["id"]),
        "client_certificate_data": planted_base64("kubernetes-client-cert", cluster["id"]),
        "client_key_data": planted_base64("kubernetes-client-key", cluster["id"]),
        "token": planted("kubernetes-token", cluster["id"]),
        "expires_at": account.stamp(),
    }
    return Answer(200, body)


def _kubeconfig(account: Account, request: Request) -> Answer:
    cluster = account.get(CLUSTER, request.ids["id"])
    token = planted("kubernetes-kubeconfig", cluster["id"])
    text = f"apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    token: {token}\n"
    return Answer(200, text.encode(), content_type="application/yaml")


# -- node pools


def _make_pool(account: Account, body: Obj) -> Obj:
    needs(body, "name", "size", "count")
    size = catalog.size(body["size"])
    pool: Obj = {
        "id": account.uuid(),
        "name": body["name"],
        "size": size["slug"],
        "count": 0,
        "tags": [*(body.get("tags") or []), "k8s", "k8s:worker"],
        "labels": body.get("labels"),
        "taints": list(body.get("taints") or []),
        "auto_scale": bool(body.get("auto_scale")),
        "min_nodes": body.get("min_nodes") or 0,
        "max_nodes": body.get("max_nodes") or 0,
        "nodes": [],
    }
    _set_count(account, pool, body["count"])
    return pool


def _set_count(account: Account, pool: Obj, count: object) -> None:
    if not isinstance(count, int) or count < 0:
        raise unprocessable("count must be a whole number")
    nodes = pool["nodes"][:count]
    while len(nodes) < count:
        nodes.append(
            {
                "id": account.uuid(),
                "name": f"{pool['name']}-{account.number():x}",
                "status": {"state": "provisioning"},
                "droplet_id": str(account.number()),
                "created_at": account.stamp(),
                "updated_at": account.stamp(),
            }
        )
    pool.update(count=count, nodes=nodes)


def _pool_ready(account: Account, pool: Obj) -> None:
    for node in pool["nodes"]:
        node["status"] = {"state": "running"}


def _change_pool(account: Account, pool: Obj, body: Obj) -> None:
    names = ("name", "tags", "labels", "taints", "auto_scale", "min_nodes", "max_nodes")
    pool.update({name: body[name] for name in names if name in body})
    if "count" in body:
        _set_count(account, pool, body["count"])
        account.later(lambda: _pool_ready(account, pool))


def _pool_charged(pool: Obj) -> Charge:
    cents = catalog.SIZES[pool["size"]]["price_monthly"] * 100 * pool["count"]
    return Charge("Kubernetes Clusters", f"{pool['name']} ({pool['size']})", cents, pool["name"])


NODE_POOL = Kind(
    name="kubernetes_node_pool",
    path=f"/v2/kubernetes/clusters/{{{PARENT}}}/node_pools",
    one="node_pool",
    many="node_pools",
    parent="kubernetes_cluster",
    verbs=frozenset({"list", "get", "create", "put", "delete"}),
    paged=False,
    changed=202,
    make=_make_pool,
    ready=_pool_ready,
    change=_change_pool,
    charged=_pool_charged,
    example=lambda n: {"name": f"made-pool-{n:05}", "size": "s-2vcpu-4gb", "count": 1 + n % 3},
)


KINDS = (CLUSTER, NODE_POOL)
ROUTES = (
    Route("GET", CLUSTER.path + "/{id}/credentials", _credentials),
    Route("GET", CLUSTER.path + "/{id}/kubeconfig", _kubeconfig),
)
