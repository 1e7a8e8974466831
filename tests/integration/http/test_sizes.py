"""Kinds with a size over HTTP: in plans, prices, quotes and pushed usage, and what is refused (SPEC 3)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Api

PLANS, PRICES = "/api/v1/catalog/plans", "/api/v1/catalog/prices"
LARGE = "droplet_hours:s-4vcpu-8gb"
PRICE: dict[str, Any] = {
    "resource_kind": "backup_hours:s-4vcpu-8gb",
    "currency": "AUD",
    "from_at": "2026-01-01T00:00:00Z",
    "overage_unit": "hour",
    "overage_price_cents": 2,
}


def item(kind: str, included: str, cents: int) -> dict[str, Any]:
    return {
        "resource_kind": kind,
        "included_qty": included,
        "overage_unit": "hour",
        "overage_price_cents": cents,
    }


def made(answer: httpx.Response, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def by_size(api: Api) -> Api:
    """With a plan that names a size."""
    admin = api.admin()
    made(admin.post(PLANS, json={"code": "sized", "name": "Sized"}))
    terms = {
        "base_price_cents": 0,
        "currency": "AUD",
        "items": [item("droplet_hours", "10", 1), item(LARGE, "5", 7)],
    }
    draft = made(admin.post(f"{PLANS}/sized/versions", json=terms))
    assert [one["resource_kind"] for one in draft["items"]] == ["droplet_hours", LARGE]
    made(admin.post(f"/api/v1/catalog/versions/{draft['id']}/publish"), 200)
    return api


def test_a_quote_bills_a_size_on_its_own_terms_where_the_plan_names_it(by_size: Api) -> None:
    made(by_size.admin().post(PRICES, json=PRICE))
    asked = {
        "plan_code": "sized",
        "projected_usage": {
            "droplet_hours:s-1vcpu-1gb": "12",
            LARGE: "8",
            "backup_hours:s-4vcpu-8gb": "3",
            "backup_hours:c-2": "4",
        },
        "starts_on": "2026-05-01",
    }
    quoted = made(by_size.client().post("/api/v1/quote", json=asked), 200)
    assert [
        (line["resource_kind"], line["qty"], line["amount_cents"]) for line in quoted["overage"]["lines"]
    ] == [
        ("droplet_hours", "2", 2),
        (LARGE, "3", 21),
        ("backup_hours", "4", 0),
        ("backup_hours:s-4vcpu-8gb", "3", 6),
    ]


def test_prices_of_a_size_are_listed_by_it(api: Api) -> None:
    admin = api.admin()
    made(admin.post(PRICES, json=PRICE))
    found = made(admin.get(PRICES, params={"kind": PRICE["resource_kind"]}), 200)["items"]
    assert found == [PRICE]
    assert made(admin.get(PRICES, params={"kind": "backup_hours"}), 200)["items"] == []


def test_pushed_sizes_are_shown_under_the_kind_that_bills_them(by_size: Api) -> None:
    ann = by_size.client()
    pilot = made(
        ann.post("/api/v1/deployments", json={"slug": "pilot", "display_name": "Pilot", "region": "syd1"})
    )
    path = f"/api/v1/deployments/{pilot['id']}"
    by_size.admin().post(f"{path}/subscribe", json={"plan_code": "sized", "starts_on": "2026-04-01"})
    events = [
        {
            "event_id": kind,
            "deployment_id": pilot["id"],
            "resource_kind": kind,
            "qty": qty,
            "occurred_at": "2026-04-10T12:00:00Z",
        }
        for kind, qty in (
            (LARGE, "8"),
            ("droplet_hours:c-2", "11.5"),
            ("droplet_hours:C-2", "1"),
            ("dns_zones:c-2", "1"),
        )
    ]
    verdict = made(by_size.gateway().post("/api/v1/integrations/usage", json={"events": events}), 200)
    assert verdict["accepted"] == 2
    assert [(one["event_id"], one["code"]) for one in verdict["rejected"]] == [
        ("droplet_hours:C-2", "invalid_body"),
        ("dns_zones:c-2", "unknown_kind"),
    ]
    used = made(ann.get(f"{path}/usage", params={"period": "2026-04"}), 200)["items"]
    assert [(one["resource_kind"], one["qty"], one["allowance"], one["overage_qty"]) for one in used] == [
        ("droplet_hours", "11.5", "10", "1.5"),
        (LARGE, "8", "5", "3"),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "droplet_hours:",
        "droplet_hours:S-1",
        "droplet_hours:a b",
        "dns_zones:s-1",
        f"droplet_hours:{'a' * 65}",
    ],
)
def test_what_is_no_size_is_refused_at_every_door(api: Api, kind: str) -> None:
    admin = api.admin()
    answers = [
        admin.post(PRICES, json={**PRICE, "resource_kind": kind}),
        admin.get(PRICES, params={"kind": kind}),
        admin.post(
            "/api/v1/quote",
            json={"plan_code": "studio", "projected_usage": {kind: "1"}, "starts_on": "2026-05-01"},
        ),
        admin.post(
            f"{PLANS}/studio/versions",
            json={"base_price_cents": 0, "currency": "AUD", "items": [item(kind, "1", 1)]},
        ),
    ]
    assert {answer.status_code for answer in answers} <= {400, 422}, [answer.text for answer in answers]
