"""Goldens 2, 3 and 7 over HTTP, against `arcadia serve` (SPEC 13). Speaks nothing but HTTP."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import pytest

from tests.integration.http.serve import Served, served

__all__ = ["served"]  # a fixture is found where its name is

PATIENCE = 60


def made(answer: httpx.Response, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def deployed(client: httpx.Client, slug: str, **more: str) -> dict[str, Any]:
    body = {"slug": slug, "display_name": slug.title(), "region": "syd1", **more}
    return made(client.post("/api/v1/deployments", json=body))


def finished(admin: httpx.Client, job_id: str) -> dict[str, Any]:
    """The job, once it has ended."""
    until = time.monotonic() + PATIENCE
    pause = threading.Event()
    while time.monotonic() < until:
        job = made(admin.get(f"/api/v1/jobs/{job_id}"), 200)
        if job["state"] not in ("queued", "running"):
            return job
        pause.wait(0.02)
    pytest.fail(f"job {job_id} does not end")


def rolled_up(admin: httpx.Client, period: str, **more: Any) -> dict[str, Any]:
    asked = made(admin.post("/api/v1/billing/rollups", json={"period": period, **more}), 202)
    job = finished(admin, asked["job_id"])
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


def test_golden_2_a_quote_from_the_middle_of_a_month(served: Served) -> None:
    quote = made(
        served.client("acme").post(
            "/api/v1/quote",
            json={
                "plan_code": "studio",
                "addons": ["storage_50gb"],
                "projected_usage": {
                    "droplet_hours": "1488",
                    "spaces_gb_month": "200",
                    "llm_tokens": "1500000",
                },
                "starts_on": "2026-05-20",
            },
        ),
        200,
    )
    first = quote["first_invoice"]
    assert quote["recurring"]["total_cents"] == 5750
    assert (first["days_billed"], first["days_in_month"]) == (12, 31)
    assert [line["amount_cents"] for line in first["lines"]] == [1935, 290]
    assert first["total_cents"] == 2225
    assert {line["resource_kind"]: line["amount_cents"] for line in quote["overage"]["lines"]} == {
        "spaces_gb_month": 100,
        "llm_tokens": 500,
    }
    spaces = next(line for line in quote["overage"]["lines"] if line["resource_kind"] == "spaces_gb_month")
    assert (spaces["meta"]["allowance"], spaces["qty"]) == ("150", "50")
    assert quote["all_in_monthly_cents"] == 6350
    assert (quote["plan_code"], quote["plan_version"], quote["currency"]) == ("studio", 1, "AUD")


def test_golden_3_by_usage_push(served: Served) -> None:
    """Three droplets through April are 2160 hours: pushed here, day by day."""
    admin, gateway, tenant = served.admin(), served.gateway(), served.client("pilot")
    deployment = deployed(admin, "pilot", tenant_id="pilot")
    path = f"/api/v1/deployments/{deployment['id']}"
    body = {"plan_code": "studio", "addons": ["storage_50gb"], "starts_on": "2026-04-01"}
    made(admin.post(f"{path}/subscribe", json=body))
    events = [
        {
            "event_id": f"droplet-{droplet}-{day:02}",
            "deployment_id": deployment["id"],
            "resource_kind": "droplet_hours",
            "qty": "24",
            "occurred_at": f"2026-04-{day:02}T12:00:00Z",
        }
        for droplet in range(3)
        for day in range(1, 31)
    ]
    for pushed_again in (False, True):
        verdict = made(gateway.post("/api/v1/integrations/usage", json={"events": events}), 200)
        accepted, duplicates = (0, 90) if pushed_again else (90, 0)
        assert (verdict["accepted"], verdict["duplicates"]) == (accepted, duplicates)
        assert verdict["conflicts"] == verdict["rejected"] == []
    used = made(tenant.get(f"{path}/usage", params={"period": "2026-04"}), 200)
    hours = next(item for item in used["items"] if item["resource_kind"] == "droplet_hours")
    assert (hours["qty"], hours["allowance"], hours["overage_qty"]) == ("2160", "1488", "672")
    upcoming = made(tenant.get(f"{path}/upcoming-invoice", params={"period": "2026-04"}), 200)

    first = rolled_up(admin, "2026-04")
    assert (first["created"], first["failures"]) == (1, [])
    invoices = made(tenant.get("/api/v1/invoices", params={"period": "2026-04"}), 200)["items"]
    assert len(invoices) == 1
    invoice = made(tenant.get(f"/api/v1/invoices/{invoices[0]['id']}"), 200)
    assert invoice == invoices[0]
    by_kind = {line["kind"]: line["amount_cents"] for line in invoice["lines"]}
    assert by_kind == {"plan_base": 5000, "addon": 750, "overage": 672, "tax": 642}
    assert (invoice["subtotal_cents"], invoice["tax_cents"], invoice["total_cents"]) == (6422, 642, 7064)
    assert (invoice["status"], invoice["period_start"], invoice["period_end"]) == (
        "draft",
        "2026-04-01",
        "2026-05-01",
    )
    assert upcoming["total_cents"] == 7064
    assert upcoming["quote_hash"] == invoice["quote_hash"]

    again = rolled_up(admin, "2026-04")
    assert (again["created"], again["rebuilt"]) == (0, 0)
    assert made(tenant.get(f"/api/v1/invoices/{invoice['id']}"), 200) == invoice
    forced = rolled_up(admin, "2026-04", force=True)
    assert (forced["created"], forced["failures"]) == (0, [])
    assert made(tenant.get(f"/api/v1/invoices/{invoice['id']}"), 200)["total_cents"] == 7064


def test_golden_7_a_deployments_life_and_its_snapshot(served: Served) -> None:
    ann = served.client("golden-7")
    deployment = deployed(ann, "pilot")
    path = f"/api/v1/deployments/{deployment['id']}"
    body = {"plan_code": "studio", "addons": ["storage_50gb"]}
    subscription = made(ann.post(f"{path}/subscribe", json=body))
    (addon,) = subscription["addons"]
    assert (addon["code"], addon["price_cents"], addon["qty"], addon["currency"]) == (
        "storage_50gb",
        750,
        "50",
        "AUD",
    )
    paused = made(ann.post(f"{path}/transition", json={"to": "paused", "reason": "holidays"}), 200)
    assert paused["state"] == "paused"
    last = paused["events"][-1]
    assert (last["from_state"], last["to_state"], last["actor"]) == ("active", "paused", "ann")
    refused = made(ann.post(f"{path}/transition", json={"to": "archived"}), 422)
    assert refused["code"] == "invalid_transition"
    read = made(ann.get(path), 200)
    assert (read["state"], len(read["events"])) == ("paused", len(paused["events"]))
    assert read["subscription"]["addons"] == subscription["addons"]
