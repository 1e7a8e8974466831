"""Stretches: which days serve, which cost, and what price() refuses to be fed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from arcadia_domain.money import InvalidAmount, InvalidCurrency, MixedCurrencies
from arcadia_domain.period import Period
from arcadia_domain.pricing.kinds import UnknownKind
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch, StretchesOutOfOrder, check, span
from arcadia_domain.quantity import InvalidQuantity
from tests.unit.domain.catalogue import MAY, STORAGE_50GB, STUDIO, attached, may


@pytest.mark.parametrize(
    ("status", "in_service", "billed", "spans"),
    [
        (Status.TRIAL, 5, 0, 5),
        (Status.ACTIVE, 5, 5, 5),
        (Status.PAUSED, 0, 0, 5),
        (Status.CANCELLED, 0, 0, 0),
    ],
)
def test_a_status_decides_what_its_days_count_for(
    status: Status, in_service: int, billed: int, spans: int
) -> None:
    stretch = Stretch(may(3, 8), STUDIO, status=status)

    assert stretch.days_in_service == in_service
    assert stretch.days_billed == billed
    assert span([stretch]) == spans
    assert status.in_service is (in_service > 0)


def test_the_span_is_all_days_that_are_not_cancelled() -> None:
    held = [
        Stretch(may(3, 8), STUDIO, status=Status.TRIAL),
        Stretch(may(8, 10), STUDIO, status=Status.PAUSED),
        Stretch(may(12, 13), STUDIO),
        Stretch(may(13, 32), STUDIO, status=Status.CANCELLED),
    ]

    assert span(held) == 5 + 2 + 1
    assert span([]) == 0


def test_a_stretch_is_active_and_bare_unless_it_says_otherwise() -> None:
    assert (Stretch(MAY, STUDIO).status, Stretch(MAY, STUDIO).addons) == (Status.ACTIVE, ())


def test_an_attachment_is_a_snapshot_in_its_slot() -> None:
    assert attached(STORAGE_50GB, 3) == AttachedAddon(
        3, "storage_50gb", "spaces_gb_month", Decimal(50), 750, "AUD"
    )


class Loose:
    """An addon that was checked by nobody."""

    code = "loose"
    resource_kind = "dns_zones"
    qty = Decimal(1)
    price_cents = 1
    currency = "AUD"


def test_an_attachment_is_checked_whoever_hands_it_over() -> None:
    loose = Loose()
    assert AttachedAddon.of(loose, 0).code == "loose"
    loose.qty = Decimal("NaN")
    with pytest.raises(InvalidQuantity, match="addon 'loose'"):
        AttachedAddon.of(loose, 0)
    loose.qty, loose.price_cents = Decimal(1), -1
    with pytest.raises(InvalidAmount, match="The price of addon 'loose'"):
        AttachedAddon.of(loose, 0)
    loose.price_cents, loose.resource_kind = 1, "gpu_hours"
    with pytest.raises(UnknownKind, match="'gpu_hours'"):
        AttachedAddon.of(loose, 0)


def test_stretches_may_touch_and_may_leave_gaps_and_may_be_none() -> None:
    check([], MAY, "AUD")
    check([Stretch(MAY, STUDIO)], MAY, "AUD")
    check([Stretch(may(1, 5), STUDIO), Stretch(may(5, 9), STUDIO), Stretch(may(20, 32), STUDIO)], MAY, "AUD")


@pytest.mark.parametrize(
    ("periods", "bad"),
    [
        ([may(1, 6), may(5, 9)], 1),
        ([may(5, 9), may(1, 5)], 1),
        ([may(5, 9), may(5, 9)], 1),
        ([Period(date(2026, 4, 30), date(2026, 5, 2))], 0),
        ([Period(date(2026, 5, 30), date(2026, 6, 2))], 0),
        ([may(1, 2), Period(date(2026, 6, 1), date(2026, 6, 2))], 1),
    ],
)
def test_stretches_out_of_order_or_month_are_refused_with_their_days(periods: list[Period], bad: int) -> None:
    with pytest.raises(StretchesOutOfOrder) as refused:
        check([Stretch(period, STUDIO) for period in periods], MAY, "AUD")

    assert refused.value.facts == {
        "start": periods[bad].start,
        "end": periods[bad].end,
        "month_start": date(2026, 5, 1),
        "month_end": date(2026, 6, 1),
    }
    assert str(refused.value) == (
        f"The stretch from {periods[bad].start} to {periods[bad].end} overlaps the one before it, "
        "or lies outside 2026-05-01 to 2026-06-01."
    )
    assert refused.value.code == "stretches_out_of_order"


def test_a_version_in_another_currency_is_refused_by_plan() -> None:
    with pytest.raises(MixedCurrencies) as refused:
        check([Stretch(may(1, 5), STUDIO), Stretch(may(5, 9), replace(STUDIO, currency="USD"))], MAY, "AUD")

    assert refused.value.facts == {"what": "Plan 'studio'", "found": "USD", "expected": "AUD"}


def test_an_addon_in_another_currency_is_refused_by_code() -> None:
    foreign = attached(replace(STORAGE_50GB, currency="USD"))
    with pytest.raises(MixedCurrencies) as refused:
        check([Stretch(MAY, STUDIO, (attached(STORAGE_50GB), foreign))], MAY, "AUD")

    assert refused.value.facts == {"what": "Addon 'storage_50gb'", "found": "USD", "expected": "AUD"}


def test_the_currency_of_the_month_is_checked_even_when_nothing_is_in_it() -> None:
    with pytest.raises(InvalidCurrency):
        check([], MAY, "aud")
