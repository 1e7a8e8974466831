"""Golden 4 over HTTP (SPEC 13), against `arcadia serve` and the local DigitalOcean that it brings along.

Synced, assigned, discovered, ingested, rolled up; nobody loads a file or a sample. Speaks nothing but HTTP.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.http.serve import Served, served
from tests.integration.http.test_goldens import deployed, finished, made, rolled_up

__all__ = ["served"]  # a fixture is found where its name is


def done(admin: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a long act came to."""
    job = finished(admin, made(admin.post(path, json=body), 202)["job_id"])
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


def first_ingest(admin: httpx.Client) -> str:
    """The ingest that discovery asked for first: of April, the newest. All 137 would take longer than the
    provider's 250 calls a minute; `tests/integration/costs` ingests them without that limit.
    """
    page = made(admin.get("/api/v1/jobs", params={"limit": 200}), 200)
    ids: list[str] = [job["id"] for job in page["items"] if job["name"] == "ingest_provider_invoice"]
    assert len(ids) == 137
    return min(ids)


def test_what_the_running_month_has_come_to_is_told_once_somebody_has_looked(served: Served) -> None:
    """First: once the ingests run, they take what calls there are."""
    admin, path = served.admin(), "/api/v1/billing/month-to-date"
    none = admin.get(path)
    assert (none.status_code, none.json()["code"]) == (404, "no_month_to_date")
    looked = served.command("costs", "month-to-date", "--json")
    assert looked.returncode == 0, looked.stderr
    month = made(admin.get(path), 200)
    assert month == json.loads(looked.stdout)
    assert month["amount_cents"] == sum(row["amount_cents"] for row in month["rows"]) > 0
    assert {row["tenant_id"] for row in month["rows"]} == {None}


@pytest.fixture(scope="module")
def april(served: Served) -> httpx.Client:
    """An operator, after April was synced, assigned, charged for and billed."""
    admin = served.admin()
    pilot = deployed(admin, "pilot", tenant_id="pilot")
    body = {"plan_code": "studio", "starts_on": "2026-04-01"}
    made(admin.post(f"/api/v1/deployments/{pilot['id']}/subscribe", json=body))

    synced = done(admin, "/api/v1/inventory/syncs", {"speed": "all"})
    assert [scope["kind"] for scope in synced["scopes"] if not scope["complete"]] == ["space"]
    droplets = made(admin.get("/api/v1/inventory", params={"kind": "droplet"}), 200)["items"]
    assert len(droplets) == 5
    for droplet in droplets:
        assigned = {"deployment_id": pilot["id"], "from_at": "2026-04-01T00:00:00Z"}
        made(admin.put(f"/api/v1/inventory/{droplet['id']}/assignments", json=assigned), 200)

    first = rolled_up(admin, "2026-04")
    assert (first["created"], first["failures"]) == (1, [])

    discovered = done(admin, "/api/v1/billing/discoveries", {})
    assert (discovered["invoices"], discovered["to_ingest"]) == (137, 137)
    ingested = finished(admin, first_ingest(admin))
    assert (ingested["state"], ingested["result"]["period"]) == ("succeeded", "2026-04")
    return admin


def test_the_margin_of_april_to_the_cent(april: httpx.Client) -> None:
    margin = made(april.get("/api/v1/dashboard/margin", params={"period": "2026-04-15"}), 200)
    overall = margin["overall"]
    assert (overall["revenue_cents"], overall["cogs_cents"], overall["margin_cents"]) == (7112, 8692, -1580)
    (pilot,) = [one for one in margin["by_deployment"] if one["deployment_id"] is not None]
    assert (pilot["revenue_cents"], pilot["cogs_cents"], pilot["margin_cents"]) == (7112, 3053, 4059)
    assert pilot["margin_pct"] == "57.1"
    assert margin["unattributed_cogs_cents"] == 8692 - 3053


def test_six_of_aprils_33_lines_are_for_the_pilots_droplets(april: httpx.Client) -> None:
    asked = {"period": "2026-04-15", "limit": "200"}
    lines = made(april.get("/api/v1/billing/cost-lines", params=asked), 200)["items"]
    assert len(lines) == 33
    assert sum(line["matched"] for line in lines) == 6
    assert sum(line["amount_cents"] for line in lines) == 8692


def test_aprils_invoice_is_reconciled_and_all_since_2014_are_known(april: httpx.Client) -> None:
    listed = made(april.get("/api/v1/billing/cloud-invoices", params={"limit": 200}), 200)["items"]
    assert len(listed) == 137
    assert min(invoice["period"] for invoice in listed)[:7] == "2014-12"
    (newest,) = [invoice for invoice in listed if invoice["period"][:7] == "2026-04"]
    assert (newest["state"], newest["amount_cents"], newest["stated_cents"]) == ("reconciled", 8692, 8692)


def test_the_calls_that_are_left_can_be_watched(served: Served, april: httpx.Client) -> None:
    told = served.bare().get("/metrics").text
    assert 'arcadia_cloud_calls_left{window="hour"}' in told
    assert 'arcadia_cloud_calls_limit{window="hour"} 5000.0' in told
