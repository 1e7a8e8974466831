"""What each product of the provider's invoices is earned back by: the usage kinds that meter it (SPEC 7, 10).

Owns the one table from products to usage kinds. What a product's lines are about is descriptions', what a
resource counts for meters'; whether a plan names the kind is billing's (earning).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from arcadia_domain.cloud.inventory import CloudResource

EARNED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "App Platform": ("app_hours",),
        "Backups": ("backup_hours",),
        "Bandwidth": ("bandwidth_gb",),
        "Bandwidth Overage": ("bandwidth_gb",),
        "Container Registry": ("registry_hours", "registry_gb_month"),
        "Custom Images": ("image_gb_month",),
        "Database Clusters": ("database_hours", "database_gb_month"),
        "Droplets": ("droplet_hours",),
        "Floating IPs": ("reserved_ip_hours",),
        "Images": ("image_gb_month",),
        "Kubernetes Clusters": ("kubernetes_node_hours", "kubernetes_ha_hours"),
        "Load Balancers": ("load_balancer_hours",),
        "Reserved IPs": ("reserved_ip_hours",),
        "Snapshots": ("snapshot_gb_month",),
        "Spaces": ("spaces_gb_month",),
        "Spaces Subscription": ("spaces_gb_month",),
        "Volumes": ("volume_gb_month",),
    }
)
"""Usage kinds without their sizes. A product that is not here is metered by nothing: nothing earns it."""


def earned_by(product: str, resource: CloudResource | None) -> tuple[str, ...]:
    """The usage kinds, without their sizes, any of which earns a line of that product for that resource."""
    if resource is not None and resource.kind == "droplet" and resource.attrs.get("kubernetes_worker"):
        return ("kubernetes_node_hours",)  # its pool is metered, never the droplet
    return EARNED_BY.get(product, ())
