"""The registry of resource kinds, to the letter of SPEC 3."""

from __future__ import annotations

import pytest

from arcadia_domain.pricing.kinds import KINDS, Aggregation, UnknownKind, UnknownUnit, resource_kind


def test_the_kinds_are_those_of_the_spec_in_its_order() -> None:
    assert [(k.code, dict(k.units), k.is_peak) for k in KINDS.values()] == [
        ("droplet_hours", {"hour": 1}, False),
        ("spaces_gb_month", {"gb_month": 1}, False),
        ("snapshot_gb_month", {"gb_month": 1}, False),
        ("bandwidth_gb", {"gb": 1}, False),
        ("dns_zones", {"zone": 1}, True),
        ("llm_tokens", {"1k_tokens": 1000}, False),
    ]
    assert [kind.base_unit for kind in KINDS.values()] == [
        "hour",
        "gb_month",
        "gb_month",
        "gb",
        "zone",
        "token",
    ]
    assert {kind.aggregation for kind in KINDS.values()} == set(Aggregation)


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        KINDS["gpu"] = KINDS["dns_zones"]  # type: ignore[index]


@pytest.mark.parametrize("code", list(KINDS))
def test_a_kind_is_found_by_its_code(code: str) -> None:
    assert resource_kind(code) is KINDS[code]


@pytest.mark.parametrize("code", ["gpu_hours", "", "DROPLET_HOURS", None, ["droplet_hours"]])
def test_an_unknown_kind_is_an_error_that_names_it(code: object) -> None:
    with pytest.raises(UnknownKind) as refused:
        resource_kind(code)  # type: ignore[arg-type]

    assert refused.value.facts["kind"] == code
    assert str(refused.value) == (
        f"There is no resource kind {code!r}; the known kinds are droplet_hours, spaces_gb_month, "
        "snapshot_gb_month, bandwidth_gb, dns_zones, llm_tokens."
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
