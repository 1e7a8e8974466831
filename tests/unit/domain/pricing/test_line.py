"""The line: one shape on a quote, on an invoice, in JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from arcadia_domain.pricing.line import Line, LineKind, total_cents

LINE = Line(
    kind=LineKind.OVERAGE,
    resource_kind="llm_tokens",
    description="Overage: llm_tokens",
    qty=Decimal("5E+2"),
    unit="1k_tokens",
    unit_price_cents=1,
    amount_cents=500,
    meta={"used": "500000"},
)


def test_a_line_in_json_has_the_fields_of_the_wire_in_their_order() -> None:
    assert list(LINE.as_json().items()) == [
        ("kind", "overage"),
        ("resource_kind", "llm_tokens"),
        ("description", "Overage: llm_tokens"),
        ("qty", "500"),
        ("unit", "1k_tokens"),
        ("unit_price_cents", 1),
        ("amount_cents", 500),
        ("meta", {"used": "500000"}),
    ]
    assert json.loads(json.dumps(LINE.as_json())) == LINE.as_json()


def test_the_json_is_a_copy() -> None:
    LINE.as_json()["meta"]["used"] = "0"  # type: ignore[index]

    assert LINE.meta == {"used": "500000"}


def test_a_line_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        LINE.amount_cents = 1  # type: ignore[misc]


def test_lines_add_up() -> None:
    assert total_cents([]) == 0
    assert total_cents([LINE, LINE]) == 1000


def test_the_kinds_of_lines_are_those_of_the_spec() -> None:
    assert {kind.value for kind in LineKind} == {
        "plan_base", "addon", "overage", "llm_usage", "tax", "adjustment", "credit", "discount", "one_off",
    }  # fmt: skip
