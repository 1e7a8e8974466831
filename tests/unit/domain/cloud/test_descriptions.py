"""What a line is about: its kind by its product, its resource's name by its words, or neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.sandbox.billing import history
from arcadia_domain.cloud.descriptions import Sort, kind_of, kinds_of_id, resource_name, sort_of
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.provider_products import PRODUCTS
from tests.unit.domain.cloud.resources import line

HASH = "a56e086a317d8410c8b4cfd1f4dc9f82"


@pytest.mark.parametrize(
    ("product", "description", "kind", "name"),
    [
        ("Droplets", "web-1 (s-1vcpu-1gb)", "droplet", "web-1"),
        ("Droplets", "eth.example.com (s-4vcpu-8gb)", "droplet", "eth.example.com"),
        ("Droplets", "web (old) (s-1vcpu-1gb)", "droplet", "web (old)"),
        ("Droplets", "shop (old, do not touch) (2gb)", "droplet", "shop (old, do not touch)"),
        ("Droplets", "www (512mb)", "droplet", "www"),
        ("Droplets", "gpu (gpu-h100x8-640gb)", "droplet", "gpu"),
        ("Droplets", "big (so1_5-2vcpu-16gb)", "droplet", "big"),
        ("Backups", "web-1 (s-1vcpu-1gb)", "droplet", "web-1"),
        ("Volumes", "volume-sfo2-01 (sfo2) 100GB", "volume", "volume-sfo2-01"),
        ("Snapshots", "base-image (2.36 GB)", "snapshot", "base-image"),
        ("Snapshots", "shop-before-move (8.11 GB)", "snapshot", "shop-before-move"),
        ("Images", "my own (0.51 GB)", "image", "my own"),
        ("Load Balancers", "lb-nyc1-01 (nyc1)", "load_balancer", "lb-nyc1-01"),
        ("Database Clusters", "db-postgresql-syd1-01 (db-s-1vcpu-1gb)", "database", "db-postgresql-syd1-01"),
        ("Floating IPs", "Unused Floating IP - 198.51.100.7", "reserved_ip", "198.51.100.7"),
        ("Reserved IPs", "Unused Reserved IP - 198.51.100.31", "reserved_ip", "198.51.100.31"),
        ("App Platform", "marketing-site", "app", "marketing-site"),
    ],
)
def test_a_name_is_read_from_every_form_that_is_certain(
    product: str, description: str, kind: str, name: str
) -> None:
    found = line(description, product=product)
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize(
    ("product", "description"),
    [
        ("Droplets", "web-1"),
        ("Droplets", "web-1 (s-1vcpu"),
        ("Droplets", " (s-1vcpu-1gb)"),
        ("Droplets", "web-1 (two words)"),
        ("Droplets", "web-1 (syd1) 100GB"),
        ("Volumes", "volume-1 (2.36 GB)"),
        ("Snapshots", "base-image (syd1)"),
        ("Load Balancers", "lb-1"),
        ("Load Balancers", "lb-1 (s-1vcpu-1gb)"),
        ("Database Clusters", "db-1"),
        ("Floating IPs", "Unused Floating IP"),
        ("Kubernetes Clusters", HASH),
        ("Kubernetes Clusters", "pool-1 (s-2vcpu-4gb)"),
        ("App Platform", "Basic: 512 MB"),
        ("Spaces Subscription", "Spaces ($5/mo 250GB storage & 1TB bandwidth)"),
        ("Container Registry", "Basic"),
        ("Taxes", "GST (10%)"),
        ("Bandwidth Overage", "33 GB over the pool"),
    ],
)
def test_other_words_name_nothing(product: str, description: str) -> None:
    assert line(description, product=product).name is None


def test_a_cluster_is_named_by_its_group_beside_a_hash() -> None:
    assert resource_name("kubernetes_cluster", HASH, "my-doks-cluster") == "my-doks-cluster"
    assert resource_name("kubernetes_cluster", HASH) is None
    assert resource_name("kubernetes_cluster", "pool-1 (s-2vcpu-4gb)", "pool-1") is None


@given(st.from_regex(r"[a-z0-9][a-z0-9.-]{0,60}", fullmatch=True))
def test_the_name_of_every_host_is_found_again(name: str) -> None:
    assert resource_name("droplet", f"{name} (s-1vcpu-1gb)") == name
    assert resource_name("volume", f"{name} (syd1) 100GB") == name
    assert resource_name("snapshot", f"{name} (1.92 GB)") == name
    assert resource_name("load_balancer", f"{name} (syd1)") == name


@pytest.mark.parametrize(
    ("product", "sort"),
    [
        ("Droplets", Sort.USE),
        ("Something New", Sort.USE),
        ("Taxes", Sort.TAX),
        ("Credits", Sort.CREDIT),
        ("Adjustments", Sort.ADJUSTMENT),
        ("Bandwidth Overage", Sort.OVERAGE),
        ("Premium Support", Sort.SUPPORT),
        ("Supporting Cast", Sort.USE),
    ],
)
def test_what_is_no_use_is_told_by_a_word_of_the_product(product: str, sort: Sort) -> None:
    assert sort_of(product) is sort


def test_every_kind_of_a_product_is_a_kind_of_the_inventory() -> None:
    kinds = {kind for product in PRODUCTS for kind in kinds_of_id(product)}
    assert kinds <= set(RESOURCE_KINDS)
    assert all(kinds_of_id(product)[0] == kind_of(product) for product in PRODUCTS if kind_of(product))
    assert kinds_of_id("Taxes") == kinds_of_id("Bandwidth") == ()


def test_every_product_of_eleven_years_is_of_a_kind_or_no_use() -> None:
    products = {row.product for invoice in history.invoices() for row in invoice.rows}
    unknown = {one for one in products if one not in PRODUCTS and sort_of(one) is Sort.USE}
    assert unknown == set()
