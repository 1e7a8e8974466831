"""Base and addon lines: prorated by the day, merged before they are rounded, every day billed once."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.subscriptions import Timeline
from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.quoting import quote
from arcadia_domain.pricing.recurring import name_of, recurring_lines
from arcadia_domain.pricing.stretch import Status, Stretch
from tests.unit.domain.catalogue import (
    APRIL,
    MAY,
    PRO,
    PRO_ID,
    STARTER,
    STARTER_ID,
    STORAGE_50GB,
    STUDIO,
    STUDIO_ID,
    TOKENS_1M,
    april,
    attached,
    bought,
    fallback,
    in_month,
    may,
    month_of_subscription,
    on,
    subscription,
)
from tests.unit.domain.examples import examples

FIRST_OF_MONTH = [date(year, month, 1) for year in range(2024, 2029) for month in range(1, 13)]
ONE_MONTH_OF_EACH_LENGTH = [date(2026, 2, 1), date(2028, 2, 1), date(2026, 4, 1), date(2026, 5, 1)]
PRICES = {version.base_price_cents: version.plan_code for version in (STARTER, STUDIO, PRO)}


def prorated(price: int, days: int, of: int) -> int:
    """price × days ÷ of, by Decimal's own half-up."""
    return int((Decimal(price) * days / of).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def amounts(lines: list[Line]) -> list[int]:
    return [line.amount_cents for line in lines]


@pytest.mark.parametrize("first", FIRST_OF_MONTH, ids=str)
def test_every_start_day_of_2024_to_2028_bills_the_days_that_are_left(first: date) -> None:
    length = monthrange(first.year, first.month)[1]
    for version in (STARTER, STUDIO, PRO):
        for day in range(1, length + 1):
            made = quote(version, [STORAGE_50GB, TOKENS_1M], {}, first.replace(day=day))
            left = length - day + 1
            expected = [
                prorated(version.base_price_cents, left, length),
                prorated(750, left, length),
                prorated(800, left, length),
            ]

            assert (made.days_billed, made.days_in_month) == (left, length)
            assert amounts(list(made.first_invoice)) == expected
            assert made.first_invoice_cents == sum(expected)
            assert made.recurring_cents == version.base_price_cents + 750 + 800
            for line in made.first_invoice:
                assert (line.meta["days_billed"], line.meta["days_in_month"]) == (left, length)


@pytest.mark.parametrize("first", ONE_MONTH_OF_EACH_LENGTH, ids=str)
def test_for_every_pair_of_start_and_change_each_day_is_billed_once(first: date) -> None:
    month = month_of(first)
    for start in month:
        for change in month:
            if change <= start:
                continue
            one = subscription(Timeline.starting(start, STUDIO_ID).with_version(change, PRO_ID))
            pricing = month_of_subscription(month, one)
            on_studio, on_pro = (change - start).days, (month.end - change).days

            assert [line.meta["days_billed"] for line in pricing.recurring] == [on_studio, on_pro]
            assert on_studio + on_pro == (month.end - start).days
            assert amounts(list(pricing.recurring)) == [
                prorated(5000, on_studio, month.days),
                prorated(12000, on_pro, month.days),
            ]


@pytest.mark.parametrize("first", ONE_MONTH_OF_EACH_LENGTH, ids=str)
def test_for_every_pair_of_plan_changes_of_a_month_each_day_is_billed_once(first: date) -> None:
    month = month_of(first)
    bound_before = Timeline.starting(date(2025, 1, 1), STARTER_ID)
    for one in month:
        for other in month:
            if other < one:
                continue
            timeline = bound_before.with_version(one, STUDIO_ID).with_version(other, PRO_ID)
            pricing = month_of_subscription(month, subscription(timeline))
            by_plan = {
                "starter": (one - month.start).days,
                "studio": (other - one).days,
                "pro": (month.end - other).days,
            }

            assert {str(line.meta["plan"]): line.meta["days_billed"] for line in pricing.recurring} == {
                plan: days for plan, days in by_plan.items() if days
            }
            assert sum(by_plan.values()) == month.days
            for line in pricing.recurring:
                plan = str(line.meta["plan"])
                assert PRICES[line.unit_price_cents or 0] == plan
                assert line.amount_cents == prorated(line.unit_price_cents or 0, by_plan[plan], month.days)


@pytest.mark.parametrize("first", ONE_MONTH_OF_EACH_LENGTH, ids=str)
def test_for_every_pair_of_pause_and_return_only_the_days_in_service_cost(first: date) -> None:
    month = month_of(first)
    for pause in month:
        for back in [day for day in month if day > pause] + [month.end]:
            timeline = Timeline.starting(date(2025, 1, 1), STUDIO_ID).with_status(pause, Status.PAUSED)
            timeline = timeline.with_status(back, Status.ACTIVE)
            lines = month_of_subscription(month, subscription(timeline)).recurring
            served = month.days - (back - pause).days

            assert amounts(list(lines)) == ([prorated(5000, served, month.days)] if served else [])


def test_studio_to_pro_on_16_may_is_2419_and_6194() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID).with_version(date(2026, 5, 16), PRO_ID)
    lines = month_of_subscription(MAY, subscription(timeline)).recurring

    assert amounts(list(lines)) == [2419, 6194]
    assert [line.meta["days_billed"] for line in lines] == [15, 16]


def test_the_day_of_an_upgrade_is_not_billed_twice() -> None:
    # Lago's own specification bills 21/31 + 11/31 for an upgrade on the 21st: 32 days of a month of 31.
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID).with_version(date(2026, 5, 21), PRO_ID)
    lines = month_of_subscription(MAY, subscription(timeline)).recurring

    assert [line.meta["days_billed"] for line in lines] == [20, 11]


def test_an_addon_on_25_may_is_169_cents_whenever_the_month_began() -> None:
    for start in (date(2026, 1, 1), date(2026, 5, 20)):
        one = subscription(Timeline.starting(start, STUDIO_ID), [bought(STORAGE_50GB, date(2026, 5, 25))])
        _, addon = month_of_subscription(MAY, one).recurring
        assert (addon.kind, addon.amount_cents) == (LineKind.ADDON, 169)
        assert addon.meta["days_billed"] == 7


def test_april_paused_11_to_20_is_3333_and_500() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID)
    timeline = timeline.with_status(date(2026, 4, 11), Status.PAUSED)
    timeline = timeline.with_status(date(2026, 4, 21), Status.ACTIVE)
    one = subscription(timeline, [bought(STORAGE_50GB, date(2026, 1, 1))])

    assert amounts(list(month_of_subscription(APRIL, one).recurring)) == [3333, 500]


def test_studio_cut_into_1_and_1_and_29_days_is_5000_not_4999() -> None:
    second, third = replace(STUDIO, version=2), replace(STUDIO, version=3)
    held = [Stretch(may(1, 2), STUDIO), Stretch(may(2, 3), second), Stretch(may(3, 32), third)]

    assert sum(prorated(5000, days, 31) for days in (1, 1, 29)) == 4999
    assert amounts(recurring_lines(held, MAY)) == [5000]


def test_a_base_line_explains_itself() -> None:
    held = [
        Stretch(may(1, 11), STUDIO),
        Stretch(may(11, 21), replace(STUDIO, version=2, plan_name="Studio II")),
        Stretch(may(21, 23), STUDIO, status=Status.PAUSED),
        Stretch(may(23, 32), STUDIO),
    ]

    assert recurring_lines(held, MAY) == [
        Line(
            kind=LineKind.PLAN_BASE,
            resource_kind=None,
            description="Plan: Studio",
            qty=Decimal(1),
            unit="month",
            unit_price_cents=5000,
            amount_cents=prorated(5000, 29, 31),
            meta={
                "plan": "studio",
                "versions": ["studio v1", "studio v2"],
                "days_billed": 29,
                "days_in_month": 31,
            },
        )
    ]


def test_an_addon_line_explains_itself() -> None:
    _, line = recurring_lines([Stretch(may(20, 32), STUDIO, (attached(STORAGE_50GB),))], MAY)

    assert line == Line(
        kind=LineKind.ADDON,
        resource_kind="spaces_gb_month",
        description="Addon: storage_50gb",
        qty=Decimal(1),
        unit="month",
        unit_price_cents=750,
        amount_cents=290,
        meta={"addon": "storage_50gb", "lifts_by": "50", "days_billed": 12, "days_in_month": 31},
    )


def test_another_price_or_another_plan_is_another_line_in_the_order_of_the_days() -> None:
    dearer = replace(STUDIO, version=2, base_price_cents=5500)
    twin = replace(PRO, base_price_cents=5000)
    held = [
        Stretch(may(1, 11), dearer),
        Stretch(may(11, 21), STUDIO),
        Stretch(may(21, 26), twin),
        Stretch(may(26, 32), dearer),
    ]
    lines = recurring_lines(held, MAY)

    assert [(line.meta["plan"], line.unit_price_cents, line.meta["days_billed"]) for line in lines] == [
        ("studio", 5500, 16),
        ("studio", 5000, 10),
        ("pro", 5000, 5),
    ]
    assert amounts(lines) == [prorated(5500, 16, 31), prorated(5000, 10, 31), prorated(5000, 5, 31)]


def test_addons_stand_in_the_order_of_their_slots_after_every_base() -> None:
    early, late = attached(STORAGE_50GB, 0), attached(TOKENS_1M, 1)
    same_again = attached(STORAGE_50GB, 2)
    held = [Stretch(may(1, 11), STUDIO, (late,)), Stretch(may(11, 32), PRO, (same_again, early, late))]
    lines = recurring_lines(held, MAY)

    assert [(line.description, line.meta["days_billed"]) for line in lines] == [
        ("Plan: Studio", 10),
        ("Plan: Pro", 21),
        ("Addon: storage_50gb", 21),
        ("Addon: llm_1m", 31),
        ("Addon: storage_50gb", 21),
    ]


@pytest.mark.parametrize("status", [Status.TRIAL, Status.PAUSED, Status.CANCELLED])
def test_days_that_do_not_cost_make_no_line(status: Status) -> None:
    assert recurring_lines([Stretch(MAY, STUDIO, (attached(STORAGE_50GB),), status)], MAY) == []


def test_a_trial_costs_nothing_and_then_the_rest_does() -> None:
    timeline = Timeline.starting(date(2026, 5, 3), STUDIO_ID, trial_ends_on=date(2026, 5, 17))
    one = subscription(timeline, [bought(STORAGE_50GB, date(2026, 5, 3))])

    assert amounts(list(month_of_subscription(MAY, one).recurring)) == [
        prorated(5000, 15, 31),
        prorated(750, 15, 31),
    ]


def test_a_free_plan_still_has_its_line() -> None:
    (line,) = recurring_lines([Stretch(MAY, replace(STUDIO, base_price_cents=0))], MAY)

    assert (line.amount_cents, line.unit_price_cents) == (0, 0)


def test_a_version_is_called_by_plan_and_number() -> None:
    assert name_of(replace(STUDIO, version=12)) == "studio v12"


def test_nothing_bound_costs_nothing() -> None:
    assert recurring_lines([], MAY) == []


@st.composite
def migrations(draw: st.DrawFn) -> tuple[Period, list[Stretch], list[Stretch]]:
    """A month of one plan with pauses, and the same month moved to identical versions on some of its days."""
    month = month_of(draw(st.sampled_from([first for first in FIRST_OF_MONTH if first.year == 2026])))
    days = list(month)
    paused = draw(st.sets(st.sampled_from(days), max_size=12))
    start = draw(st.sampled_from(days))
    addon = attached(STORAGE_50GB)
    with_addon = draw(st.sets(st.sampled_from(days)))
    moves = draw(st.sets(st.sampled_from(days), max_size=6))
    plan = draw(st.sampled_from([STARTER, STUDIO, PRO]))
    stayed, moved, version = [], [], plan
    for day in days:
        if day in moves:
            version = replace(version, version=version.version + 1)
        if day < start:
            continue
        status = Status.PAUSED if day in paused else Status.ACTIVE
        held = (addon,) if day in with_addon else ()
        period = Period(day, day + (days[1] - days[0]))
        stayed.append(Stretch(period, plan, held, status))
        moved.append(Stretch(period, version, held, status))
    return month, stayed, moved


@examples(150)
@given(migrations(), st.integers(0, 5000), st.integers(0, 400))
def test_moving_to_an_identical_version_changes_no_cent(
    drawn: tuple[Period, list[Stretch], list[Stretch]], hours: int, gigabytes: int
) -> None:
    month, stayed, moved = drawn
    used = {
        **on(list(month)[4], droplet_hours=hours, dns_zones=7),
        **on(list(month)[20], spaces_gb_month=gigabytes),
    }
    used["llm_tokens"] = {day: Decimal(99_999) for day in month}
    prices = [fallback("llm_tokens", date(2020, 1, 1), 3, "1k_tokens")]
    before, after = in_month(month, stayed, used, prices), in_month(month, moved, used, prices)

    assert [(line.kind, line.qty, line.amount_cents) for line in after.lines] == [
        (line.kind, line.qty, line.amount_cents) for line in before.lines
    ]


@examples(150)
@given(st.sets(st.integers(1, 31), min_size=1, max_size=6), st.integers(0, 3000))
def test_moving_a_subscription_to_an_identical_version_on_any_days_changes_no_cent(
    moves: set[int], hours: int
) -> None:
    stays = Timeline.starting(date(2026, 5, 1), STUDIO_ID)
    held = month_of_subscription(MAY, subscription(stays), on(date(2026, 5, 9), droplet_hours=hours))
    stretches = [
        Stretch(Period(a, b), replace(STUDIO, version=number))
        for number, (a, b) in enumerate(_pairs(sorted(moves)), start=1)
    ]
    moved = in_month(MAY, stretches, on(date(2026, 5, 9), droplet_hours=hours))

    assert [line.amount_cents for line in moved.lines] == [line.amount_cents for line in held.lines]


def _pairs(days: list[int]) -> list[tuple[date, date]]:
    edges = [date(2026, 5, day) for day in sorted({1, *days})] + [MAY.end]
    return list(pairwise(edges))


def test_a_pause_of_april_is_the_same_however_it_is_cut() -> None:
    whole = [Stretch(april(1, 11), STUDIO), Stretch(april(21, 31), STUDIO)]
    crumbs = [Stretch(april(d, d + 1), STUDIO) for d in (*range(1, 11), *range(21, 30))] + [
        Stretch(april(30, 31), STUDIO)
    ]

    assert amounts(recurring_lines(whole, APRIL)) == amounts(recurring_lines(crumbs, APRIL)) == [3333]
