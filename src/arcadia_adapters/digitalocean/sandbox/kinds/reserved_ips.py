"""Reserved IPs: addresses that can move from droplet to droplet. IPv4 is charged for while it is on none.

Owns the shape of a reserved IP of either version, its creation and its actions, assign and unassign.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.actions import ACTION, actions_of, link, refuse_if_busy, start
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.addresses import public_address
from arcadia_adapters.digitalocean.sandbox.router import Route

_UNUSED_CENTS = 500


def _make(account: Account, body: Obj) -> Obj:
    if body.get("droplet_id"):
        region = account.get("droplet", body["droplet_id"])["region"]
    else:
        needs(body, "region")
        region = catalog.region(body["region"])
    return {
        "ip": public_address(account),
        "droplet": None,  # the id; answers show the droplet
        "region": region,
        "locked": False,
        "project_id": body.get("project_id") or account.default_project_id(),
    }


def _shown(account: Account, reserved: Obj) -> Obj:
    droplet = account.all("droplet").get(str(reserved["droplet"])) if reserved["droplet"] else None
    return {**reserved, "droplet": droplet}


def _charged(reserved: Obj) -> Charge | None:
    if reserved["droplet"]:
        return None
    return Charge("Floating IPs", f"Unused Floating IP - {reserved['ip']}", _UNUSED_CENTS)


RESERVED_IP = Kind(
    name="reserved_ip",
    path="/v2/reserved_ips",
    one="reserved_ip",
    many="reserved_ips",
    key="ip",
    verbs=frozenset({"list", "get", "delete"}),
    urn="floatingip",
    make=_make,
    hinders=lambda account, reserved: refuse_if_busy(account, ("reserved_ip", reserved["ip"])),
    shown=_shown,
    charged=_charged,
    example=lambda n: {"region": catalog.some_region(n)},
)


def _make_ipv6(account: Account, body: Obj) -> Obj:
    needs(body, "region_slug")
    n = account.number()
    return {
        "ip": f"2001:db8:1::{n >> 16:x}:{n & 0xFFFF:x}",
        "region_slug": catalog.region(body["region_slug"])["slug"],
        "reserved_at": account.stamp(),
        "droplet": None,  # the id; answers show the droplet
    }


RESERVED_IPV6 = Kind(
    name="reserved_ipv6",
    path="/v2/reserved_ipv6",
    one="reserved_ipv6",
    many="reserved_ipv6s",
    key="ip",
    verbs=frozenset({"list", "get", "delete"}),
    make=_make_ipv6,
    hinders=lambda account, reserved: refuse_if_busy(account, ("reserved_ipv6", reserved["ip"])),
    shown=_shown,
    example=lambda n: {"region_slug": catalog.some_region(n)},
)


def _create(account: Account, request: Request) -> Answer:
    body = request.json()
    reserved, links = _make(account, body), {}
    if body.get("droplet_id"):
        droplet = account.get("droplet", body["droplet_id"])
        _refuse_second(account, RESERVED_IP, droplet)
        account.add(RESERVED_IP, reserved, project_id=reserved["project_id"])
        action = _move(account, reserved, droplet)
        to = {"id": droplet["id"], "rel": "droplet", "href": f"{request.base}/v2/droplets/{droplet['id']}"}
        links = {"droplets": [to], "actions": [link(request, action, "assign_ip")]}
    else:
        account.add(RESERVED_IP, reserved, project_id=reserved["project_id"])
    return Answer(202, {RESERVED_IP.one: _shown(account, reserved), "links": links})


def _create_ipv6(account: Account, request: Request) -> Answer:
    reserved = _make_ipv6(account, request.json())
    account.add(RESERVED_IPV6, reserved)
    told = {name: value for name, value in reserved.items() if name != "droplet"}
    return Answer(201, {RESERVED_IPV6.one: told})


def _act(account: Account, request: Request) -> Answer:
    reserved, body = account.get(RESERVED_IP, request.ids["id"]), request.json()
    action = _move(account, reserved, _destination(account, RESERVED_IP, reserved, body))
    return Answer(201, {ACTION.one: {**action, "project_id": reserved["project_id"]}})


def _act_on_ipv6(account: Account, request: Request) -> Answer:
    reserved, body = account.get(RESERVED_IPV6, request.ids["id"]), request.json()
    droplet = _destination(account, RESERVED_IPV6, reserved, body)
    action = start(
        account,
        (RESERVED_IPV6.name, reserved["ip"]),
        "assign_ip" if droplet else "unassign_ip",
        lambda: _put(account, reserved, droplet),
        resource_type="reserved_ipv6",
        resource_id=account.number(),
        region=catalog.region(reserved["region_slug"]),
    )
    return Answer(201, {ACTION.one: action})


def _destination(account: Account, kind: Kind, reserved: Obj, body: Obj) -> Obj | None:
    """The droplet that the address shall be on, or None for none. Raises Refused."""
    if body.get("type") == "assign":
        needs(body, "droplet_id")
        droplet = account.get("droplet", body["droplet_id"])
        _refuse_second(account, kind, droplet)
        return droplet
    if body.get("type") != "unassign":
        raise unprocessable("You specified an invalid action type.")
    if not reserved["droplet"]:
        raise unprocessable("The reserved IP is not assigned.")
    return None


def _refuse_second(account: Account, kind: Kind, droplet: Obj) -> None:
    if any(other["droplet"] == droplet["id"] for other in account.all(kind.name).values()):
        raise unprocessable("The Droplet already has a reserved IP.")


def _move(account: Account, reserved: Obj, droplet: Obj | None) -> Obj:
    def effect() -> None:
        with account.changing(RESERVED_IP, reserved):
            _put(account, reserved, droplet)

    return start(
        account,
        (RESERVED_IP.name, reserved["ip"]),
        "assign_ip" if droplet else "unassign_ip",
        effect,
        resource_type="reserved_ip",
        resource_id=int(IPv4Address(reserved["ip"])),
        region=reserved["region"],
        locks=reserved,
    )


def _put(account: Account, reserved: Obj, droplet: Obj | None) -> None:
    """The address is on the droplet, if that is still there."""
    is_there = droplet is not None and str(droplet["id"]) in account.all("droplet")
    reserved["droplet"] = droplet["id"] if droplet and is_there else None


KINDS = (RESERVED_IP, RESERVED_IPV6)
ROUTES = (
    Route("POST", RESERVED_IP.path, _create),
    Route("POST", RESERVED_IP.path + "/{id}/actions", _act),
    Route("POST", RESERVED_IPV6.path, _create_ipv6),
    Route("POST", RESERVED_IPV6.path + "/{id}/actions", _act_on_ipv6),
    *actions_of(RESERVED_IP),
)
