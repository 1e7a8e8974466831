"""VPCs: private networks.

Owns the shape of a VPC and who is in it. One with members cannot go; a region's default VPC is made when it
is first needed.
"""

from __future__ import annotations

import re

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Request,
    forbidden,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_adapters.digitalocean.sandbox.secrets import planted

_NAME = re.compile(r"[a-zA-Z0-9\-.]+", re.ASCII)


def _make_vpc(account: Account, body: Obj) -> Obj:
    needs(body, "name", "region")
    if not _NAME.fullmatch(str(body["name"])):
        raise unprocessable("Name may only contain a-z, A-Z, 0-9, . and -")
    id, n = account.uuid(), account.number()
    return {
        "id": id,
        "urn": f"do:vpc:{id}",
        "name": body["name"],
        "description": body.get("description") or "",
        "region": catalog.region(body["region"])["slug"],
        "ip_range": body.get("ip_range") or f"10.{n // 256 % 256}.{n % 256}.0/24",
        "default": False,
        "created_at": account.stamp(),
    }


def _change_vpc(account: Account, vpc: Obj, body: Obj) -> None:
    vpc.update({name: body[name] for name in ("name", "description", "default") if name in body})


def _vpc_hinders(account: Account, vpc: Obj) -> None:
    if vpc["default"]:
        raise forbidden("Can not delete default VPCs")
    if _members(account, vpc):
        raise forbidden("Can not delete VPC with members")


VPC = Kind(
    name="vpc",
    path="/v2/vpcs",
    one="vpc",
    many="vpcs",
    verbs=frozenset({"list", "get", "create", "put", "patch", "delete"}),
    make=_make_vpc,
    unique=lambda vpc: vpc["name"],
    taken=lambda: unprocessable("This name is already in use."),
    change=_change_vpc,
    hinders=_vpc_hinders,
    example=lambda n: {
        "name": f"made-vpc-{n:05}",
        "region": catalog.some_region(n),
        "description": f"made; its key is {planted('vpc-description', f'{n:05}')}",
    },
)


def home_vpc(account: Account, region: str) -> str:
    """The id of the region's default VPC, which is made if there is none."""
    if region not in account.default_vpcs:
        vpc = {**VPC.make(account, {"name": f"default-{region}", "region": region}), "default": True}
        account.add(VPC, vpc)
        account.default_vpcs[region] = vpc["id"]
    return account.default_vpcs[region]


def _members(account: Account, vpc: Obj) -> list[Obj]:
    members = []
    for kind in account.kinds.values():
        if kind.urn:
            for obj in account.all(kind.name).values():
                if vpc["id"] in (obj.get("vpc_uuid"), obj.get("private_network_uuid")):
                    urn = kind.urn_of(obj)
                    members.append({"urn": urn, "name": obj["name"], "created_at": obj["created_at"]})
    return members


def _list_members(account: Account, request: Request) -> Answer:
    return Answer(200, page(request, "members", _members(account, account.get(VPC, request.ids["id"]))))


KINDS = (VPC,)
ROUTES = (Route("GET", "/v2/vpcs/{id}/members", _list_members),)
