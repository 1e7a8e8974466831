"""set_price and list_prices: what no plan covers is priced from a day on, and a price never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from arcadia_app.use_cases.catalog.read_prices import list_prices
from arcadia_app.use_cases.catalog.set_price import PriceExists, set_price
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.money import InvalidAmount, InvalidCurrency
from arcadia_domain.period import DateOutOfRange, NaiveInstant
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import ResourcePrice
from arcadia_domain.pricing.kinds import UnknownKind, UnknownUnit
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, OLGA

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
ZONE: dict[str, Any] = {
    "kind": "dns_zones",
    "currency": "AUD",
    "from_at": JUNE,
    "unit": "zone",
    "price_cents": 175,
}


def put(work: Work, by: Principal = OLGA, **other: Any) -> ResourcePrice:
    return set_price(work, by, **{**ZONE, **other})


def test_a_price_stands_beside_the_one_before(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        made = put(work)
        assert made == ResourcePrice(**ZONE)
        before, now = list_prices(work, OLGA, after=None, limit=9, kind="dns_zones")
        assert (before.price_cents, now) == (150, made)
        assert list_prices(work, OLGA, after=("dns_zones", "AUD", JUNE), limit=1)[0].kind == "droplet_hours"


def test_a_price_begins_at_an_instant_in_utc(shop: FakeTransactions) -> None:
    sydney = timezone(timedelta(hours=10))
    with shop.begin(OLGA) as work:
        made = put(work, from_at=JUNE.astimezone(sydney))
    assert (made.from_at, made.from_at.utcoffset()) == (JUNE, timedelta(0))


@pytest.mark.parametrize(
    "from_at", [datetime(2000, 1, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, 59, tzinfo=UTC)]
)
def test_an_operator_sets_a_price_of_any_day_that_can_be_billed(
    shop: FakeTransactions, from_at: datetime
) -> None:
    with shop.begin(OLGA) as work:
        assert put(work, from_at=from_at).from_at == from_at


def test_a_second_price_from_the_same_instant_is_refused(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        put(work)
    with refusal(shop, OLGA, PriceExists) as work:
        put(work, price_cents=1)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"kind": "gpu_hours"}, UnknownKind),
        ({"unit": "hour"}, UnknownUnit),
        ({"currency": "aud"}, InvalidCurrency),
        ({"price_cents": -1}, InvalidAmount),
        ({"from_at": JUNE.replace(tzinfo=None)}, NaiveInstant),
        ({"from_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, DateOutOfRange),
        ({"from_at": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)}, DateOutOfRange),
        ({"from_at": datetime(2100, 1, 1, tzinfo=UTC)}, DateOutOfRange),
    ],
)
def test_a_bad_price_is_refused(
    shop: FakeTransactions, bad: dict[str, Any], error: type[DomainError]
) -> None:
    with refusal(shop, OLGA, error) as work:
        put(work, **bad)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_sets_and_reads_prices(shop: FakeTransactions, by: Principal) -> None:
    with refusal(shop, by, OperatorsOnly) as work:
        put(work, by)
    with refusal(shop, by, OperatorsOnly) as work:
        list_prices(work, by, after=None, limit=1)
