"""Meters: what is no number is not told, and never guessed at."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.meters import METERED_AS, rates, usage_kinds
from arcadia_domain.pricing.kinds import base_of, resource_kind
from arcadia_domain.quantity import to_micro

ATTRS = (
    *("size_gigabytes", "num_nodes", "storage_size_mib", "count", "ha", "size_unit", "droplet_id", "spec"),
    *("storage_usage_bytes", "features", "type", "kubernetes_worker", "ip_version"),
)


NO_NUMBERS: list[object] = ["big", "", True, None, [1], {}, -1, "NaN", "inf", float("nan"), 10**14]


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (25, Decimal(25)),
        (2.36, Decimal("2.36")),
        (Decimal("2.5"), Decimal("2.5")),
        ("1.92", Decimal("1.92")),
        (0, Decimal(0)),
        (Decimal("0.0000004"), Decimal(0)),
        (Decimal("0.0000005"), Decimal("0.000001")),
        (99_999_999_999_999, Decimal(99_999_999_999_999)),
        *((bad, None) for bad in NO_NUMBERS),
    ],
)
def test_a_size_is_read_as_it_was_written_to_the_nearest_millionth(
    written: object, size: Decimal | None
) -> None:
    assert rates("volume", None, {"size_gigabytes": written}) == {"volume_gb_month": size}


def test_no_size_is_no_size() -> None:
    assert rates("volume", None, {}) == {"volume_gb_month": None}


@pytest.mark.parametrize("written", ["2.5", Decimal("0.5"), -1, "two", None])
def test_a_count_is_a_whole_number(written: object) -> None:
    assert rates("kubernetes_node_pool", "s-1", {"count": written}) == {"kubernetes_node_hours:s-1": None}
    assert rates("kubernetes_node_pool", "s-1", {"count": 0}) == {"kubernetes_node_hours:s-1": 0}


def test_a_size_that_cannot_be_written_leaves_the_hours() -> None:
    assert rates("droplet", "C-2", {}) == {"droplet_hours:c-2": 1}
    assert rates("droplet", "a size", {}) == rates("droplet", None, {}) == {"droplet_hours": 1}


def test_what_is_not_metered_counts_for_nothing() -> None:
    for kind in set(RESOURCE_KINDS) - set(METERED_AS):
        assert (rates(kind, "s-1", {"size_gigabytes": 1}), usage_kinds(kind)) == ({}, ())


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.decimals()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["services", "workers", "instance_count", "instance_size_slug", "autoscaling"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(RESOURCE_KINDS),
    size=st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["lb-medium", "s-4vcpu-8gb"])),
    attrs=st.dictionaries(st.sampled_from(ATTRS), junk),
)
def test_whatever_is_told_the_rates_are_quantities_of_its_usage_kinds(
    kind: str, size: str | None, attrs: dict[str, object]
) -> None:
    for usage_kind, rate in rates(kind, size, attrs).items():
        assert base_of(resource_kind(usage_kind).code) in usage_kinds(kind)
        assert rate is None or to_micro(rate, usage_kind) >= 0
