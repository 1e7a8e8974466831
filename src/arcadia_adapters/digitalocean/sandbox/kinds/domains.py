"""Domains and their DNS records.

Owns their shapes. A new domain has its three NS records, and an A record where an address was given.
"""

from __future__ import annotations

from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Obj, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import PARENT, Kind

_TYPES = frozenset({"A", "AAAA", "CAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"})
_TTL = 1800


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    return {
        "name": body["name"],
        "ttl": _TTL,
        "zone_file": f"$ORIGIN {body['name']}.\n$TTL {_TTL}\n",
        "ip_address": body.get("ip_address"),  # becomes a record when it is added
    }


def _added(account: Account, domain: Obj) -> None:
    address = domain.pop("ip_address")
    records = [{"type": "NS", "data": f"ns{n}.digitalocean.com"} for n in (1, 2, 3)]
    if address:
        records.append({"type": "A", "data": address})
    for record in records:
        account.add(RECORD, _make_record(account, {"name": "@", **record}), domain["name"])


DOMAIN = Kind(
    name="domain",
    path="/v2/domains",
    one="domain",
    many="domains",
    key="name",
    urn="domain",
    make=_make,
    unique=itemgetter("name"),
    taken=lambda: unprocessable("domain: name already exists"),
    added=_added,
    gone=lambda account, domain: account.all("domain_record", domain["name"]).clear(),
    example=lambda n: {"name": f"made-{n:05}.example.com"},
)


def _make_record(account: Account, body: Obj) -> Obj:
    needs(body, "type", "data")
    if body["type"] not in _TYPES:
        raise unprocessable("Type is not valid")
    return {
        "id": account.number(),
        "type": body["type"],
        "name": body.get("name") or "@",
        "data": body["data"],
        "priority": body.get("priority"),
        "port": body.get("port"),
        "ttl": body.get("ttl") or _TTL,
        "weight": body.get("weight"),
        "flags": body.get("flags"),
        "tag": body.get("tag"),
    }


def _change_record(account: Account, record: Obj, body: Obj) -> None:
    record.update({name: body[name] for name in record.keys() & body.keys() - {"id"}})


RECORD = Kind(
    name="domain_record",
    path=f"/v2/domains/{{{PARENT}}}/records",
    one="domain_record",
    many="domain_records",
    parent="domain",
    verbs=frozenset({"list", "get", "create", "put", "patch", "delete"}),
    filters={"type": itemgetter("type"), "name": itemgetter("name")},
    make=_make_record,
    change=_change_record,
    example=lambda n: {"type": "A", "name": f"host-{n:05}", "data": f"192.0.2.{n % 256}", "ttl": 300},
)

KINDS = (DOMAIN, RECORD)
ROUTES = ()
