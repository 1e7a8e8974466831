"""Overage lines: shares of the allowance, what lies beyond it, caps, fallback prices, and their words."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from arcadia_domain.billing.subscriptions import Timeline
from arcadia_domain.pricing.catalog import PlanVersion, ResourcePrice
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.stretch import Status, Stretch
from tests.unit.domain.catalogue import (
    APRIL,
    LLM_ALLOWANCE,
    MAY,
    PRO,
    PRO_ID,
    STARTER,
    STORAGE_50GB,
    STUDIO,
    STUDIO_ID,
    april,
    attached,
    bought,
    fallback,
    in_month,
    item,
    may,
    month_of_subscription,
    on,
    subscription,
)

D5 = date(2026, 5, 5)
D25 = date(2026, 5, 25)


def plan(*items: object, version: int = 1, code: str = "studio") -> PlanVersion:
    return replace(STUDIO, plan_code=code, version=version, items=tuple(items))  # type: ignore[arg-type]


def overage(
    held: list[Stretch],
    usage: dict[str, dict[date, Decimal]],
    prices: list[ResourcePrice] | None = None,
) -> tuple[Line, ...]:
    return in_month(MAY, held, usage, prices or []).overage


def billed(lines: tuple[Line, ...]) -> list[tuple[Decimal, int]]:
    return [(line.qty, line.amount_cents) for line in lines]


def test_usage_up_to_the_allowance_makes_no_line() -> None:
    held = [Stretch(MAY, STUDIO)]

    assert overage(held, on(D5, droplet_hours=1488)) == ()
    assert overage(held, {}) == ()
    assert overage(held, on(D5, droplet_hours=0)) == ()
    assert billed(overage(held, on(D5, droplet_hours="1488.000001"))) == [(Decimal("0.000001"), 0)]


def test_the_usage_of_a_month_tells_what_is_included_and_what_lies_beyond_before_any_cap() -> None:
    capped = plan(item("bandwidth_gb", 10, "gb", cap=3), item("spaces_gb_month", 100, "gb_month", 2))
    held = [Stretch(MAY, capped, (attached(STORAGE_50GB),))]
    used = on(D5, spaces_gb_month="149.5", bandwidth_gb=20, dns_zones=1)

    assert [
        (one.kind.code, one.used, one.allowance, one.overage) for one in in_month(MAY, held, used).usage()
    ] == [
        ("spaces_gb_month", Decimal("149.5"), 150, 0),
        ("bandwidth_gb", 20, 10, 10),
        ("dns_zones", 1, 0, 1),
    ]


def test_an_overage_line_explains_itself() -> None:
    held = [Stretch(MAY, STUDIO, (attached(STORAGE_50GB),))]

    assert overage(held, on(D5, spaces_gb_month="200.5")) == (
        Line(
            kind=LineKind.OVERAGE,
            resource_kind="spaces_gb_month",
            description="Overage: spaces_gb_month",
            qty=Decimal("50.5"),
            unit="gb_month",
            unit_price_cents=2,
            amount_cents=101,
            meta={
                "used": "200.5",
                "allowance": "150",
                "included": "100",
                "lifted_by": [{"addon": "storage_50gb", "qty": "50"}],
                "days_in_span": 31,
                "overage": "50.5",
                "days_in_service": 31,
                "used_in_these_days": "200.5",
                "included_for_these_days": "100",
                "versions": ["studio v1"],
            },
        ),
    )


def test_llm_overage_counts_in_thousands_of_tokens() -> None:
    (line,) = overage([Stretch(MAY, STUDIO)], on(D5, llm_tokens=LLM_ALLOWANCE + 500_000))

    assert (line.qty, line.unit, line.unit_price_cents, line.amount_cents) == (500, "1k_tokens", 1, 500)
    assert line.meta["overage"] == "500000"


@pytest.mark.parametrize(("tokens", "cents"), [(1, 0), (499, 0), (500, 1), (501, 1), (1499, 1), (1500, 2)])
def test_half_a_cent_is_rounded_up_once_per_line(tokens: int, cents: int) -> None:
    (line,) = overage([Stretch(MAY, STUDIO)], on(D5, llm_tokens=LLM_ALLOWANCE + tokens))

    assert line.amount_cents == cents


def test_lines_stand_in_the_order_of_the_registry_whatever_the_order_of_usage() -> None:
    used = on(D5, llm_tokens=9_000_000, dns_zones=9, bandwidth_gb=9000, droplet_hours=9000)
    expected = ["droplet_hours", "bandwidth_gb", "dns_zones", "llm_tokens"]

    for usage in (used, dict(reversed(used.items()))):
        assert [line.resource_kind for line in overage([Stretch(MAY, STUDIO)], usage)] == expected


def test_studio_to_pro_on_16_may_has_720_hours_of_studio() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID).with_version(date(2026, 5, 16), PRO_ID)
    used = {"droplet_hours": {D5: Decimal(2000), D25: Decimal(4000)}}
    lines = month_of_subscription(MAY, subscription(timeline), used).overage

    assert [line.meta["included_for_these_days"] for line in lines] == ["720", "1920"]
    assert [line.meta["days_in_service"] for line in lines] == [15, 16]
    assert [line.meta["allowance"] for line in lines] == ["2640", "2640"]
    assert billed(lines) == [(1120, 1120), (2240, 2240)]


@pytest.mark.parametrize(
    ("start", "lift"), [(date(2026, 1, 1), "11.290323"), (date(2026, 5, 20), "29.166667")]
)
def test_an_addon_on_25_may_lifts_its_share_of_the_span(start: date, lift: str) -> None:
    one = subscription(Timeline.starting(start, STUDIO_ID), [bought(STORAGE_50GB, D25)])
    (line,) = month_of_subscription(MAY, one, on(date(2026, 5, 28), spaces_gb_month=200)).overage

    assert line.meta["lifted_by"] == [{"addon": "storage_50gb", "qty": lift}]
    assert line.meta["included"] == "100"
    assert line.qty == 100 - Decimal(lift)
    assert line.meta["allowance"] == str(100 + Decimal(lift))


def test_april_paused_11_to_20_includes_992_hours() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID)
    timeline = timeline.with_status(date(2026, 4, 11), Status.PAUSED)
    timeline = timeline.with_status(date(2026, 4, 21), Status.ACTIVE)
    used = on(date(2026, 4, 2), droplet_hours=1000)
    (line,) = month_of_subscription(APRIL, subscription(timeline), used).overage

    assert (line.meta["allowance"], line.qty, line.amount_cents) == ("992", 8, 8)
    assert (line.meta["days_in_service"], line.meta["days_in_span"]) == (20, 30)


def test_a_start_on_the_20th_has_the_whole_allowance() -> None:
    (line,) = overage([Stretch(may(20, 32), STUDIO)], on(D25, droplet_hours=1500))

    assert (line.meta["allowance"], line.qty) == ("1488", 12)
    assert (line.meta["days_in_service"], line.meta["days_in_span"]) == (12, 12)


def test_a_trial_earns_its_allowance_and_its_overage_is_billed() -> None:
    (line,) = overage([Stretch(MAY, STUDIO, status=Status.TRIAL)], on(D5, droplet_hours=1500))

    assert (line.meta["allowance"], line.amount_cents) == ("1488", 12)


def test_a_cancelled_day_is_not_in_the_span_and_its_usage_counts_to_the_last_version() -> None:
    held = [Stretch(may(1, 11), STUDIO), Stretch(may(11, 32), STUDIO, status=Status.CANCELLED)]
    (line,) = overage(held, on(D25, droplet_hours=1500))

    assert (line.meta["allowance"], line.meta["days_in_span"], line.qty) == ("1488", 10, 12)


def test_usage_before_the_first_stretch_counts_to_the_first_version_and_after_the_last_to_the_last() -> None:
    cheap, dear = (
        plan(item("dns_zones", 0, "zone", 1), item("droplet_hours", 0, "hour", 1)),
        plan(item("droplet_hours", 0, "hour", 7), version=2),
    )
    held = [Stretch(may(10, 12), cheap), Stretch(may(20, 22), dear)]
    days = {day: Decimal(1) for day in (date(2026, 5, d) for d in (1, 9, 11, 15, 19, 20, 21, 31))}

    assert billed(overage(held, {"droplet_hours": days})) == [(5, 5), (3, 21)]


def test_versions_shares_are_cut_in_millionths_that_add_up() -> None:
    # 100 × 1/31 and 100 × 30/31 of two unequal versions, 3.2258064… and 96.7741935…: the rest is cut off.
    one, other = plan(item("bandwidth_gb", 100, "gb", 1)), plan(item("bandwidth_gb", 100, "gb", 2), version=2)
    lines = overage(
        [Stretch(may(1, 2), one), Stretch(may(2, 32), other)],
        {"bandwidth_gb": {date(2026, 5, 1): Decimal(100), D25: Decimal(100)}},
    )

    assert [line.meta["included_for_these_days"] for line in lines] == ["3.225806", "96.774194"]
    assert [line.meta["included"] for line in lines] == ["100", "100"]
    assert [line.qty for line in lines] == [50, 50]


def test_overage_is_divided_by_usage_in_millionths_that_add_up() -> None:
    one, other = plan(item("bandwidth_gb", 0, "gb", 1)), plan(item("bandwidth_gb", 2, "gb", 2), version=2)
    lines = overage(
        [Stretch(may(1, 16), one), Stretch(may(16, 32), other)],
        {"bandwidth_gb": {D5: Decimal(1), D25: Decimal(2)}},
    )

    # allowance 2 × 16/31 = 1.032258; overage 1.967742, a third of it 0.655914
    assert [line.meta["overage"] for line in lines] == ["0.655914", "1.311828"]
    assert [line.meta["used_in_these_days"] for line in lines] == ["1", "2"]


def test_a_stretch_without_usage_has_no_line() -> None:
    held = [Stretch(may(1, 16), plan(item("bandwidth_gb", 0, "gb", 1))), Stretch(may(16, 32), PRO)]
    (line,) = overage(held, on(D5, bandwidth_gb=9000))

    assert line.meta["versions"] == ["studio v1"]


def test_equal_terms_that_are_not_adjacent_are_one_line() -> None:
    held = [
        Stretch(may(1, 11), STUDIO),
        Stretch(may(11, 21), PRO),
        Stretch(may(21, 32), replace(STUDIO, version=2)),
    ]
    days = {date(2026, 5, d): Decimal(2000) for d in (5, 15, 25)}
    first, second = overage(held, {"droplet_hours": days})

    assert (first.meta["versions"], first.meta["days_in_service"]) == (["studio v1", "studio v2"], 21)
    assert (second.meta["versions"], second.meta["days_in_service"]) == (["pro v1"], 10)
    assert first.meta["included_for_these_days"] == "1008"


def test_above_the_cap_nothing_is_billed_and_the_line_says_how_much() -> None:
    held = [Stretch(MAY, plan(item("bandwidth_gb", 100, "gb", 3, cap=20)))]
    (line,) = overage(held, on(D5, bandwidth_gb=150))

    assert (line.qty, line.amount_cents) == (20, 60)
    assert (line.meta["overage"], line.meta["cap"], line.meta["above_cap"]) == ("50", "20", "30")


def test_below_the_cap_all_is_billed_and_nothing_is_above_it() -> None:
    held = [Stretch(MAY, plan(item("bandwidth_gb", 100, "gb", 3, cap=20)))]
    (line,) = overage(held, on(D5, bandwidth_gb=120))

    assert (line.qty, line.meta["cap"], line.meta["above_cap"]) == (20, "20", "0")


def test_a_cap_counts_in_base_units() -> None:
    held = [Stretch(MAY, plan(item("llm_tokens", 0, "1k_tokens", 2, cap=1500)))]
    (line,) = overage(held, on(D5, llm_tokens=5000))

    assert (line.qty, line.amount_cents, line.meta["above_cap"]) == (Decimal("1.5"), 3, "3500")


def test_a_cap_is_shared_by_days_in_service_like_the_allowance() -> None:
    capped, other = (
        plan(item("bandwidth_gb", 0, "gb", 1, cap=31)),
        plan(item("bandwidth_gb", 0, "gb", 2), version=2),
    )
    lines = overage(
        [Stretch(may(1, 11), capped), Stretch(may(11, 32), other)],
        {"bandwidth_gb": {D5: Decimal(100), D25: Decimal(100)}},
    )

    assert billed(lines) == [(10, 10), (100, 200)]
    assert (lines[0].meta["cap"], lines[0].meta["above_cap"]) == ("10", "90")
    assert "cap" not in lines[1].meta
    assert "above_cap" not in lines[1].meta


def test_a_cap_of_nothing_bills_nothing_and_says_so() -> None:
    (line,) = overage([Stretch(MAY, plan(item("bandwidth_gb", 0, "gb", 1, cap=0)))], on(D5, bandwidth_gb=5))

    assert (line.qty, line.amount_cents, line.meta["above_cap"]) == (0, 0, "5")


def test_a_cap_of_a_month_out_of_service_is_nothing() -> None:
    held = [Stretch(MAY, plan(item("bandwidth_gb", 9, "gb", 1, cap=9)), status=Status.PAUSED)]
    (line,) = overage(held, on(D5, bandwidth_gb=5))

    assert (line.qty, line.meta["included"], line.meta["above_cap"]) == (0, "0", "5")


def test_a_peaks_overage_belongs_to_the_first_day_of_the_peak() -> None:
    one, other = plan(item("dns_zones", 2, "zone", 10)), plan(item("dns_zones", 2, "zone", 30), version=2)
    held = [Stretch(may(1, 16), one), Stretch(may(16, 32), other)]
    late_peak = {"dns_zones": {D5: Decimal(4), D25: Decimal(5)}}
    equal_peaks = {"dns_zones": {D25: Decimal(5), D5: Decimal(5)}}

    (late,) = overage(held, late_peak)
    assert (late.qty, late.amount_cents, late.meta["versions"]) == (3, 90, ["studio v2"])
    assert (late.meta["used"], late.meta["used_in_these_days"]) == ("5", "5")
    (first,) = overage(held, equal_peaks)
    assert (first.qty, first.amount_cents, first.meta["versions"]) == (3, 30, ["studio v1"])


def test_a_kind_that_the_plan_does_not_list_is_on_the_fallback_price() -> None:
    price = fallback("bandwidth_gb", date(2026, 4, 1), 3, "gb")
    (line,) = overage([Stretch(MAY, STARTER)], on(D5, bandwidth_gb=7), [price])

    assert (line.qty, line.unit, line.unit_price_cents, line.amount_cents) == (7, "gb", 3, 21)
    assert line.meta["price_from"] == "2026-04-01T00:00:00+00:00"
    assert (line.meta["allowance"], line.meta["versions"]) == ("0", ["starter v1"])
    assert "unpriced" not in line.meta
    assert line.description == "Overage: bandwidth_gb"


def test_a_kind_that_nothing_prices_is_a_zero_priced_line_that_says_so() -> None:
    made = in_month(MAY, [Stretch(MAY, STARTER)], on(D5, bandwidth_gb=7))
    (line,) = made.overage

    assert (line.qty, line.unit, line.unit_price_cents, line.amount_cents) == (7, "gb", 0, 0)
    assert line.meta["unpriced"] is True
    assert "price_from" not in line.meta
    assert line.description == "Overage: bandwidth_gb (no price in force)"
    assert made.total_cents == 2000


def test_a_line_without_a_price_counts_in_overage_units_as_every_overage_line() -> None:
    # SPEC 4: "An overage line counts in overage units (500 × `1k_tokens`)".
    (line,) = overage([Stretch(MAY, STARTER)], on(D5, llm_tokens=500_000))

    assert (line.qty, line.unit) == (500, "1k_tokens")


def test_a_price_of_zero_is_a_price() -> None:
    price = fallback("bandwidth_gb", date(2026, 4, 1), 0, "gb")
    (line,) = overage([Stretch(MAY, STARTER)], on(D5, bandwidth_gb=7), [price])

    assert line.meta["price_from"] == "2026-04-01T00:00:00+00:00"
    assert "unpriced" not in line.meta


def test_each_day_is_on_the_price_of_that_day() -> None:
    prices = [
        fallback("bandwidth_gb", date(2026, 5, 21), 9, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 11), 5, "gb"),
        fallback("droplet_hours", date(2026, 5, 1), 8, "hour"),
        fallback("bandwidth_gb", date(2026, 6, 1), 99, "gb"),
    ]
    days = {date(2026, 5, d): Decimal(1) for d in (1, 10, 11, 20, 21, 31)}
    lines = overage([Stretch(MAY, STARTER)], {"bandwidth_gb": days}, prices)

    assert [(line.qty, line.unit_price_cents, line.amount_cents) for line in lines] == [
        (2, 0, 0),
        (2, 5, 10),
        (2, 9, 18),
    ]
    assert [line.meta.get("price_from") for line in lines] == [
        None,
        "2026-05-11T00:00:00+00:00",
        "2026-05-21T00:00:00+00:00",
    ]


def test_a_line_on_a_fallback_price_tells_its_own_days_in_service() -> None:
    prices = [
        fallback("bandwidth_gb", date(2026, 5, 11), 5, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 21), 9, "gb"),
    ]
    days = {date(2026, 5, d): Decimal(1) for d in (1, 11, 31)}
    held = [
        Stretch(may(5, 13), STARTER),
        Stretch(may(13, 15), STARTER, status=Status.PAUSED),
        Stretch(may(15, 32), STARTER),
    ]
    lines = overage(held, {"bandwidth_gb": days}, prices)

    assert [line.meta["days_in_service"] for line in lines] == [6, 8, 11]
    assert [line.meta["days_in_span"] for line in lines] == [27, 27, 27]


def test_a_price_that_ended_before_the_subscription_began_has_no_day_in_service() -> None:
    prices = [fallback("bandwidth_gb", date(2026, 5, 4), 5, "gb")]
    days = {date(2026, 5, d): Decimal(1) for d in (2, 20)}
    lines = overage([Stretch(may(11, 32), STARTER)], {"bandwidth_gb": days}, prices)

    assert [(line.unit_price_cents, line.meta["days_in_service"]) for line in lines] == [(0, 0), (5, 21)]


def test_of_two_prices_of_one_day_the_later_holds() -> None:
    noon, evening = (
        replace(
            fallback("bandwidth_gb", D5, cents, "gb"),
            from_at=fallback("bandwidth_gb", D5, 0, "gb").from_at.replace(hour=h),
        )
        for cents, h in ((5, 12), (6, 20))
    )
    for prices in ([noon, evening], [evening, noon]):
        (line,) = overage([Stretch(MAY, STARTER)], on(D5, bandwidth_gb=1), prices)
        assert line.unit_price_cents == 6


def test_a_plan_that_lists_the_kind_never_asks_for_the_fallback() -> None:
    price = fallback("droplet_hours", date(2026, 4, 1), 99, "hour")
    (line,) = overage([Stretch(MAY, STUDIO)], on(D5, droplet_hours=1500), [price])

    assert (line.unit_price_cents, line.amount_cents) == (1, 12)
    assert "price_from" not in line.meta


def test_an_addon_lifts_a_kind_that_the_plan_does_not_list() -> None:
    price = fallback("spaces_gb_month", date(2026, 4, 1), 3, "gb_month")
    bare = plan()
    (line,) = overage([Stretch(MAY, bare, (attached(STORAGE_50GB),))], on(D5, spaces_gb_month=60), [price])

    assert (line.qty, line.amount_cents, line.meta["allowance"]) == (10, 30, "50")


def test_an_addon_of_another_kind_lifts_nothing() -> None:
    (line,) = overage([Stretch(MAY, STUDIO, (attached(STORAGE_50GB),))], on(D5, droplet_hours=1500))

    assert line.meta["lifted_by"] == []


def test_the_same_addon_twice_lifts_twice_in_the_order_of_slots() -> None:
    small = replace(STORAGE_50GB, code="storage_10gb", qty=Decimal(10))
    held = [
        Stretch(may(1, 16), STUDIO, (attached(small, 1),)),
        Stretch(may(16, 32), STUDIO, (attached(STORAGE_50GB, 0), attached(small, 1), attached(small, 2))),
    ]
    (line,) = overage(held, on(D5, spaces_gb_month=500))

    assert line.meta["lifted_by"] == [
        {"addon": "storage_50gb", "qty": "25.806452"},
        {"addon": "storage_10gb", "qty": "10"},
        {"addon": "storage_10gb", "qty": "5.16129"},
    ]
    assert line.meta["allowance"] == "140.967742"


def test_an_addon_that_never_served_lifts_nothing_and_is_not_named() -> None:
    held = [
        Stretch(may(1, 16), STUDIO),
        Stretch(may(16, 32), STUDIO, (attached(STORAGE_50GB),), Status.PAUSED),
    ]
    (line,) = overage(held, on(D5, spaces_gb_month=500))

    assert (line.meta["lifted_by"], line.meta["allowance"]) == ([], "48.387097")


@pytest.mark.parametrize("held", [[], [Stretch(MAY, STUDIO, (attached(STORAGE_50GB),), Status.CANCELLED)]])
def test_without_a_living_subscription_usage_is_on_the_fallback_prices(held: list[Stretch]) -> None:
    prices = [
        fallback("spaces_gb_month", date(2026, 4, 1), 3, "gb_month"),
        fallback("spaces_gb_month", date(2026, 5, 16), 4, "gb_month"),
    ]
    lines = overage(held, {"spaces_gb_month": {D5: Decimal(10), D25: Decimal(5)}}, prices)

    assert billed(lines) == [(10, 30), (5, 20)]
    assert [line.meta["versions"] for line in lines] == [[], []]
    assert [line.meta["days_in_span"] for line in lines] == [0, 0]
    assert [line.meta["days_in_service"] for line in lines] == [0, 0]
    assert [line.meta["allowance"] for line in lines] == ["0", "0"]
    assert [line.meta["lifted_by"] for line in lines] == [[], []]


def test_a_version_without_the_kind_beside_one_with_it() -> None:
    price = fallback("bandwidth_gb", date(2026, 4, 1), 9, "gb")
    held = [Stretch(april(1, 16), STARTER), Stretch(april(16, 31), STUDIO)]
    used = {"bandwidth_gb": {date(2026, 4, 3): Decimal(1000), date(2026, 4, 20): Decimal(1000)}}
    lines = in_month(APRIL, held, used, [price]).overage

    # Studio's half of 2000 GB covers a thousand of the two, whoever used them.
    assert [(line.unit_price_cents, line.qty, line.amount_cents) for line in lines] == [
        (9, 500, 4500),
        (1, 500, 500),
    ]
    assert [line.meta["included_for_these_days"] for line in lines] == ["0", "1000"]
    assert [line.meta["days_in_service"] for line in lines] == [15, 15]


def test_a_fallback_price_equal_to_a_plans_terms_is_the_same_terms() -> None:
    price = fallback("bandwidth_gb", date(2026, 4, 1), 1, "gb")
    held = [Stretch(may(1, 16), STARTER), Stretch(may(16, 32), plan(item("bandwidth_gb", 0, "gb", 1)))]
    used = {"bandwidth_gb": {D5: Decimal("0.5"), D25: Decimal("0.5")}}
    (line,) = overage(held, used, [price])

    assert (line.qty, line.amount_cents) == (1, 1)
    assert line.meta["versions"] == ["starter v1", "studio v1"]
