"""The table from the provider's products to the usage kinds that earn them."""

from __future__ import annotations

import pytest

from arcadia_domain.cloud.descriptions import kind_of, kinds_of_id
from arcadia_domain.cloud.focus_words import service_of
from arcadia_domain.cloud.meters import METERED_AS
from arcadia_domain.cloud.products import EARNED_BY, earned_by
from arcadia_domain.cloud.provider_products import OTHER_SERVICE, PRODUCTS
from arcadia_domain.pricing.kinds import KINDS
from tests.unit.domain.cloud.resources import resource


def test_a_row_has_every_fact_of_its_product() -> None:
    for name, product in PRODUCTS.items():
        assert product.name == name
        assert product.service != OTHER_SERVICE
        assert product.kind is not None or not product.ids_also


def test_every_product_that_is_about_a_kind_that_is_metered_says_what_earns_it() -> None:
    metered = {name for name in PRODUCTS if kind_of(name) in METERED_AS}
    assert metered <= EARNED_BY.keys()


@pytest.mark.parametrize(
    ("product", "kind", "earned", "category"),
    [
        ("Custom Images", "image", ("image_gb_month",), "Storage"),
        ("Bandwidth", None, ("bandwidth_gb",), "Networking"),
        ("Functions", "functions_namespace", (), "Compute"),
    ],
)
def test_what_one_part_knows_of_a_product_all_know(
    product: str, kind: str | None, earned: tuple[str, ...], category: str
) -> None:
    assert (kind_of(product), EARNED_BY.get(product, ()), service_of(product)[0]) == (kind, earned, category)


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
