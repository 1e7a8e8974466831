"""Fallback prices over HTTP: effective-dated, never changed (SPEC 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.http.conftest import Api

PATH = "/api/v1/catalog/prices"
ZONE = {
    "resource_kind": "dns_zones",
    "currency": "AUD",
    "from_at": "2026-06-01T00:00:00Z",
    "overage_unit": "zone",
    "overage_price_cents": 175,
}


def test_a_price_is_in_force_from_its_day_on_and_the_one_before_until_then(api: Api) -> None:
    olga, ann = api.admin(), api.client()
    answer = olga.post(PATH, json=ZONE)
    assert (answer.status_code, answer.json()) == (201, ZONE)
    none_included = {"code": "mini", "name": "Mini"}
    olga.post("/api/v1/catalog/plans", json=none_included)
    terms = {"base_price_cents": 0, "currency": "AUD", "items": []}
    draft = olga.post("/api/v1/catalog/plans/mini/versions", json=terms).json()
    olga.post(f"/api/v1/catalog/versions/{draft['id']}/publish")

    def two_zones(starts_on: str) -> int:
        asked = {"plan_code": "mini", "projected_usage": {"dns_zones": "2"}, "starts_on": starts_on}
        cents: int = ann.post("/api/v1/quote", json=asked).json()["all_in_monthly_cents"]
        return cents

    assert (two_zones("2026-05-31"), two_zones("2026-06-01")) == (300, 350)


def test_an_instant_is_answered_in_utc_whatever_zone_it_was_sent_in(api: Api) -> None:
    olga = api.admin()
    sent = {**ZONE, "from_at": "2026-06-01T10:00:00.000001+10:00"}
    made = olga.post(PATH, json=sent).json()
    assert made["from_at"] == "2026-06-01T00:00:00.000001Z"
    assert made in olga.get(PATH, params={"kind": "dns_zones"}).json()["items"]


def test_prices_are_listed_by_kind_currency_and_start_in_pages(api: Api) -> None:
    olga = api.admin()
    for price in (ZONE, {**ZONE, "currency": "NZD", "from_at": "2000-01-01T00:00:00Z"}):
        assert olga.post(PATH, json=price).status_code == 201
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = olga.get(PATH, params={"limit": "1", **({"cursor": cursor} if cursor else {})}).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == 8
    places = [(price["resource_kind"], price["currency"], price["from_at"]) for price in found]
    assert places == sorted(places)
    zones = olga.get(PATH, params={"kind": "dns_zones"}).json()["items"]
    assert zones == [price for price in found if price["resource_kind"] == "dns_zones"]
    assert [price["overage_price_cents"] for price in zones] == [150, 175, 175]


def test_a_price_never_changes(api: Api) -> None:
    olga = api.admin()
    olga.post(PATH, json=ZONE)
    refused = olga.post(PATH, json={**ZONE, "overage_price_cents": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_exists")
    assert ZONE in olga.get(PATH).json()["items"]


def test_a_unit_that_the_kind_is_not_priced_by_is_named(api: Api) -> None:
    refused = api.admin().post(PATH, json={**ZONE, "overage_unit": "hour"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_unit")
    assert [error["field"] for error in refused.json()["errors"]] == ["overage_unit"]


@pytest.mark.parametrize(
    "from_at", ["0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z"]
)
def test_a_price_of_a_day_that_nothing_is_billed_for_is_refused(api: Api, from_at: str) -> None:
    refused = api.admin().post(PATH, json={**ZONE, "from_at": from_at})
    assert (refused.status_code, refused.json()["code"]) == (422, "date_out_of_range")


def test_every_bad_field_of_a_price_is_named(api: Api) -> None:
    bad = {
        "resource_kind": "gpu_hours",
        "currency": "aud",
        "from_at": "2026-06-01",
        "overage_unit": "day",
        "overage_price_cents": "175",
    }
    refused = api.admin().post(PATH, json=bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert {error["field"] for error in refused.json()["errors"]} == set(bad)


def test_only_platform_admins_see_and_set_prices(api: Api) -> None:
    ann = api.client()
    for refused in (ann.get(PATH), ann.post(PATH, json=ZONE)):
        assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")
