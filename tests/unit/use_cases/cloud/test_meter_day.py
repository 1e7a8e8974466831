"""meter_day: from what was held to what was used, for a day that is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from arcadia_app.use_cases.cloud.meter_day import DayMetered, DayNotOver, meter_day
from arcadia_domain.billing.usage import Source
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import DateOutOfRange, midnight
from tests.april import APRIL, pilots
from tests.fakes.transactions import FakeTransactions
from tests.held import april, assigned, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOW, OLGA

DAY = date(2026, 4, 10)


def metered(shop: FakeTransactions, day: date = DAY, now: datetime = NOW) -> DayMetered:
    with shop.begin(OLGA) as work:
        return meter_day(work, OLGA, day=day, now=now)


def test_what_was_held_on_the_day_is_recorded(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    droplets = [resource(1), resource(2, created_at=april(10, 18))]
    recorded(shop, *droplets)
    for one in droplets:
        assigned(shop, one, pilot)
    assert metered(shop) == DayMetered(DAY, 1, (), ())
    assert metered(shop) == DayMetered(DAY, 0, (), ())
    with shop.begin(OLGA) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {"droplet_hours:s-1vcpu-1gb": {DAY: Decimal(30)}}


def test_a_resource_that_is_taken_away_from_the_past_goes_to_zero(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    held = resource()
    recorded(shop, held)
    assigned(shop, held, pilot)
    metered(shop)
    assigned(shop, held, None)
    assert metered(shop).changed == 1
    with shop.begin(OLGA) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {}


def test_an_empty_bucket_counts_as_metered(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    held = resource(kind="space", attrs={"size_gigabytes": 0}, created_at=april(10), deleted_at=april(11))
    recorded(shop, held)
    assigned(shop, held, pilot)
    metered(shop)
    with shop.begin(OLGA) as work:
        assert work.usage.unmetered_days(APRIL) == []


def test_a_tenant_that_cannot_be_metered_keeps_what_it_had_and_is_named(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    held, other = resource(1), resource(2, kind="domain")
    recorded(shop, held, other)
    assigned(shop, held, pilot)
    assigned(shop, other, pilot)
    metered(shop)
    before = dict(shop.state.day_usage)
    recorded(shop, resource(1, created_at=None))
    [failure] = metered(shop).failures
    assert (failure.tenant_id, failure.resource_id) == ("acme", held.id)
    assert shop.state.day_usage == before


def test_a_day_that_was_pushed_is_a_named_conflict(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    held = resource()
    recorded(shop, held)
    assigned(shop, held, pilot)
    shop.state.day_usage["acme", pilot.id, "droplet_hours", DAY] = (Source.PUSHED, Decimal(1))
    [conflict] = metered(shop).conflicts
    assert conflict.facts["first"] == "pushed"


def test_yesterday_is_the_last_day_that_can_be_metered(shop: FakeTransactions) -> None:
    yesterday = date(2026, 4, 9)
    assert metered(shop, yesterday, midnight(DAY)).day == yesterday
    with refusal(shop, OLGA, DayNotOver) as work:
        meter_day(work, OLGA, day=DAY, now=midnight(DAY) + timedelta(hours=23))


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(shop: FakeTransactions, day: date) -> None:
    with refusal(shop, OLGA, DateOutOfRange) as work:
        meter_day(work, OLGA, day=day, now=NOW)


def test_a_tenant_meters_nothing(shop: FakeTransactions) -> None:
    with refusal(shop, ANN, OperatorsOnly) as work:
        meter_day(work, ANN, day=DAY, now=NOW)
