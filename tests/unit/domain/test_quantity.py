"""Quantities: Decimal at the doors, millionths inside, nothing rounded on the way."""

from __future__ import annotations

from decimal import Decimal, Inexact, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.quantity import EXACT, MICRO, InvalidQuantity, from_micro, plain, to_micro
from tests.unit.domain.examples import examples

LARGEST = Decimal("99999999999999.999999")


@pytest.mark.parametrize(
    ("quantity", "micro"),
    [
        (Decimal(0), 0),
        (Decimal("-0"), 0),
        (Decimal("0.000000000"), 0),
        (Decimal("0.000001"), 1),
        (Decimal("1.5"), 1_500_000),
        (Decimal("1E+3"), 1_000_000_000),
        (Decimal("1.0000000000"), 1_000_000),
        (Decimal("1." + "0" * 200), 1_000_000),
        (LARGEST, 99_999_999_999_999_999_999),
        (0, 0),
        (7, 7_000_000),
        (10**14 - 1, (10**14 - 1) * MICRO),
    ],
)
def test_a_quantity_is_so_many_millionths(quantity: Decimal | int, micro: int) -> None:
    assert to_micro(quantity, "droplet_hours") == micro


@pytest.mark.parametrize(
    "quantity",
    [
        Decimal(-1),
        Decimal("-0.000001"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-NaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        Decimal("0.0000001"),
        Decimal("1.0000001"),
        Decimal("1." + "0" * 100 + "1"),
        Decimal("1." + "0" * 6000 + "1"),
        Decimal("1E-200000"),
        Decimal("1E+14"),
        Decimal("1E+999999"),
        LARGEST + Decimal("0.000001"),
        10**14,
        -1,
        1.0,
        0.5,
        float("nan"),
        float("inf"),
        True,
        False,
        "1",
        None,
        Fraction(1, 2),
    ],
)
def test_what_is_no_quantity_is_refused_with_its_name(quantity: object) -> None:
    with pytest.raises(InvalidQuantity) as refused:
        to_micro(quantity, "droplet_hours")  # type: ignore[arg-type]

    assert refused.value.facts["what"] == "droplet_hours"
    assert repr(refused.value.facts["quantity"]) == repr(quantity)
    assert str(refused.value) == (
        "The quantity of droplet_hours must be a Decimal from zero to below 10^14 with at most six decimals, "
        f"but is {quantity!r}."
    )
    assert refused.value.code == "invalid_quantity"


@examples(300)
@given(st.decimals(0, LARGEST, places=6))
def test_millionths_and_back_is_the_same_quantity(quantity: Decimal) -> None:
    micro = to_micro(quantity, "droplet_hours")

    assert Fraction(micro, MICRO) == Fraction(quantity)
    assert from_micro(micro) == quantity


@examples(300)
@given(st.integers(0, 10**20), st.sampled_from([1, 10, 100, 1000]))
def test_a_count_of_units_is_exact_and_has_no_trailing_zeros(micro: int, factor: int) -> None:
    units = from_micro(micro, factor)

    assert Fraction(units) == Fraction(micro, MICRO * factor)
    assert plain(units) == plain(Decimal(plain(units)))
    assert "." not in plain(units) or plain(units)[-1] not in "0."


def test_500_thousand_tokens_are_500_thousands() -> None:
    assert str(from_micro(500_000 * MICRO, 1000)) == "500"
    assert str(from_micro(1, 1000)) == "1E-9"
    assert plain(from_micro(1, 1000)) == "0.000000001"


def test_a_count_that_has_no_end_raises_instead_of_being_rounded() -> None:
    with pytest.raises(Inexact):
        from_micro(1, 3)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("-0.00", "0"),
        ("0E+3", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("1.50", "1.5"),
        ("1.00", "1"),
        ("1E-9", "0.000000001"),
        ("29.166667", "29.166667"),
        ("-1.50", "-1.5"),
    ],
)
def test_a_quantity_in_plain_digits(quantity: str, text: str) -> None:
    assert plain(Decimal(quantity)) == text


def test_an_importing_programs_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 3
        context.capitals = 0
        assert to_micro(LARGEST, "droplet_hours") == 99_999_999_999_999_999_999
        assert plain(from_micro(99_999_999_999_999_999_999)) == "99999999999999.999999"
        assert EXACT.prec == 60
