"""Firewalls: rules for droplets, by id and by tag.

Owns the shape of a firewall, and adding to and taking from its droplets, tags and rules.
"""

from __future__ import annotations

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Refused,
    Request,
    conflict,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.router import Route

_RULES = ("inbound_rules", "outbound_rules")


def _make_firewall(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    if not any(body.get(rules) for rules in _RULES):
        raise unprocessable("At least one inbound or outbound rule is required.")
    droplet_ids = list(body.get("droplet_ids") or [])
    return {
        "id": account.uuid(),
        "name": body["name"],
        "status": "waiting",
        "inbound_rules": list(body.get("inbound_rules") or []),
        "outbound_rules": list(body.get("outbound_rules") or []),
        "created_at": account.stamp(),
        "droplet_ids": droplet_ids,
        "tags": list(body.get("tags") or []),
        "pending_changes": [{"droplet_id": id, "removing": False, "status": "waiting"} for id in droplet_ids],
    }


def _change_firewall(account: Account, firewall: Obj, body: Obj) -> None:
    kept = {"id": firewall["id"], "created_at": firewall["created_at"], "status": "succeeded"}
    firewall.update({**_make_firewall(account, body), **kept, "pending_changes": []})


FIREWALL = Kind(
    name="firewall",
    path="/v2/firewalls",
    one="firewall",
    many="firewalls",
    verbs=frozenset({"list", "get", "create", "put", "delete"}),
    created=202,
    make=_make_firewall,
    unique=lambda firewall: firewall["name"],
    taken=lambda: conflict("duplicate name"),
    ready=lambda account, firewall: firewall.update(status="succeeded", pending_changes=[]),
    change=_change_firewall,
    example=lambda n: {
        "name": f"made-firewall-{n:05}",
        "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["192.0.2.0/24"]}}],
        "outbound_rules": [{"protocol": "tcp", "ports": "all", "destinations": {"addresses": ["0.0.0.0/0"]}}],
    },
)


def _firewall_part(verb: str, part: str, fields: tuple[str, ...]) -> Route:
    """Adding to, or taking from, a firewall's droplets, tags or rules."""

    def answer(account: Account, request: Request) -> Answer:
        firewall, body = account.get(FIREWALL, request.ids["id"]), request.json()
        if not any(body.get(name) for name in fields):
            raise Refused(400, "bad_request", f"{part} must not be empty")
        for name in fields:
            for item in body.get(name) or []:
                if verb == "POST" and item not in firewall[name]:
                    firewall[name].append(item)
                if verb == "DELETE" and item in firewall[name]:
                    firewall[name].remove(item)
        return Answer(204)

    return Route(verb, f"{FIREWALL.path}/{{id}}/{part}", answer)


KINDS = (FIREWALL,)
ROUTES = tuple(
    _firewall_part(verb, part, fields)
    for verb in ("POST", "DELETE")
    for part, fields in (("droplets", ("droplet_ids",)), ("tags", ("tags",)), ("rules", _RULES))
)
