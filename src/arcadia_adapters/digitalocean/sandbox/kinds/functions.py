"""Namespaces of functions: not in pages; each shows its key, which is a secret.

Owns the shape of a namespace.
"""

from __future__ import annotations

from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Obj, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.secrets import planted


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "region", "label")
    id = account.uuid()
    return {
        "api_host": f"https://faas-{body['region']}-0001.functions.example.com",
        "namespace": f"fn-{id}",
        "created_at": account.stamp(),
        "updated_at": account.stamp(),
        "label": body["label"],
        "region": body["region"],
        "uuid": id,
        "key": planted("functions-key", id),
    }


FUNCTIONS_NAMESPACE = Kind(
    name="functions_namespace",
    path="/v2/functions/namespaces",
    one="namespace",
    many="namespaces",
    key="namespace",
    paged=False,
    created=200,
    make=_make,
    unique=itemgetter("label"),
    taken=lambda: unprocessable("a namespace with this label already exists"),
    example=lambda n: {"region": "syd1", "label": f"made-namespace-{n:05}"},
)

KINDS = (FUNCTIONS_NAMESPACE,)
ROUTES = ()
