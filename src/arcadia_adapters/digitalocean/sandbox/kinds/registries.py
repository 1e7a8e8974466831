"""Container registries. /v2/registry is the account's only one; with several, only /v2/registries works.

Owns the shape of a registry and its subscription.
"""

from __future__ import annotations

from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Refused,
    Request,
    conflict,
    needs,
    not_found,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.resources import create, delete
from arcadia_adapters.digitalocean.sandbox.router import Route

_MIB = 1024**2
# slug: name, repositories, MiB of storage and of bandwidth, cents a month
_TIERS = {
    "starter": ("Starter", 1, 512, 0),
    "basic": ("Basic", 5, 5120, 500),
    "professional": ("Professional", 0, 102400, 2000),
}


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    return {
        "name": body["name"],
        "created_at": account.stamp(),
        "region": body.get("region") or "syd1",
        "storage_usage_bytes": 29 * _MIB,
        "storage_usage_bytes_updated_at": account.stamp(),
        "subscription": _subscription(account, body.get("subscription_tier_slug") or "basic"),
    }


def _subscription(account: Account, slug: str) -> Obj:
    if slug not in _TIERS:
        raise unprocessable("invalid subscription tier")
    name, repositories, mebibytes, cents = _TIERS[slug]
    tier = {
        "name": name,
        "slug": slug,
        "included_repositories": repositories,
        "included_storage_bytes": mebibytes * _MIB,
        "allow_storage_overage": slug != "starter",
        "included_bandwidth_bytes": mebibytes * _MIB,
        "monthly_price_in_cents": cents,
        "storage_overage_price_in_cents": 2,
    }
    return {"tier": tier, "created_at": account.stamp(), "updated_at": account.stamp()}


def _charged(registry: Obj) -> Charge | None:
    tier = registry["subscription"]["tier"]
    cents = tier["monthly_price_in_cents"]
    return Charge("Container Registry", tier["name"], cents) if cents else None


REGISTRY = Kind(
    name="registry",
    path="/v2/registries",
    one="registry",
    many="registries",
    key="name",
    verbs=frozenset({"list", "delete"}),
    paged=False,
    make=_make,
    unique=itemgetter("name"),
    taken=lambda: conflict("registry name already exists"),
    charged=_charged,
    example=lambda n: {"name": f"made-{n:05}", "subscription_tier_slug": "basic", "region": "syd1"},
)


def _alone(registry: Obj) -> Obj:
    """A registry as /v2/registries shows it when it is one: without the subscription that the list has."""
    return {name: value for name, value in registry.items() if name != "subscription"}


def _get(account: Account, request: Request) -> Answer:
    return Answer(200, {REGISTRY.one: _alone(account.get(REGISTRY, request.ids["id"]))})


def _create(account: Account, request: Request) -> Answer:
    return Answer(201, {REGISTRY.one: _alone(create(account, REGISTRY, request.json()))})


def _only(account: Account) -> Obj:
    registries = account.seen(REGISTRY)
    if len(registries) > 1:
        raise Refused(
            412,
            "precondition_failed",
            "This API is not supported if you have created multiple registries. "
            "Please use '/v2/registries/{registry_name}' instead.",
        )
    if not registries:
        raise not_found()
    return registries[0]


def _get_only(account: Account, request: Request) -> Answer:
    return Answer(200, {REGISTRY.one: _only(account)})


def _create_only(account: Account, request: Request) -> Answer:
    return Answer(201, {REGISTRY.one: create(account, REGISTRY, request.json())})


def _delete_only(account: Account, request: Request) -> Answer:
    delete(account, REGISTRY, _only(account)["name"])
    return Answer(204)


def _get_subscription(account: Account, request: Request) -> Answer:
    for registry in account.seen(REGISTRY):
        return Answer(200, {"subscription": registry["subscription"]})
    return Answer(200, {"subscription": _subscription(account, "starter")})


KINDS = (REGISTRY,)
ROUTES = (
    Route("POST", REGISTRY.path, _create),
    Route("GET", REGISTRY.path + "/{id}", _get),
    Route("GET", "/v2/registry", _get_only),
    Route("POST", "/v2/registry", _create_only),
    Route("DELETE", "/v2/registry", _delete_only),
    Route("GET", "/v2/registry/subscription", _get_subscription),
    Route("GET", "/v2/registries/subscription", _get_subscription),
)
