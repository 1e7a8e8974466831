"""Every kind of thing the sandbox has. To learn how one is made, open its file; add one by adding it here.

Owns the two lists: the kinds by name, and the routes of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from arcadia_adapters.digitalocean.sandbox.actions import ACTION
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.kinds import (
    apps,
    databases,
    domains,
    droplet_actions,
    droplets,
    edge,
    firewalls,
    functions,
    images,
    kubernetes,
    load_balancers,
    projects,
    registries,
    reserved_ips,
    snapshots,
    spaces,
    tags,
    volumes,
    vpcs,
)
from arcadia_adapters.digitalocean.sandbox.resources import routes_of
from arcadia_adapters.digitalocean.sandbox.router import Route

_MODULES = (
    projects,
    vpcs,
    tags,
    droplets,
    droplet_actions,
    volumes,
    images,
    snapshots,
    firewalls,
    load_balancers,
    databases,
    domains,
    reserved_ips,
    edge,
    kubernetes,
    apps,
    registries,
    functions,
    spaces,
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (ACTION, *(kind for module in _MODULES for kind in module.KINDS))
}
"""The kinds by name. Those of the inventory are named as in SPEC 18."""


def routes() -> Iterator[Route]:
    """The routes of all kinds."""
    for kind in KINDS.values():
        yield from routes_of(kind)
    for module in _MODULES:
        yield from module.ROUTES
