"""Load balancers.

Owns the shape of a load balancer. It has its address when it is active.
"""

from __future__ import annotations

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Obj, needs
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.addresses import public_address
from arcadia_adapters.digitalocean.sandbox.kinds.vpcs import home_vpc
from arcadia_adapters.digitalocean.sandbox.secrets import planted

_LOAD_BALANCER_CENTS = 1200
_HEALTH_CHECK: Obj = {
    "protocol": "http",
    "port": 80,
    "path": "/",
    "check_interval_seconds": 10,
    "response_timeout_seconds": 5,
    "unhealthy_threshold": 3,
    "healthy_threshold": 5,
}


def _make_load_balancer(account: Account, body: Obj) -> Obj:
    needs(body, "forwarding_rules")
    region = catalog.region(body.get("region") or "nyc3")
    rule = {"certificate_id": "", "tls_passthrough": False}
    return {
        "id": account.uuid(),
        "name": body.get("name") or f"lb-{account.number()}",
        "project_id": body.get("project_id") or account.default_project_id(),
        "ip": "",
        "size_unit": body.get("size_unit") or 1,
        "algorithm": "round_robin",
        "status": "new",
        "created_at": account.stamp(),
        "forwarding_rules": [{**rule, **asked} for asked in body["forwarding_rules"]],
        "health_check": {**_HEALTH_CHECK, **(body.get("health_check") or {})},
        "sticky_sessions": body.get("sticky_sessions") or {"type": "none"},
        "region": region,
        "tag": body.get("tag") or "",
        "droplet_ids": list(body.get("droplet_ids") or []),
        "redirect_http_to_https": bool(body.get("redirect_http_to_https")),
        "enable_proxy_protocol": bool(body.get("enable_proxy_protocol")),
        "enable_backend_keepalive": bool(body.get("enable_backend_keepalive")),
        "vpc_uuid": body.get("vpc_uuid") or home_vpc(account, region["slug"]),
        "disable_lets_encrypt_dns_records": bool(body.get("disable_lets_encrypt_dns_records")),
        "network": body.get("network") or "EXTERNAL",
        "type": body.get("type") or "REGIONAL",
    }


def _change_load_balancer(account: Account, balancer: Obj, body: Obj) -> None:
    kept = {name: balancer[name] for name in ("id", "ip", "status", "created_at", "project_id")}
    balancer.update({**_make_load_balancer(account, body), **kept})


def _load_balancer_charged(balancer: Obj) -> Charge:
    name = f"{balancer['name']} ({balancer['region']['slug']})"
    return Charge("Load Balancers", name, _LOAD_BALANCER_CENTS * balancer["size_unit"])


LOAD_BALANCER = Kind(
    name="load_balancer",
    path="/v2/load_balancers",
    one="load_balancer",
    many="load_balancers",
    verbs=frozenset({"list", "get", "create", "put", "delete"}),
    created=202,
    urn="loadbalancer",
    make=_make_load_balancer,
    ready=lambda account, balancer: balancer.update(status="active", ip=public_address(account)),
    change=_change_load_balancer,
    charged=_load_balancer_charged,
    example=lambda n: {
        "name": f"made-lb-{n:05}",
        "region": catalog.some_region(n),
        "forwarding_rules": [
            {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 80}
        ],
        "droplet_ids": [],
        "health_check": {**_HEALTH_CHECK, "path": f"/up?token={planted('lb-health', f'{n:05}')}"},
    },
)

KINDS = (LOAD_BALANCER,)
ROUTES = ()
