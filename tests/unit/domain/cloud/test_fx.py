"""Exchange rates that hold from a day on, and a conversion that loses no cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.fx import FxRate, InvalidRate, Rate, convert, rate_on
from arcadia_domain.money import InvalidCurrency, half_up

MARCH = FxRate(base="USD", quote="AUD", from_day=date(2026, 3, 1), rate=Decimal("1.5"), source="bank")
APRIL = FxRate(base="USD", quote="AUD", from_day=date(2026, 4, 1), rate=Decimal("1.6"), source="bank")


def test_the_latest_rate_that_began_by_the_day_holds() -> None:
    on = [
        rate_on([APRIL, MARCH], "USD", "AUD", date(2026, m, d)).rate
        for m, d in ((3, 1), (3, 31), (4, 1), (9, 1))
    ]
    assert on == [Decimal("1.5"), Decimal("1.5"), Decimal("1.6"), Decimal("1.6")]


def test_a_known_rate_says_where_it_is_from() -> None:
    found = rate_on([APRIL], "USD", "AUD", date(2026, 4, 30))
    assert found == Rate("USD", "AUD", Decimal("1.6"), "bank", assumed=False)
    assert found.pair == "USD/AUD"


def test_with_no_rate_it_is_one_and_says_that_it_is_assumed() -> None:
    before = rate_on([APRIL], "USD", "AUD", date(2026, 3, 31))
    assert (before.rate, before.assumed) == (Decimal(1), True)
    assert rate_on([APRIL], "AUD", "USD", date(2026, 4, 30)).assumed


def test_a_currency_is_worth_itself_and_that_is_no_assumption() -> None:
    assert rate_on([], "AUD", "AUD", date(2026, 4, 1)) == Rate(
        "AUD", "AUD", Decimal(1), "same currency", assumed=False
    )


def test_of_two_sources_on_a_day_the_first_by_name_counts_in_any_order() -> None:
    other = FxRate(base="USD", quote="AUD", from_day=APRIL.from_day, rate=Decimal("1.7"), source="agency")
    for rates in ([APRIL, other], [other, APRIL]):
        assert rate_on(rates, "USD", "AUD", date(2026, 4, 2)).source == "agency"


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1, "1.5"])
def test_a_rate_is_a_decimal_above_zero(rate: Decimal) -> None:
    with pytest.raises(InvalidRate):
        FxRate(base="USD", quote="AUD", from_day=date(2026, 4, 1), rate=rate, source="bank")


def test_a_pair_is_two_currencies() -> None:
    with pytest.raises(InvalidCurrency):
        FxRate(base="US", quote="AUD", from_day=date(2026, 4, 1), rate=Decimal(1), source="bank")
    with pytest.raises(InvalidCurrency):
        rate_on([], "USD", "aud", date(2026, 4, 1))


@given(st.lists(st.integers(-(10**9), 10**9)), st.integers(1, 10**12))
def test_converted_parts_add_up_to_the_converted_whole(amounts: list[int], rate: int) -> None:
    parts = convert(amounts, Rate("USD", "AUD", Decimal(rate).scaleb(-10), "bank", assumed=False))
    assert sum(parts) == half_up(sum(amounts) * rate, 10**10)
    assert all(
        abs(part * 10**10 - amount * rate) <= 10**10 for part, amount in zip(parts, amounts, strict=True)
    )
