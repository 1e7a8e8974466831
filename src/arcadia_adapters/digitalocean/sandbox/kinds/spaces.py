"""Spaces: the keys, which the API has, and the buckets, which only S3 has (ListBuckets, at the root path).

Owns both shapes. A key's secret is in the answer to its creation and nowhere else. Of an S3 request only the
access key and the region are looked at; its signature is not checked.
"""

from __future__ import annotations

import re
from operator import itemgetter
from xml.sax.saxutils import escape

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_adapters.digitalocean.sandbox.secrets import planted

_PERMISSIONS = frozenset({"read", "readwrite", "fullaccess"})
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/s3/aws4_request")


def _make_key(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    n = account.number()
    key = {"name": body["name"], "grants": [], "access_key": f"DO00{n:016X}", "created_at": account.stamp()}
    _change_key(account, key, body)
    return key


def _change_key(account: Account, key: Obj, body: Obj) -> None:
    grants = body.get("grants") or []
    if any(grant.get("permission") not in _PERMISSIONS for grant in grants):
        raise unprocessable("invalid permission")
    key.update(name=body.get("name") or key["name"], grants=grants)


SPACES_KEY = Kind(
    name="spaces_key",
    path="/v2/spaces/keys",
    one="key",
    many="keys",
    key="access_key",
    verbs=frozenset({"list", "put", "patch", "delete"}),
    filters={
        "name": itemgetter("name"),
        "bucket": lambda key: [grant["bucket"] for grant in key["grants"]],
        "permission": lambda key: [grant["permission"] for grant in key["grants"]],
    },
    make=_make_key,
    change=_change_key,
    example=lambda n: {
        "name": f"made-key-{n:05}",
        "grants": [{"bucket": f"made-{n:05}", "permission": "readwrite"}],
    },
)


def _create(account: Account, request: Request) -> Answer:
    key = _make_key(account, request.json())
    account.add(SPACES_KEY, key)
    secret = planted("spaces-secret-key", key["access_key"])
    return Answer(201, {SPACES_KEY.one: {**key, "secret_key": secret}})


def _get(account: Account, request: Request) -> Answer:
    """By the document's schema under `keys`, by its example under `key`: both."""
    key = account.get(SPACES_KEY, request.ids["id"])
    return Answer(200, {"key": key, "keys": [key]})


# -- buckets


def _make_bucket(account: Account, body: Obj) -> Obj:
    return {"name": body["name"], "region": body["region"], "created_at": account.stamp()}


SPACE = Kind(
    name="space",
    path="/",
    one="space",
    many="spaces",
    key="name",
    verbs=frozenset(),
    urn="space",
    make=_make_bucket,
    example=lambda n: {"name": f"made-space-{n:05}", "region": catalog.some_region(n)},
)


def _list_buckets(account: Account, request: Request) -> Answer:
    signed = _CREDENTIAL.match(request.headers.get("authorization", ""))
    if signed is None or signed[1] not in account.all("spaces_key"):
        body = "<Error><Code>InvalidAccessKeyId</Code></Error>"
        return Answer(403, body.encode(), content_type="application/xml")
    buckets = "".join(
        f"<Bucket><Name>{escape(bucket['name'])}</Name>"
        f"<CreationDate>{bucket['created_at']}</CreationDate></Bucket>"
        for bucket in account.seen(SPACE)
        if bucket["region"] == signed[2]
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Owner><ID>{account.record['uuid']}</ID></Owner><Buckets>{buckets}</Buckets>"
        "</ListAllMyBucketsResult>"
    )
    return Answer(200, text.encode(), content_type="application/xml")


KINDS = (SPACES_KEY, SPACE)
ROUTES = (
    Route("POST", SPACES_KEY.path, _create),
    Route("GET", SPACES_KEY.path + "/{id}", _get),
    Route("GET", "/", _list_buckets),
)
