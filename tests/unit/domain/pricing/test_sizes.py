"""Sizes: on whose terms the usage of a size is billed."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import base_of
from arcadia_domain.pricing.line import Line
from arcadia_domain.pricing.quoting import Pricing, price, quote, replay
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch
from tests.unit.domain.catalogue import STORAGE_50GB, STUDIO
from tests.unit.domain.examples import examples
from tests.unit.domain.strategies import Month, any_month

APRIL = month_of(date(2026, 4, 1))
MID = date(2026, 4, 16)
HOURS, SMALL, LARGE = "droplet_hours", "droplet_hours:s-1vcpu-1gb", "droplet_hours:s-4vcpu-8gb"


def plan(*items: PlanItem) -> PlanVersion:
    return PlanVersion("own", "Own", 1, 5000, "AUD", items)


def item(kind: str, included: int = 0, cents: int = 1) -> PlanItem:
    return PlanItem(kind, Decimal(included), "hour", cents)


def fallback(kind: str, cents: int, first: date = APRIL.start) -> ResourcePrice:
    return ResourcePrice(kind, "AUD", datetime(first.year, first.month, first.day, tzinfo=UTC), "hour", cents)


def addon(kind: str, hours: int) -> AttachedAddon:
    return AttachedAddon(0, "hours", kind, Decimal(hours), 500, "AUD")


def priced(
    usage: dict[str, dict[int, str]],
    *stretches: Stretch,
    prices: Iterable[ResourcePrice] = (),
) -> Pricing:
    by_day = {
        kind: {date(2026, 4, day): Decimal(qty) for day, qty in days.items()} for kind, days in usage.items()
    }
    return price(stretches, by_day, tuple(prices), month=APRIL, currency="AUD")


def billed(pricing: Pricing) -> list[tuple[str | None, Decimal, int]]:
    return [(line.resource_kind, line.qty, line.amount_cents) for line in pricing.overage]


def whole(version: PlanVersion, *addons: AttachedAddon) -> Stretch:
    return Stretch(APRIL, version, addons)


def test_a_size_that_nobody_names_is_billed_as_its_base() -> None:
    found = priced({SMALL: {1: "1000"}, LARGE: {1: "500"}, HOURS: {2: "10"}}, whole(plan(item(HOURS, 1488))))
    assert billed(found) == [(HOURS, 22, 22)]
    assert found.used() == {HOURS: 1510}
    assert [one.kind.code for one in found.usage()] == [HOURS]


def test_a_size_that_the_plan_names_is_billed_on_its_own_terms() -> None:
    version = plan(item(LARGE, 100, 7), item(HOURS, 1488))
    found = priced({SMALL: {1: "1500"}, LARGE: {1: "103"}}, whole(version))
    assert billed(found) == [(HOURS, 12, 12), (LARGE, 3, 21)]


def test_the_version_bound_on_the_day_decides() -> None:
    sized, plain = plan(item(LARGE, 0, 7), item(HOURS)), plan(item(HOURS))
    found = priced(
        {LARGE: {1: "10", 16: "20"}},
        Stretch(Period(APRIL.start, MID), sized),
        Stretch(Period(MID, APRIL.end), plain),
    )
    assert billed(found) == [(HOURS, 20, 20), (LARGE, 10, 70)]


def test_a_day_out_of_service_counts_to_the_version_bound_then() -> None:
    sized, plain = plan(item(LARGE, 0, 7), item(HOURS)), plan(item(HOURS))
    found = priced(
        {LARGE: {1: "1", 12: "10", 30: "100"}},
        Stretch(Period(date(2026, 4, 5), date(2026, 4, 10)), sized),
        Stretch(Period(date(2026, 4, 20), date(2026, 4, 25)), plain),
    )
    assert billed(found) == [(HOURS, 100, 100), (LARGE, 11, 77)]


def includes(pricing: Pricing) -> dict[str, Decimal]:
    return {one.kind.code: one.allowance for one in pricing.usage()}


ALL_MONTH = {LARGE: dict.fromkeys(range(1, 31), "24")}


@pytest.mark.parametrize("prices", [(), (fallback(LARGE, 7),)])
def test_an_addon_of_a_size_lifts_the_base_where_the_version_lists_that_alone(
    prices: tuple[ResourcePrice, ...],
) -> None:
    version = plan(item(HOURS, 100))
    assert billed(priced(ALL_MONTH, whole(version), prices=prices)) == [(HOURS, 620, 620)]
    found = priced(ALL_MONTH, whole(version, addon(LARGE, 10)), prices=prices)
    assert billed(found) == [(HOURS, 610, 610)]
    assert includes(found) == {HOURS: 110}


def test_an_addon_of_a_size_lifts_the_size_where_the_version_lists_it() -> None:
    version = plan(item(LARGE, 100, 7), item(HOURS, 200))
    found = priced({**ALL_MONTH, SMALL: {1: "300"}}, whole(version, addon(LARGE, 10)))
    assert billed(found) == [(HOURS, 100, 100), (LARGE, 610, 4270)]


def test_an_addon_of_a_size_lifts_what_its_usage_counts_on_where_the_version_lists_neither() -> None:
    attached = whole(plan(), addon(LARGE, 60))
    assert billed(priced(ALL_MONTH, attached, prices=[fallback(HOURS, 2)])) == [(HOURS, 660, 1320)]
    both = [fallback(HOURS, 2), fallback(LARGE, 5, MID)]
    found = priced(ALL_MONTH, attached, prices=both)
    assert billed(found) == [(HOURS, 330, 660), (LARGE, 330, 1650)]
    only_before = priced({LARGE: {1: "100"}}, attached, prices=both)
    assert billed(only_before) == [(HOURS, 70, 140)]
    assert replay(only_before.inputs()).hash() == only_before.hash()


def test_an_addon_of_the_base_names_nothing_either() -> None:
    found = priced(ALL_MONTH, whole(plan(), addon(HOURS, 10)), prices=[fallback(LARGE, 5)])
    assert billed(found) == [(LARGE, 720, 3600)]


@pytest.mark.parametrize(("qty", "of_size", "of_base"), [(30, 10, 20), (1, "0.333333", "0.666667")])
def test_each_day_of_an_addon_lifts_once_also_where_the_version_stops_naming_the_size(
    qty: int, of_size: str, of_base: str
) -> None:
    until = date(2026, 4, 11)
    attached = (addon(LARGE, qty),)
    found = priced(
        {LARGE: {1: "100", 30: "1000"}},
        Stretch(Period(APRIL.start, until), plan(item(LARGE, 0, 7), item(HOURS)), attached),
        Stretch(Period(until, APRIL.end), plan(item(HOURS)), attached),
    )
    assert includes(found) == {HOURS: Decimal(of_base), LARGE: Decimal(of_size)}
    assert found.recurring[1].amount_cents == 500
    assert replay(found.inputs()).usage() == found.usage()


def test_the_days_of_an_addon_out_of_service_lift_nothing() -> None:
    version = plan(item(HOURS))
    found = priced(
        {LARGE: {1: "10", 16: "60"}},
        Stretch(Period(APRIL.start, MID), version, (addon(LARGE, 100),), Status.PAUSED),
        Stretch(Period(MID, APRIL.end), version, (addon(LARGE, 100),)),
    )
    assert billed(found) == [(HOURS, 20, 20)]  # 15 of the addon's 30 days lift 50 hours


def test_a_fallback_price_names_a_size_only_where_the_version_names_neither() -> None:
    usage = {LARGE: {1: "10", 16: "20"}}
    prices = [fallback(LARGE, 5, MID), fallback(HOURS, 2)]
    assert billed(priced(usage, whole(plan()), prices=prices)) == [(HOURS, 10, 20), (LARGE, 20, 100)]
    assert billed(priced(usage, whole(plan(item(HOURS))), prices=prices)) == [(HOURS, 30, 30)]
    lifted = priced(usage, whole(plan(), addon(HOURS, 6)), prices=prices)
    assert billed(lifted) == [(HOURS, 4, 8), (LARGE, 20, 100)]


def test_without_a_subscription_only_prices_name_anything() -> None:
    usage = {LARGE: {1: "10"}, SMALL: {1: "3"}}
    prices = [fallback(LARGE, 5), fallback(HOURS, 2)]
    assert billed(priced(usage, prices=prices)) == [(HOURS, 3, 6), (LARGE, 10, 50)]
    cancelled = Stretch(APRIL, plan(item(SMALL, 0, 9)), (addon(SMALL, 1),), Status.CANCELLED)
    assert billed(priced(usage, cancelled, prices=prices)) == [(HOURS, 3, 6), (LARGE, 10, 50)]


def test_a_quote_is_asked_in_sizes_too() -> None:
    quoted = quote(STUDIO, [STORAGE_50GB], {SMALL: Decimal(1000), LARGE: Decimal(1160)}, APRIL.start)
    assert [(line.resource_kind, line.amount_cents) for line in quoted.overage] == [(HOURS, 672)]
    assert quoted.all_in_monthly_cents == 6422


def without_sizes(drawn: Month) -> Month:
    """The same usage, of which nobody told the sizes."""
    usage: dict[str, dict[date, Decimal]] = {}
    for kind, by_day in drawn.usage.items():
        days = usage.setdefault(base_of(kind), {})
        for day, quantity in by_day.items():
            days[day] = days.get(day, Decimal()) + quantity
    return replace(drawn, usage=usage)


def nobody_names_a_size(drawn: Month) -> Month:
    def plain(stretch: Stretch) -> Stretch:
        items = tuple(one for one in stretch.version.items if ":" not in one.resource_kind)
        addons = tuple(one for one in stretch.addons if ":" not in one.resource_kind)
        return replace(stretch, version=replace(stretch.version, items=items), addons=addons)

    return replace(
        drawn,
        stretches=tuple(map(plain, drawn.stretches)),
        prices=tuple(one for one in drawn.prices if ":" not in one.kind),
    )


def of(drawn: Month) -> Pricing:
    return price(drawn.stretches, drawn.usage, drawn.prices, month=drawn.month, currency="AUD")


@examples(300)
@given(any_month())
def test_where_nobody_names_a_size_nothing_tells_them_apart(drawn: Month) -> None:
    plain = nobody_names_a_size(drawn)
    assert of(plain) == of(without_sizes(plain))
    assert of(plain).hash() == of(without_sizes(plain)).hash()


@examples(300)
@given(any_month())
def test_not_a_millionth_is_lost_whoever_names_what(drawn: Month) -> None:
    def by_base(used: Iterable[tuple[str, Decimal]]) -> dict[str, Fraction]:
        sums: dict[str, Fraction] = {}
        for kind, quantity in used:
            if quantity and base_of(kind) != "dns_zones":  # its month is a peak, and it has no sizes
                sums[base_of(kind)] = sums.get(base_of(kind), Fraction()) + Fraction(quantity)
        return sums

    told = [(kind, quantity) for kind, by_day in drawn.usage.items() for quantity in by_day.values()]
    assert by_base(of(drawn).used().items()) == by_base(told)


@examples(300)
@given(any_month())
def test_the_kept_inputs_say_on_what_it_was_billed(drawn: Month) -> None:
    found = of(drawn)
    again = replay(found.inputs())
    assert (again.lines, again.used(), again.hash()) == (found.lines, found.used(), found.hash())


@examples(200)
@given(
    small=st.decimals(0, 3000, places=6),
    large=st.decimals(0, 3000, places=6),
    cents=st.integers(1, 50),
    data=st.data(),
)
def test_naming_every_size_at_one_price_with_all_used_up_comes_to_the_same(
    small: Decimal, large: Decimal, cents: int, data: st.DataObject
) -> None:
    """Neither size has any allowance left: then only the rounding of lines can differ."""
    of_small = data.draw(st.decimals(0, small, places=6))
    of_large = data.draw(st.decimals(0, large, places=6))
    usage = {SMALL: {1: str(small)}, LARGE: {1: str(large)}}
    named = plan(
        PlanItem(SMALL, of_small, "hour", cents),
        PlanItem(LARGE, of_large, "hour", cents),
    )
    together = plan(PlanItem(HOURS, of_small + of_large, "hour", cents))
    apart, at_once = priced(usage, whole(named)).overage, priced(usage, whole(together)).overage

    def quantity(lines: tuple[Line, ...]) -> Decimal:
        return sum((line.qty for line in lines), Decimal())

    assert quantity(apart) == quantity(at_once)
    amounts = [sum(line.amount_cents for line in lines) for lines in (apart, at_once)]
    assert abs(amounts[0] - amounts[1]) <= 1


@pytest.mark.parametrize("kind", [SMALL, LARGE])
def test_what_is_asked_of_a_size_stands_in_the_terms_that_bill_it(kind: str) -> None:
    found = priced({kind: {1: "5"}}, whole(plan(item(LARGE, 3), item(HOURS, 1))))
    assert {one.kind.code: (one.used, one.allowance) for one in found.usage()} == {
        HOURS: (5 if kind == SMALL else 0, 1),
        LARGE: (5 if kind == LARGE else 0, 3),
    }
