"""The registry of resource kinds, to the letter of SPEC 3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arcadia_domain.pricing.kinds import (
    KINDS,
    Aggregation,
    UnknownKind,
    UnknownUnit,
    base_of,
    of_size,
    place,
    resource_kind,
)


def test_the_kinds_are_those_of_the_spec_in_its_order() -> None:
    assert [(k.code, dict(k.units), k.is_peak) for k in KINDS.values()] == [
        ("droplet_hours", {"hour": 1}, False),
        ("spaces_gb_month", {"gb_month": 1}, False),
        ("snapshot_gb_month", {"gb_month": 1}, False),
        ("bandwidth_gb", {"gb": 1}, False),
        ("dns_zones", {"zone": 1}, True),
        ("llm_tokens", {"1k_tokens": 1000}, False),
        ("backup_hours", {"hour": 1}, False),
        ("volume_gb_month", {"gb_month": 1}, False),
        ("image_gb_month", {"gb_month": 1}, False),
        ("database_hours", {"hour": 1}, False),
        ("database_gb_month", {"gb_month": 1}, False),
        ("kubernetes_node_hours", {"hour": 1}, False),
        ("kubernetes_ha_hours", {"hour": 1}, False),
        ("load_balancer_hours", {"hour": 1}, False),
        ("reserved_ip_hours", {"hour": 1}, False),
        ("app_hours", {"hour": 1}, False),
        ("registry_hours", {"hour": 1}, False),
        ("registry_gb_month", {"gb_month": 1}, False),
    ]
    assert {(kind.base_unit, *kind.units) for kind in KINDS.values()} == {
        ("hour", "hour"),
        ("gb_month", "gb_month"),
        ("gb", "gb"),
        ("zone", "zone"),
        ("token", "1k_tokens"),
    }
    assert {kind.aggregation for kind in KINDS.values()} == set(Aggregation)


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        KINDS["gpu"] = KINDS["dns_zones"]  # type: ignore[index]


@pytest.mark.parametrize("code", list(KINDS))
def test_a_kind_is_found_by_its_code(code: str) -> None:
    assert resource_kind(code) is KINDS[code]


def test_what_is_charged_by_size_may_be_written_with_one() -> None:
    sized = {kind.code for kind in KINDS.values() if kind.is_sized}
    assert sized == {
        "droplet_hours",
        "backup_hours",
        "database_hours",
        "kubernetes_node_hours",
        "app_hours",
        "registry_hours",
    }
    for code in sized:
        assert resource_kind(f"{code}:s-4vcpu-8gb") == replace(KINDS[code], code=f"{code}:s-4vcpu-8gb")
    assert not any(kind.is_peak for kind in KINDS.values() if kind.is_sized)


@pytest.mark.parametrize(
    "size",
    ["s-1vcpu-0.5gb", "so1_5-2vcpu-16gb", "8", "basic", "a" * 64],
)
def test_a_size_is_any_slug_of_the_provider(size: str) -> None:
    assert resource_kind(f"droplet_hours:{size}").code == of_size("droplet_hours", size)
    assert base_of(f"droplet_hours:{size}") == "droplet_hours"


@pytest.mark.parametrize("size", [None, "", "a b", "-a", "a-", "a:b", "größe", "a" * 65, "a\n"])
def test_what_can_be_no_part_of_a_code_leaves_the_kind_without_a_size(size: str | None) -> None:
    assert of_size("droplet_hours", size) == "droplet_hours"
    with pytest.raises(UnknownKind):
        resource_kind(f"droplet_hours:{size or ''}")


def test_a_size_has_one_spelling() -> None:
    assert of_size("droplet_hours", "C-2") == "droplet_hours:c-2"
    with pytest.raises(UnknownKind):
        resource_kind("droplet_hours:C-2")


def test_sizes_stand_behind_their_base_in_the_order_of_their_letters() -> None:
    codes = ["droplet_hours", "droplet_hours:c-2", "droplet_hours:s-1", "spaces_gb_month", "backup_hours:c-2"]
    assert sorted({*codes}, key=place) == codes


@pytest.mark.parametrize(
    "code",
    [
        *("gpu_hours", "", "DROPLET_HOURS", None, ["droplet_hours"]),
        *("droplet_hours:", ":c-2", "gpu_hours:c-2", "dns_zones:c-2", "volume_gb_month:c-2"),
    ],
)
def test_an_unknown_kind_is_an_error_that_names_it(code: object) -> None:
    with pytest.raises(UnknownKind) as refused:
        resource_kind(code)  # type: ignore[arg-type]

    assert refused.value.facts["kind"] == code
    assert str(refused.value) == (
        f"There is no resource kind {code!r}; the known kinds are {', '.join(KINDS)}."
    )
    assert (refused.value.code, refused.value.field) == ("unknown_kind", "resource_kind")
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("unit", ["hour", "token", "", None])
def test_an_unknown_unit_is_an_error_that_names_kind_and_unit(unit: object) -> None:
    with pytest.raises(UnknownUnit) as refused:
        KINDS["llm_tokens"].factor(unit)  # type: ignore[arg-type]

    assert refused.value.facts == {"kind": "llm_tokens", "unit": unit, "known": "1k_tokens"}
    assert str(refused.value) == f"llm_tokens is not priced by {unit!r}; its units are 1k_tokens."
    assert (refused.value.code, refused.value.field) == ("unknown_unit", "overage_unit")


def test_a_thousand_tokens_are_one_unit() -> None:
    assert KINDS["llm_tokens"].factor("1k_tokens") == 1000
