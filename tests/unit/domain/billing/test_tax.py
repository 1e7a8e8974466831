"""Tax: which rate holds, and the one line that is half-up of the sum of rounded lines."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.tax import (
    InvalidCountry,
    InvalidTaxRate,
    NoTaxRate,
    ReasonRequired,
    Tax,
    TaxProfile,
    TaxRate,
    Treatment,
    tax_line,
    tax_on,
)
from arcadia_domain.pricing.line import Line, LineKind
from tests.unit.domain.examples import examples

DAY = date(2026, 4, 30)
GST = TaxRate("AU", "GST", date(2000, 7, 1), Decimal("0.1"))
TEN_PERCENT = Tax("AU", "GST", Decimal("0.1"), Treatment.STANDARD)


def line(cents: int, kind: LineKind = LineKind.PLAN_BASE) -> Line:
    return Line(kind, None, "x", Decimal(1), "month", cents, cents, {})


def test_gst_is_ten_percent_of_the_sum_of_the_lines() -> None:
    assert tax_line([line(5000), line(750), line(672)], TEN_PERCENT) == Line(
        kind=LineKind.TAX,
        resource_kind=None,
        description="GST 10 %",
        qty=Decimal(1),
        unit="invoice",
        unit_price_cents=642,
        amount_cents=642,
        meta={"country": "AU", "rate": "0.1", "taxable_cents": 6422, "treatment": "standard"},
    )


def test_tax_is_rounded_once_over_the_sum_and_not_line_by_line() -> None:
    made = tax_line([line(5)] * 3, TEN_PERCENT)

    assert made is not None
    assert made.amount_cents == 2  # line by line it would be 1 + 1 + 1


def test_a_tax_line_is_not_taxed_again() -> None:
    made = tax_line([line(100), line(10, LineKind.TAX)], TEN_PERCENT)

    assert made is not None
    assert (made.amount_cents, made.meta["taxable_cents"]) == (10, 100)


@examples(200)
@given(st.lists(st.integers(-(10**6), 10**6), max_size=6), st.decimals(0, 1, places=6))
def test_tax_is_half_up_of_the_rate_of_the_sum(cents: list[int], rate: Decimal) -> None:
    made = tax_line([line(one) for one in cents], Tax("AU", "GST", rate, Treatment.STANDARD))
    exact = (sum(cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP)

    assert (made.amount_cents if made else 0) == int(exact)
    assert (made is None) == (rate == 0)


def test_a_broken_rate_stands_in_the_words() -> None:
    made = tax_line([line(1000)], Tax("AU", "GST", Decimal("0.125"), Treatment.STANDARD))

    assert made is not None
    assert (made.description, made.amount_cents, made.meta["rate"]) == ("GST 12.5 %", 125, "0.125")


@pytest.mark.parametrize("treatment", [Treatment.EXEMPT, Treatment.FOREIGN, Treatment.REVERSE_CHARGE])
def test_who_is_not_taxed_has_no_tax_line_and_needs_no_rate(treatment: Treatment) -> None:
    tax = tax_on(DAY, [TaxProfile(date(2020, 1, 1), treatment=treatment, reason="because")], [])

    assert tax == Tax("AU", "GST", Decimal(0), treatment, "because")
    assert tax_line([line(1000)], tax) is None


def test_a_tenant_without_a_profile_is_a_standard_australian_one() -> None:
    assert tax_on(DAY, [], [GST]) == TEN_PERCENT


def test_a_standard_tenant_of_another_country_is_foreign() -> None:
    tax = tax_on(DAY, [TaxProfile(date(2020, 1, 1), country="NZ")], [GST])

    assert (tax.country, tax.rate, tax.treatment) == ("NZ", 0, Treatment.FOREIGN)


@pytest.mark.parametrize("reason", [None, "", " "])
def test_an_exemption_says_why(reason: str | None) -> None:
    with pytest.raises(ReasonRequired):
        TaxProfile(DAY, treatment=Treatment.EXEMPT, reason=reason)


@pytest.mark.parametrize("country", ["", "au", "AUS", "A1", "AU\n"])
def test_a_profile_is_of_a_country(country: str) -> None:
    with pytest.raises(InvalidCountry):
        TaxProfile(DAY, country=country)


def test_the_profile_in_force_is_the_last_that_began() -> None:
    profiles = [
        TaxProfile(date(2026, 5, 1), treatment=Treatment.FOREIGN),
        TaxProfile(date(2026, 4, 30), treatment=Treatment.EXEMPT, reason="charity"),
        TaxProfile(date(2020, 1, 1)),
    ]
    for order in (profiles, profiles[::-1]):
        assert tax_on(date(2026, 4, 29), order, [GST]).treatment is Treatment.STANDARD
        assert tax_on(date(2026, 4, 30), order, [GST]).treatment is Treatment.EXEMPT
        assert tax_on(date(2026, 5, 1), order, [GST]).treatment is Treatment.FOREIGN
    assert tax_on(date(2019, 1, 1), profiles, [GST]) == TEN_PERCENT


def test_the_rate_in_force_is_the_last_that_began_of_that_country_and_tax() -> None:
    rates = [
        TaxRate("AU", "GST", date(2026, 4, 30), Decimal("0.125")),
        GST,
        TaxRate("NZ", "GST", date(2026, 4, 1), Decimal("0.15")),
        TaxRate("AU", "WINE", date(2026, 4, 1), Decimal("0.29")),
        TaxRate("AU", "GST", date(2026, 5, 1), Decimal("0.2")),
    ]
    for order in (rates, rates[::-1]):
        assert tax_on(date(2026, 4, 29), [], order).rate == Decimal("0.1")
        assert tax_on(date(2026, 4, 30), [], order).rate == Decimal("0.125")


@pytest.mark.parametrize("rates", [[], [TaxRate("NZ", "GST", date(2000, 1, 1), Decimal("0.15"))]])
def test_without_a_rate_in_force_the_tax_is_refused_by_name(rates: list[TaxRate]) -> None:
    with pytest.raises(NoTaxRate) as refused:
        tax_on(DAY, [], rates)

    assert refused.value.facts == {"code_": "GST", "country": "AU", "day": DAY}
    assert str(refused.value) == "There is no GST rate for AU in force on 2026-04-30."
    assert refused.value.code == "no_tax_rate"


@pytest.mark.parametrize("rate", ["0", "1", "0.1", "0.000001", "1.000000000"])
def test_a_rate_lies_from_nothing_to_all(rate: str) -> None:
    assert TaxRate("AU", "GST", DAY, Decimal(rate)).rate == Decimal(rate)


@pytest.mark.parametrize(
    "rate",
    [
        Decimal("-0.1"),
        Decimal("1.000001"),
        Decimal("0.0000001"),
        Decimal("0." + "0" * 70 + "1"),
        Decimal("0." + "1" * 70),
        Decimal("1E-2000"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        0.1,
        True,
        1,
        "0.1",
        None,
    ],
)
def test_what_is_no_rate_is_refused(rate: Decimal) -> None:
    with pytest.raises(InvalidTaxRate) as refused:
        TaxRate("AU", "GST", DAY, rate)

    assert repr(refused.value.facts) == repr({"rate": rate})
    assert refused.value.code == "invalid_tax_rate"
    assert str(rate) in str(refused.value)
