"""Ids, prices and quantities come back over HTTP as they were sent, to the last digit (issue B)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcadia_domain.money import LARGEST_PRICE_CENTS
from tests.integration.http.conftest import Api, running
from tests.integration.servers import Servers

CATALOGUE = "/api/v1/catalog"

QUANTITIES = (
    st.decimals(0, 10**14, places=6, allow_nan=False)
    .filter(lambda qty: qty < 10**14)
    .map(lambda qty: f"{qty:f}")
)
PRICES = st.integers(0, LARGEST_PRICE_CENTS)


@pytest.fixture(scope="module")
def olga(servers: Servers) -> Iterator[httpx.Client]:
    """A platform admin at a door that the examples of a property share."""
    with servers.get("embedded").database() as database, running(database) as api:
        yield api.admin()


def answered(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


ITEMS = st.fixed_dictionaries(
    {
        "resource_kind": st.just("droplet_hours"),
        "included_qty": QUANTITIES,
        "overage_unit": st.just("hour"),
        "overage_price_cents": PRICES,
        "hard_cap_qty": QUANTITIES,
    }
)


@given(item=ITEMS, base=PRICES)
@settings(max_examples=25, deadline=None)
def test_a_price_and_a_quantity_are_read_as_they_were_written(
    olga: httpx.Client, item: dict[str, Any], base: int
) -> None:
    plan = f"{CATALOGUE}/plans/{(code := f'p-{uuid4()}')}"
    answered(olga.post(f"{CATALOGUE}/plans", json={"code": code, "name": "Plan"}), 201)
    draft = {"base_price_cents": base, "currency": "AUD", "items": [item]}
    made = answered(olga.post(f"{plan}/versions", json=draft), 201)
    (read,) = answered(olga.get(plan), 200)["versions"]
    assert read == made
    assert UUID(read["id"]).version == 7
    (came,) = read["items"]
    assert (read["base_price_cents"], came["overage_price_cents"]) == (base, item["overage_price_cents"])
    for name in ("included_qty", "hard_cap_qty"):
        assert Decimal(came[name]) == Decimal(item[name])
        assert came[name] == _shortest(item[name])


def _shortest(qty: str) -> str:
    """Without zeros that say nothing, and never with an exponent."""
    whole, _, fraction = qty.partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole)}.{fraction}" if fraction else str(int(whole))


def test_what_was_answered_can_be_sent_again_and_comes_back_the_same(api: Api) -> None:
    olga = api.admin()
    addon = {
        "name": "Storage",
        "resource_kind": "spaces_gb_month",
        "price_cents": LARGEST_PRICE_CENTS,
        "currency": "AUD",
    }
    first = answered(
        olga.post(f"{CATALOGUE}/addons", json={**addon, "code": "one", "qty": "00050.500000"}), 201
    )
    assert first["qty"] == "50.5"
    again = {name: value for name, value in first.items() if name != "id"}
    second = answered(olga.post(f"{CATALOGUE}/addons", json={**again, "code": "two"}), 201)
    assert {**second, "id": first["id"], "code": "one"} == first
    listed = answered(olga.get(f"{CATALOGUE}/addons"), 200)["items"]
    assert [one for one in listed if one["code"] in ("one", "two")] == [first, second]


@pytest.mark.parametrize(
    "qty", ["1e3", "1.0000001", "-1", "+1", "1.", ".5", "１", "1_000", "NaN", "", 1, 1.5]
)
def test_a_quantity_that_would_not_come_back_is_refused(api: Api, qty: Any) -> None:
    refused = api.admin().post(
        f"{CATALOGUE}/addons",
        json={
            "code": "one",
            "name": "Storage",
            "resource_kind": "spaces_gb_month",
            "qty": qty,
            "price_cents": 1,
            "currency": "AUD",
        },
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == ["qty"]


@pytest.mark.parametrize("price", [1.0, 0.5, -1, "1", True, None, LARGEST_PRICE_CENTS + 1])
def test_a_price_that_is_not_whole_cents_is_refused(api: Api, price: Any) -> None:
    refused = api.admin().post(
        f"{CATALOGUE}/addons",
        json={
            "code": "one",
            "name": "Storage",
            "resource_kind": "spaces_gb_month",
            "qty": "1",
            "price_cents": price,
            "currency": "AUD",
        },
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == ["price_cents"]
