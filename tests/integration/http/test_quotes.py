"""Quotes over HTTP: goldens 1 and 2 to the cent, and what is refused (SPEC 4, 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Api

PATH = "/api/v1/quote"
GOLDEN_2 = {
    "plan_code": "studio",
    "addons": ["storage_50gb"],
    "projected_usage": {
        "droplet_hours": "1488",
        "spaces_gb_month": "200",
        "llm_tokens": "1500000",
    },
    "starts_on": "2026-05-20",
}


def quoted(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=asked)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=asked)
    assert answer.status_code == 422, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


def test_golden_1_studio_bare_is_fifty_dollars_a_month(api: Api) -> None:
    bare = quoted(api.client(), plan_code="studio", starts_on="2026-05-01")
    assert (bare["plan_code"], bare["plan_version"], bare["currency"]) == ("studio", 1, "AUD")
    assert (bare["recurring"]["total_cents"], bare["all_in_monthly_cents"]) == (5000, 5000)
    assert bare["overage"] == {"lines": [], "total_cents": 0}
    assert bare["first_invoice"]["total_cents"] == 5000


def test_golden_2_the_addon_lifts_the_allowance_and_the_first_invoice_is_prorated(api: Api) -> None:
    for client in (api.client(), api.admin()):
        made = quoted(client, **GOLDEN_2)
        assert made["recurring"]["total_cents"] == 5750
        first = made["first_invoice"]
        assert [line["amount_cents"] for line in first["lines"]] == [1935, 290]
        assert (first["total_cents"], first["days_billed"], first["days_in_month"]) == (2225, 12, 31)
        overage = {line["resource_kind"]: line["amount_cents"] for line in made["overage"]["lines"]}
        assert overage == {"llm_tokens": 500, "spaces_gb_month": 100}
        assert made["overage"]["total_cents"] == 600
        assert made["all_in_monthly_cents"] == 6350
        assert len(made["hash"]) == 64


def test_a_line_says_what_it_charges_for(api: Api) -> None:
    made = quoted(api.client(), **GOLDEN_2)
    assert [line["description"] for line in made["recurring"]["lines"]] == [
        "Plan: Studio",
        "Addon: storage_50gb",
    ]
    [tokens] = [line for line in made["overage"]["lines"] if line["resource_kind"] == "llm_tokens"]
    assert (tokens["kind"], tokens["qty"], tokens["unit"], tokens["unit_price_cents"]) == (
        "overage",
        "500",
        "1k_tokens",
        1,
    )


def test_a_code_that_stands_twice_is_two_of_that_addon(api: Api) -> None:
    twice = ["storage_50gb", "storage_50gb"]
    made = quoted(api.client(), plan_code="studio", addons=twice, projected_usage={"spaces_gb_month": "200"})
    assert made["recurring"]["total_cents"] == 5000 + 2 * 750
    assert made["overage"]["lines"] == []


def test_usage_that_the_plan_does_not_list_is_priced_by_the_price_in_force(api: Api) -> None:
    made = quoted(
        api.client(),
        plan_code="starter",
        projected_usage={"llm_tokens": "2000.5"},
        starts_on="2026-05-20",
    )
    [line] = made["overage"]["lines"]
    assert (line["qty"], line["unit"], line["unit_price_cents"], line["amount_cents"]) == (
        "2.0005",
        "1k_tokens",
        2,
        4,
    )


def test_a_quote_starts_today_unless_it_says_otherwise(api: Api) -> None:
    api.clock.at = datetime(2026, 4, 16, 9, 30, tzinfo=UTC)
    first = quoted(api.client(), plan_code="studio")["first_invoice"]
    assert (first["days_billed"], first["days_in_month"]) == (15, 30)


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"plan_code": "nothing"}, "unknown_plan", "plan_code"),
        ({"plan_code": "studio", "addons": ["storage_50gb", "nothing"]}, "unknown_addon", "addons"),
    ],
)
def test_what_a_quote_names_and_is_not_there_is_422_with_its_field(
    api: Api, asked: dict[str, Any], code: str, field: str
) -> None:
    problem = refused(api.client(), **asked)
    assert problem["code"] == code
    assert [error["field"] for error in problem["errors"]] == [field]


def test_a_plan_without_an_active_version_is_not_quoted(api: Api) -> None:
    olga = api.admin()
    assert olga.post("/api/v1/catalog/plans", json={"code": "mini", "name": "Mini"}).status_code == 201
    assert refused(olga, plan_code="mini")["code"] == "no_active_version"


def test_a_day_that_no_quote_takes_is_refused(api: Api) -> None:
    assert refused(api.client(), plan_code="studio", starts_on="1999-12-31")["code"] == "date_out_of_range"


def test_an_addon_in_another_currency_is_refused(api: Api) -> None:
    olga = api.admin()
    dollars = {"code": "usd", "name": "Dollars", "resource_kind": "dns_zones", "qty": "1", "price_cents": 100}
    assert olga.post("/api/v1/catalog/addons", json={**dollars, "currency": "USD"}).status_code == 201
    assert refused(olga, plan_code="studio", addons=["usd"])["code"] == "mixed_currencies"


def test_an_amount_that_is_no_price_is_refused(api: Api) -> None:
    olga = api.admin()
    plans = "/api/v1/catalog/plans"
    item = {
        "resource_kind": "droplet_hours",
        "included_qty": "0",
        "overage_unit": "hour",
        "overage_price_cents": 10**12,
    }
    olga.post(plans, json={"code": "dear", "name": "Dear"})
    terms = {"base_price_cents": 10**12, "currency": "AUD", "items": [item]}
    draft = olga.post(f"{plans}/dear/versions", json=terms).json()
    olga.post(f"/api/v1/catalog/versions/{draft['id']}/publish")
    assert quoted(olga, plan_code="dear")["all_in_monthly_cents"] == 10**12
    much = {"droplet_hours": "99999999999999.999999"}
    assert refused(olga, plan_code="dear", projected_usage=much)["code"] == "quote_too_large"


def test_every_bad_field_of_a_quote_is_named(api: Api) -> None:
    problem = refused(
        api.client(),
        plan_code="",
        addons=["storage_50gb", "no such addon"],
        projected_usage={"gpu_hours": "1", "droplet_hours": "-1", "dns_zones": 1.5, "llm_tokens": "1"},
        starts_on="tomorrow",
        discount=5,
    )
    assert {error["field"] for error in problem["errors"]} == {
        "plan_code",
        "addons[1]",
        "projected_usage.gpu_hours",
        "projected_usage.droplet_hours",
        "projected_usage.dns_zones",
        "starts_on",
        "discount",
    }


def test_more_addons_than_anybody_has_are_refused_and_fifty_are_not(api: Api) -> None:
    ann = api.client()
    fifty = ["storage_50gb"] * 50
    assert quoted(ann, plan_code="studio", addons=fifty)["recurring"]["total_cents"] == 5000 + 50 * 750
    problem = refused(ann, plan_code="studio", addons=[*fifty, "storage_50gb"])
    assert [error["field"] for error in problem["errors"]] == ["addons"]


def test_a_quote_asked_again_with_its_key_is_answered_again(api: Api) -> None:
    ann = api.client()
    first = ann.post(PATH, json=GOLDEN_2, headers={"Idempotency-Key": "one"})
    again = ann.post(PATH, json=GOLDEN_2, headers={"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
