"""Money: the only rounding, lossless splits, and what is refused at the door."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arcadia_domain import money
from arcadia_domain.money import InvalidAmount, InvalidCurrency, MixedCurrencies, NothingToWeigh
from tests.unit.domain.examples import examples

whole = st.integers(-(10**15), 10**15)
positive = st.integers(1, 10**9)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (0, 1, 0),
        (1, 2, 1),
        (-1, 2, -1),
        (1, 3, 0),
        (2, 3, 1),
        (3, 2, 2),
        (5, 2, 3),
        (-3, 2, -2),
        (-5, 2, -3),
        (-1, 3, 0),
        (-2, 3, -1),
        (49, 100, 0),
        (50, 100, 1),
        (51, 100, 1),
        (-49, 100, 0),
        (-50, 100, -1),
        (-51, 100, -1),
        (5000 * 12, 31, 1935),
        (750 * 12, 31, 290),
    ],
)
def test_a_half_goes_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert money.half_up(numerator, denominator) == rounded


def test_a_whole_number_is_its_own_rounding() -> None:
    assert [money.half_up(n) for n in (-7, -1, 0, 1, 7)] == [-7, -1, 0, 1, 7]


@examples(300)
@given(whole, positive)
def test_half_up_is_what_decimal_calls_round_half_up(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = money.half_up(numerator, denominator)

    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)
    assert money.half_up(-numerator, denominator) == -rounded


@examples(200)
@given(st.integers(-(10**9), 10**9))
def test_half_up_of_thousandths_agrees_with_decimal(thousandths: int) -> None:
    by_decimal = (Decimal(thousandths) / 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert money.half_up(thousandths, 1000) == int(by_decimal)


@examples(400)
@given(whole, weights)
@example(100, [1, 1, 1])
@example(-100, [1, 1, 1])
@example(0, [3])
def test_allocate_loses_nothing_and_strays_by_less_than_a_unit(amount: int, by: list[int]) -> None:
    shares = money.allocate(amount, by)

    assert sum(shares) == amount
    for share, weight in zip(shares, by, strict=True):
        assert abs(share - Fraction(amount * weight, sum(by))) < 1


@examples(300)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), positive)
def test_largest_remainder_adds_up_to_the_rounded_sum(numerators: list[int], denominator: int) -> None:
    shares = money.largest_remainder(numerators, denominator)

    assert sum(shares) == money.half_up(sum(numerators), denominator)
    for share, numerator in zip(shares, numerators, strict=True):
        assert share in (numerator // denominator, numerator // denominator + 1)
        assert share == 0 or numerator


@examples(300)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=8), st.integers(1, 12))
def test_the_larger_remainder_comes_first_and_the_earlier_share_among_equals(
    numerators: list[int], denominator: int
) -> None:
    shares = money.largest_remainder(numerators, denominator)
    given_one = [share - n // denominator for share, n in zip(shares, numerators, strict=True)]
    rests = [n % denominator for n in numerators]

    for i in range(len(shares)):
        for j in range(len(shares)):
            if rests[i] > rests[j] or (rests[i] == rests[j] and i < j):
                assert given_one[i] >= given_one[j]


def test_a_tie_goes_to_the_earlier_share_every_time() -> None:
    assert money.allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert money.allocate(101, [1, 1, 1]) == [34, 34, 33]
    assert money.allocate(5, [1, 1]) == [3, 2]
    assert money.allocate(7, [0, 2, 1, 0]) == [0, 5, 2, 0]
    assert money.largest_remainder([1, 2, 2], 3) == [0, 1, 1]
    assert money.largest_remainder([2, 1, 2], 5) == [1, 0, 0]


def test_nothing_to_split_is_nothing_for_everybody() -> None:
    assert money.largest_remainder([], 7) == []
    assert money.allocate(0, [2, 3]) == [0, 0]


@pytest.mark.parametrize("by", [[], [0], [0, 0], [-1, 2], [2, -1], [1, -3]])
def test_weights_that_weigh_nothing_are_refused_by_name(by: list[int]) -> None:
    with pytest.raises(NothingToWeigh) as refused:
        money.allocate(100, by)

    assert refused.value.facts == {"amount": 100, "weights": by}
    assert str(refused.value) == (
        f"100 cannot be allocated by the weights {by}: they must be zero or more, and not all zero."
    )
    assert refused.value.code == "nothing_to_weigh"


def test_three_capital_letters_are_a_currency() -> None:
    assert money.currency("AUD") == "AUD"


@pytest.mark.parametrize(
    "code", ["", "AU", "AUDD", "aud", "AU1", "AUD\n", " AUD", "ÄUD", None, 36, True, b"AUD"]
)
def test_anything_else_is_refused_as_a_currency(code: object) -> None:
    with pytest.raises(InvalidCurrency) as refused:
        money.currency(code)  # type: ignore[arg-type]

    assert refused.value.facts == {"currency": code}
    assert str(refused.value) == (
        f"{code!r} is not a currency: three capital letters are expected, as in AUD."
    )
    assert (refused.value.code, refused.value.field) == ("invalid_currency", "currency")


def test_two_currencies_are_never_mixed() -> None:
    money.same_currency("AUD", "AUD", "Plan 'studio'")
    with pytest.raises(MixedCurrencies) as refused:
        money.same_currency("AUD", "USD", "Plan 'studio'")

    assert str(refused.value) == "Plan 'studio' is in USD, but everything here is priced in AUD."
    assert refused.value.facts == {"what": "Plan 'studio'", "found": "USD", "expected": "AUD"}
    assert (refused.value.code, refused.value.field) == ("mixed_currencies", "currency")


@pytest.mark.parametrize("amount", [0, 1, 5000, 10**12])
def test_whole_cents_are_a_price(amount: int) -> None:
    assert money.price_cents(amount, "The price") == amount


@pytest.mark.parametrize(
    "amount",
    [
        -1,
        10**12 + 1,
        1.0,
        0.5,
        True,
        False,
        Decimal(1),
        "1",
        None,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
    ],
)
def test_what_is_not_whole_cents_is_refused_as_a_price(amount: object) -> None:
    with pytest.raises(InvalidAmount) as refused:
        money.price_cents(amount, "The base price of plan 'studio'")  # type: ignore[arg-type]

    assert refused.value.facts["what"] == "The base price of plan 'studio'"
    assert str(refused.value) == (
        "The base price of plan 'studio' must be a whole number of cents from zero to 10^12, "
        f"but is {amount!r}."
    )
    assert refused.value.code == "invalid_amount"
