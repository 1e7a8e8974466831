"""What a line of the provider's invoices is earned back by: the usage kinds that meter it (SPEC 7, 10).

Owns which of a product's usage kinds a resource's line is for; the products are provider_products'.
What a product's lines are about is descriptions', what a resource counts for meters'; whether a plan names
the kind is billing's (earning).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from arcadia_domain.cloud.descriptions import kinds_of_id
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import rates, usage_kinds
from arcadia_domain.cloud.provider_products import PRODUCTS
from arcadia_domain.pricing.kinds import base_of

EARNED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: product.earned_by for name, product in PRODUCTS.items() if product.earned_by}
)
"""Usage kinds without their sizes. A product that is not here is metered by nothing: nothing earns it."""


def earned_by(product: str, resource: CloudResource | None) -> tuple[str, ...]:
    """The usage kinds, without their sizes, that the line charges for: any of them earns it.

    Without a resource, the product's. With one, those of the product's that the resource counts for as it is;
    where that is none of them (a reserved IP that is in use again), that its kind is metered as; where the
    product has none of these either (a snapshot among the images), all that its kind is metered as.
    """
    of_product = EARNED_BY.get(product, ())
    if resource is None or resource.kind not in kinds_of_id(product):
        return of_product
    if _is_paid_by_its_pool(resource):
        return _NODES
    metered = usage_kinds(resource.kind)
    counted = {base_of(kind) for kind in rates(resource.kind, resource.size_slug, resource.attrs)}
    for kinds in (counted, metered):
        if found := tuple(kind for kind in of_product if kind in kinds):
            return found
    return metered


_NODES = ("kubernetes_node_hours",)


def _is_paid_by_its_pool(resource: CloudResource) -> bool:
    """A worker is metered in its pool, never as a droplet. A cluster that is not highly available has a
    control plane that costs nothing: what is charged for such a cluster is its nodes.
    """
    if resource.kind == "kubernetes_cluster":
        return resource.attrs.get("ha") is not True
    return resource.kind == "droplet" and bool(resource.attrs.get("kubernetes_worker"))
