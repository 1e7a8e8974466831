"""quote() and price(): the golden numbers, what a quote adds up to, and what both refuse."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import arcadia_domain
from arcadia_domain.errors import DomainError
from arcadia_domain.money import InvalidCurrency, MixedCurrencies
from arcadia_domain.period import DateOutOfRange, Period
from arcadia_domain.pricing.kinds import UnknownKind
from arcadia_domain.pricing.line import LineKind
from arcadia_domain.pricing.quoting import Quote, price, quote
from arcadia_domain.pricing.stretch import Stretch, StretchesOutOfOrder
from arcadia_domain.pricing.usage import UsageOutsideMonth
from arcadia_domain.quantity import InvalidQuantity
from tests.unit.domain.catalogue import (
    APRIL,
    LLM_ALLOWANCE,
    MAY,
    PRO,
    STARTER,
    STORAGE_50GB,
    STUDIO,
    april,
    attached,
    bought,
    fallback,
    in_month,
    may,
    on,
    pilot_april,
)

START = date(2026, 5, 20)


def golden_2() -> Quote:
    usage = {
        "droplet_hours": Decimal(1488),
        "spaces_gb_month": Decimal(200),
        "llm_tokens": Decimal(LLM_ALLOWANCE + 500_000),
    }
    return quote(STUDIO, [STORAGE_50GB], usage, START)


def test_golden_1_studio_bare_is_50_dollars_a_month_without_overage() -> None:
    made = quote(STUDIO, [], {}, date(2026, 5, 1))

    assert (made.recurring_cents, made.overage, made.overage_cents) == (5000, (), 0)
    assert made.all_in_monthly_cents == 5000
    assert made.first_invoice_cents == 5000
    assert [line.description for line in made.recurring] == ["Plan: Studio"]


def test_golden_2_studio_with_storage_from_20_may() -> None:
    made = golden_2()

    assert made.recurring_cents == 5750
    assert [line.amount_cents for line in made.recurring] == [5000, 750]
    assert [line.amount_cents for line in made.first_invoice] == [1935, 290]
    assert made.first_invoice_cents == 2225
    assert (made.days_billed, made.days_in_month) == (12, 31)
    assert {line.resource_kind: line.amount_cents for line in made.overage} == {
        "spaces_gb_month": 100,
        "llm_tokens": 500,
    }
    assert made.overage_cents == 600
    assert made.all_in_monthly_cents == 6350
    spaces, llm = made.overage
    assert (spaces.meta["included"], spaces.meta["allowance"], spaces.qty) == ("100", "150", 50)
    assert (llm.qty, llm.unit, llm.unit_price_cents) == (500, "1k_tokens", 1)


def test_golden_3_the_pilot_of_april_is_6422_before_tax() -> None:
    pricing = pilot_april()

    assert [line.amount_cents for line in pricing.lines] == [5000, 750, 672]
    assert pricing.total_cents == 6422
    assert pricing.used() == {"droplet_hours": 2160}


def test_golden_4_five_droplets_through_april_bring_7112() -> None:
    pricing = in_month(APRIL, [Stretch(APRIL, STUDIO)], {"droplet_hours": {d: Decimal(120) for d in APRIL}})

    assert [line.amount_cents for line in pricing.lines] == [5000, 2112]
    assert pricing.total_cents == 7112


def test_a_quote_names_its_plan_version_and_currency() -> None:
    made = quote(replace(STUDIO, version=7), [], {}, START)

    assert (made.plan_code, made.plan_version, made.currency) == ("studio", 7, "AUD")
    assert made.first_month.currency == "AUD"
    assert made.first_month.month == MAY


def test_the_first_invoice_is_the_recurring_of_the_first_month_and_no_more() -> None:
    made = golden_2()

    assert made.first_invoice == made.first_month.recurring
    assert made.overage == made.first_month.overage
    assert made.first_month.lines == made.first_invoice + made.overage
    assert made.first_month.total_cents == 2225 + 600
    assert made.hash() == made.first_month.hash()


def test_on_the_first_of_a_month_the_first_invoice_is_a_whole_month() -> None:
    made = quote(STUDIO, [STORAGE_50GB], {}, date(2026, 2, 1))

    assert made.first_invoice == made.recurring
    assert (made.days_billed, made.days_in_month) == (28, 28)


def test_on_the_last_of_a_month_one_day_is_billed() -> None:
    made = quote(STUDIO, [], {}, date(2028, 2, 29))

    assert (made.days_billed, made.days_in_month, made.first_invoice_cents) == (1, 29, 172)


def test_an_attached_addon_is_quoted_like_the_catalogues() -> None:
    by_catalogue = quote(STUDIO, [STORAGE_50GB], {}, START)
    by_snapshot = quote(STUDIO, [bought(STORAGE_50GB, START)], {}, START)
    by_attachment = quote(STUDIO, [attached(STORAGE_50GB, 9)], {}, START)

    assert by_snapshot == by_catalogue == by_attachment
    assert by_snapshot.hash() == by_catalogue.hash() == by_attachment.hash()


def test_the_same_addon_twice_is_billed_twice() -> None:
    made = quote(STUDIO, [STORAGE_50GB, STORAGE_50GB], {"spaces_gb_month": Decimal(200)}, START)

    assert made.recurring_cents == 6500
    assert made.overage == ()


def test_a_kind_outside_the_plan_is_quoted_on_the_fallback_price_of_the_start() -> None:
    prices = [
        fallback("bandwidth_gb", date(2026, 1, 1), 3, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 21), 9, "gb"),
    ]
    made = quote(STARTER, [], {"bandwidth_gb": Decimal(10)}, START, prices=prices)

    assert [line.amount_cents for line in made.overage] == [30]
    assert made.all_in_monthly_cents == 2030


def test_a_kind_that_nothing_prices_stands_in_the_overage_and_adds_nothing() -> None:
    made = quote(STARTER, [], {"bandwidth_gb": Decimal(10)}, START)

    assert [(line.kind, line.amount_cents) for line in made.overage] == [(LineKind.OVERAGE, 0)]
    assert made.all_in_monthly_cents == 2000


def test_a_peak_kind_is_quoted_at_its_peak() -> None:
    made = quote(STUDIO, [], {"dns_zones": Decimal(7)}, START)

    assert (made.overage[0].qty, made.overage_cents) == (2, 100)


def test_what_was_used_is_told_by_kind_in_base_units() -> None:
    pricing = in_month(
        MAY,
        [],
        {
            "dns_zones": {
                date(2026, 5, 1): Decimal(4),
                date(2026, 5, 2): Decimal(9),
                date(2026, 5, 3): Decimal(2),
            },
            "llm_tokens": {date(2026, 5, 1): Decimal("1.5"), date(2026, 5, 2): Decimal(1000)},
            "droplet_hours": {date(2026, 5, 1): Decimal(0)},
        },
    )

    assert pricing.used() == {"dns_zones": 9, "llm_tokens": Decimal("1001.5")}


def test_a_month_without_anything_costs_nothing() -> None:
    pricing = in_month(MAY, [])

    assert (pricing.lines, pricing.total_cents, pricing.used()) == ((), 0, {})


def test_lines_are_recurring_first_then_overage() -> None:
    pricing = pilot_april()

    assert pricing.lines == pricing.recurring + pricing.overage
    assert [line.kind for line in pricing.lines] == [LineKind.PLAN_BASE, LineKind.ADDON, LineKind.OVERAGE]


def test_results_cannot_be_changed() -> None:
    made = golden_2()
    with pytest.raises(FrozenInstanceError):
        made.currency = "USD"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        made.first_month.currency = "USD"  # type: ignore[misc]


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2099, 12, 31)])
def test_a_quote_takes_any_day_from_2000_to_2099(day: date) -> None:
    assert quote(STUDIO, [], {}, day).recurring_cents == 5000


@pytest.mark.parametrize(
    "day",
    [
        date(1999, 12, 31),
        date(2100, 1, 1),
        datetime(2026, 5, 20),
        datetime(2026, 5, 20, tzinfo=UTC),
        "x",
        None,
    ],
)
def test_a_start_that_is_no_such_day_is_refused(day: date) -> None:
    with pytest.raises(DateOutOfRange, match="The start day"):
        quote(STUDIO, [], {}, day)


@pytest.mark.parametrize(
    "month",
    [
        may(1, 31),
        may(2, 32),
        Period(date(2026, 5, 1), date(2026, 7, 1)),
        Period(date(1999, 12, 1), date(2000, 1, 1)),
        Period(date(2100, 1, 1), date(2100, 2, 1)),
        Period(datetime(2026, 5, 1), datetime(2026, 6, 1)),
    ],
)
def test_what_is_no_month_of_the_calendar_cannot_be_priced(month: Period) -> None:
    with pytest.raises(DomainError):
        price([], {}, month=month, currency="AUD")


@pytest.mark.parametrize(
    "quantity",
    [
        Decimal(-1),
        Decimal("NaN"),
        Decimal("Infinity"),
        1.5,
        True,
        "1",
        None,
        Decimal("0.0000001"),
        Decimal("1E14"),
    ],
)
def test_usage_that_is_no_quantity_is_refused_with_its_kind(quantity: Decimal) -> None:
    with pytest.raises(InvalidQuantity, match="The quantity of dns_zones"):
        quote(STUDIO, [], {"dns_zones": quantity}, START)


def test_usage_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(UnknownKind, match="'gpu_hours'"):
        quote(STUDIO, [], {"gpu_hours": Decimal(1)}, START)


def test_an_addon_in_another_currency_is_refused_by_code() -> None:
    with pytest.raises(MixedCurrencies) as refused:
        quote(STUDIO, [STORAGE_50GB, replace(STORAGE_50GB, code="usd", currency="USD")], {}, START)

    assert refused.value.facts == {"what": "Addon 'usd'", "found": "USD", "expected": "AUD"}


def test_a_fallback_price_in_another_currency_is_refused_by_kind() -> None:
    foreign = fallback("bandwidth_gb", date(2026, 1, 1), 3, "gb", currency="USD")
    with pytest.raises(MixedCurrencies) as refused:
        quote(STUDIO, [], {}, START, prices=[foreign])

    assert refused.value.facts == {
        "what": "The fallback price of bandwidth_gb", "found": "USD", "expected": "AUD",
    }  # fmt: skip


def test_a_version_in_another_currency_than_the_month_is_refused_by_plan() -> None:
    with pytest.raises(
        MixedCurrencies, match="Plan 'studio' is in AUD, but everything here is priced in USD"
    ):
        price([Stretch(MAY, STUDIO)], {}, month=MAY, currency="USD")


def test_a_month_in_no_currency_is_refused() -> None:
    with pytest.raises(InvalidCurrency):
        price([], {}, month=MAY, currency="")


def test_stretches_of_another_month_are_refused() -> None:
    with pytest.raises(StretchesOutOfOrder):
        price([Stretch(april(1, 5), STUDIO)], {}, month=MAY, currency="AUD")


def test_usage_of_another_month_is_refused() -> None:
    with pytest.raises(UsageOutsideMonth):
        in_month(MAY, [Stretch(MAY, STUDIO)], on(date(2026, 6, 1), droplet_hours=1))


def test_what_is_priced_keeps_its_inputs_however_the_caller_goes_on() -> None:
    stretches = [Stretch(MAY, STUDIO)]
    usage = {"droplet_hours": {START: Decimal(1500)}}
    prices = [fallback("bandwidth_gb", date(2026, 1, 1), 3, "gb")]
    pricing = price(stretches, usage, prices, month=MAY, currency="AUD")
    before = pricing.hash()
    stretches.clear()
    prices.clear()
    usage["droplet_hours"].clear()
    usage.clear()

    assert pricing.hash() == before


def test_quoting_moves_no_cent_between_plans_of_equal_terms() -> None:
    usage: Mapping[str, Decimal] = {"droplet_hours": Decimal(5000)}

    assert quote(PRO, [], usage, START).overage_cents == 1280
    assert quote(replace(PRO, version=2), [], usage, START).overage_cents == 1280


def test_quote_and_price_are_asked_by_keyword_and_never_for_prices_by_place() -> None:
    by_keyword = quote(plan_version=STUDIO, addons=[], usage={}, starts_on=START, prices=[])

    assert by_keyword == quote(STUDIO, [], {}, START)
    assert price(stretches=[], usage={}, prices=[], month=MAY, currency="AUD") == in_month(MAY, [])
    with pytest.raises(TypeError):
        quote(STUDIO, [], {}, START, [])  # type: ignore[call-arg]


def test_the_door_is_the_same_function() -> None:
    assert arcadia_domain.quote is quote
    assert arcadia_domain.price is price
