"""The table from the provider's products to the usage kinds that earn them."""

from __future__ import annotations

import pytest

from arcadia_domain.cloud.descriptions import KIND_OF_PRODUCT, kinds_of_id
from arcadia_domain.cloud.meters import METERED_AS
from arcadia_domain.cloud.products import EARNED_BY, earned_by
from arcadia_domain.pricing.kinds import KINDS
from tests.unit.domain.cloud.resources import resource


def test_every_product_that_is_about_a_kind_of_the_inventory_says_what_earns_it() -> None:
    assert KIND_OF_PRODUCT.keys() <= EARNED_BY.keys()


@pytest.mark.parametrize("product", EARNED_BY)
def test_what_earns_a_product_is_metered_of_what_the_product_is_about_or_pushed(product: str) -> None:
    metered = {kind for about in kinds_of_id(product) for kind in METERED_AS[about]}
    assert EARNED_BY[product]
    assert set(EARNED_BY[product]) <= KINDS.keys()
    assert set(EARNED_BY[product]) <= (metered or {"bandwidth_gb", "image_gb_month"})


def test_a_product_that_nobody_knows_is_earned_by_nothing() -> None:
    assert earned_by("Support", None) == earned_by("Droplets ", None) == ()


def test_a_droplet_of_a_kubernetes_cluster_is_earned_by_its_pool() -> None:
    assert earned_by("Droplets", resource()) == ("droplet_hours",)
    assert earned_by("Droplets", resource(attrs={"kubernetes_worker": True})) == ("kubernetes_node_hours",)
    assert earned_by("Snapshots", resource(kind="snapshot")) == ("snapshot_gb_month",)
