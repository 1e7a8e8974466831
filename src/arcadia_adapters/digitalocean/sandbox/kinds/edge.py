"""What stands between the world and the things: certificates and CDN endpoints.

Owns their shapes. The private key of a certificate is not kept.
"""

from __future__ import annotations

import hashlib
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Obj, conflict, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Kind

_TTLS = (60, 600, 3600, 86400, 604800)


def _make_certificate(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    custom = "private_key" in body
    needs(body, *(("private_key", "leaf_certificate") if custom else ("dns_names",)))
    id = account.uuid()
    return {
        "id": id,
        "name": body["name"],
        "not_after": "2028-02-22T00:23:00Z",
        "sha1_fingerprint": hashlib.sha256(id.encode()).hexdigest()[:40],
        "created_at": account.stamp(),
        "dns_names": list(body.get("dns_names") or []),
        "state": "verified" if custom else "pending",
        "type": "custom" if custom else "lets_encrypt",
    }


CERTIFICATE = Kind(
    name="certificate",
    path="/v2/certificates",
    one="certificate",
    many="certificates",
    filters={"name": itemgetter("name")},
    make=_make_certificate,
    unique=itemgetter("name"),
    taken=lambda: unprocessable("Certificate name is already in use."),
    ready=lambda account, certificate: certificate.update(state="verified"),
    example=lambda n: {
        "name": f"made-certificate-{n:05}",
        "type": "lets_encrypt",
        "dns_names": [f"www-{n:05}.example.com"],
    },
)


def _make_endpoint(account: Account, body: Obj) -> Obj:
    needs(body, "origin")
    bucket, _, rest = str(body["origin"]).partition(".")
    region, _, host = rest.partition(".")
    endpoint = {
        "id": account.uuid(),
        "origin": body["origin"],
        "endpoint": f"{bucket}.{region}.cdn.{host}",
        "ttl": 3600,
        "created_at": account.stamp(),
    }
    _change_endpoint(account, endpoint, body)
    return endpoint


def _change_endpoint(account: Account, endpoint: Obj, body: Obj) -> None:
    if body.get("ttl", 3600) not in _TTLS:
        raise unprocessable("invalid ttl")
    endpoint.update({name: body[name] for name in ("ttl", "certificate_id", "custom_domain") if name in body})


CDN = Kind(
    name="cdn",
    path="/v2/cdn/endpoints",
    one="endpoint",
    many="endpoints",
    verbs=frozenset({"list", "get", "create", "put", "delete"}),
    make=_make_endpoint,
    unique=itemgetter("origin"),
    taken=lambda: conflict("an endpoint for this origin already exists"),
    change=_change_endpoint,
    example=lambda n: {"origin": f"made-{n:05}.syd1.digitaloceanspaces.com", "ttl": 3600},
)

KINDS = (CERTIFICATE, CDN)
ROUTES = ()
