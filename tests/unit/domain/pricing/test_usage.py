"""Usage at the pricing door: what is refused, and how days become a month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arcadia_domain.period import DateOutOfRange
from arcadia_domain.pricing.kinds import KINDS, UnknownKind
from arcadia_domain.pricing.usage import UsageOutsideMonth, checked, day_of_peak, month_total
from arcadia_domain.quantity import InvalidQuantity
from tests.unit.domain.catalogue import MAY

FIRST, SECOND, LAST = date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 31)


def test_usage_becomes_millionths_and_days_of_nothing_are_left_out() -> None:
    usage = {
        "droplet_hours": {FIRST: Decimal("1.5"), SECOND: Decimal(0), LAST: Decimal(2)},
        "dns_zones": {FIRST: Decimal(0)},
        "bandwidth_gb": {},
    }

    assert checked(usage, MAY) == {"droplet_hours": {FIRST: 1_500_000, LAST: 2_000_000}}


@pytest.mark.parametrize("day", [date(2026, 4, 30), date(2026, 6, 1), date(2025, 5, 2)])
def test_usage_outside_the_month_is_refused_with_kind_and_day(day: date) -> None:
    with pytest.raises(UsageOutsideMonth) as refused:
        checked({"droplet_hours": {day: Decimal(1)}}, MAY)

    assert refused.value.facts == {
        "kind": "droplet_hours", "day": day, "start": date(2026, 5, 1), "end": date(2026, 6, 1),
    }  # fmt: skip
    assert str(refused.value) == (
        f"Usage of droplet_hours on {day} lies outside the month from 2026-05-01 to 2026-06-01."
    )
    assert refused.value.code == "usage_outside_month"


@pytest.mark.parametrize("day", [datetime(2026, 5, 2), datetime(2026, 5, 2, tzinfo=UTC), "2026-05-02", None])
def test_usage_on_what_is_no_day_is_refused_by_name(day: object) -> None:
    with pytest.raises((UsageOutsideMonth, DateOutOfRange), match="droplet_hours"):
        checked({"droplet_hours": {day: Decimal(1)}}, MAY)  # type: ignore[dict-item]


def test_usage_of_an_unknown_kind_is_refused_even_when_it_is_nothing() -> None:
    with pytest.raises(UnknownKind, match="'gpu_hours'"):
        checked({"gpu_hours": {}}, MAY)


@pytest.mark.parametrize(
    "quantity",
    [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1.5, True, Decimal("1E-7"), Decimal("1E14")],
)
def test_usage_that_is_no_quantity_is_refused_with_its_kind(quantity: Decimal) -> None:
    with pytest.raises(InvalidQuantity, match="The quantity of droplet_hours") as refused:
        checked({"droplet_hours": {FIRST: quantity}}, MAY)

    assert refused.value.facts["what"] == "droplet_hours"


def test_a_month_is_the_sum_of_its_days_or_their_peak() -> None:
    by_day = {FIRST: 3, SECOND: 5, LAST: 5}

    assert month_total(KINDS["droplet_hours"], by_day) == 13
    assert month_total(KINDS["dns_zones"], by_day) == 5
    assert month_total(KINDS["droplet_hours"], {}) == 0
    assert month_total(KINDS["dns_zones"], {}) == 0


def test_the_day_of_the_peak_is_the_first_that_reaches_it() -> None:
    assert day_of_peak({LAST: 5, SECOND: 5, FIRST: 3}) == SECOND
    assert day_of_peak({FIRST: 7, SECOND: 5}) == FIRST
