"""The products of the provider's invoices, a row each: what of it is known to every part (SPEC 7, 10).

Owns the table, and nothing that follows from it: what a line's words say is descriptions', what earns it
products', what it is in FOCUS focus_words'. One that is not here is about no kind, and nothing earns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Service = tuple[str, str]
"""ServiceCategory and ServiceSubcategory of FOCUS 1.2, both of its closed lists."""

OTHER_SERVICE: Service = ("Other", "Other (Other)")

_BACKUPS: Service = ("Storage", "Backups")
_CONTAINERS: Service = ("Compute", "Containers")
_NETWORK: Service = ("Networking", "Other (Networking)")
_OBJECTS: Service = ("Storage", "Object Storage")
_SERVERLESS: Service = ("Compute", "Serverless Compute")
_TRAFFIC: Service = ("Networking", "Data Transfer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product. `kind` is the kind of the inventory that its lines are about, None: of none; an id on them
    may be of a kind in `ids_also` too. `earned_by` are usage kinds without their sizes. `sized`: it is priced
    by the size that ends its descriptions, in brackets. `account_wide`: it is of the account as a whole.
    """

    name: str
    service: Service
    kind: str | None = None
    ids_also: tuple[str, ...] = ()
    earned_by: tuple[str, ...] = ()
    sized: bool = False
    account_wide: bool = False


_ROWS = (
    Product(name="App Platform", kind="app", earned_by=("app_hours",), service=_SERVERLESS),
    # Backups are about their droplet.
    Product(name="Backups", kind="droplet", earned_by=("backup_hours",), service=_BACKUPS, sized=True),
    Product(name="Bandwidth", earned_by=("bandwidth_gb",), service=_TRAFFIC),
    Product(name="Bandwidth Overage", earned_by=("bandwidth_gb",), service=_TRAFFIC),
    Product(
        name="Container Registry",
        kind="registry",
        earned_by=("registry_hours", "registry_gb_month"),
        service=_CONTAINERS,
    ),
    Product(
        name="Custom Images",
        kind="image",
        ids_also=("snapshot",),
        earned_by=("image_gb_month",),
        service=_BACKUPS,
    ),
    Product(
        name="Database Clusters",
        kind="database",
        earned_by=("database_hours", "database_gb_month"),
        service=("Databases", "Other (Databases)"),
        sized=True,
    ),
    Product(
        name="Droplets",
        kind="droplet",
        earned_by=("droplet_hours",),
        service=("Compute", "Virtual Machines"),
        sized=True,
    ),
    Product(name="Floating IPs", kind="reserved_ip", earned_by=("reserved_ip_hours",), service=_NETWORK),
    # Calls of functions are metered by nothing: they are in no listing.
    Product(name="Functions", kind="functions_namespace", service=_SERVERLESS),
    Product(
        name="Images",
        kind="image",
        ids_also=("snapshot",),
        earned_by=("image_gb_month",),
        service=_BACKUPS,
    ),
    Product(
        name="Kubernetes Clusters",
        kind="kubernetes_cluster",
        ids_also=("kubernetes_node_pool",),
        earned_by=("kubernetes_node_hours", "kubernetes_ha_hours"),
        service=_CONTAINERS,
    ),
    Product(
        name="Load Balancers",
        kind="load_balancer",
        earned_by=("load_balancer_hours",),
        service=("Networking", "Load Balancing"),
    ),
    Product(name="Reserved IPs", kind="reserved_ip", earned_by=("reserved_ip_hours",), service=_NETWORK),
    Product(
        name="Snapshots",
        kind="snapshot",
        ids_also=("image",),
        earned_by=("snapshot_gb_month",),
        service=_BACKUPS,
    ),
    Product(name="Spaces", kind="space", earned_by=("spaces_gb_month",), service=_OBJECTS),
    Product(
        name="Spaces Subscription",
        kind="space",
        earned_by=("spaces_gb_month",),
        service=_OBJECTS,
        account_wide=True,
    ),
    Product(name="Volumes", kind="volume", earned_by=("volume_gb_month",), service=("Storage", "Disk")),
)

PRODUCTS: Mapping[str, Product] = MappingProxyType({product.name: product for product in _ROWS})
"""Every product that we know, by its name on the invoice."""
