"""Usage so far and the upcoming invoice over HTTP (SPEC 15, 18)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.tables.usage import usage_deltas
from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.pricing.kinds import KINDS
from tests.april import APRIL
from tests.contracts import facts
from tests.contracts.facts import charged, pushed
from tests.integration.http.conftest import Api
from tests.integration.http.test_deployments import PATH, created
from tests.world import OLGA, at


@pytest.fixture
def ann(api: Api) -> httpx.Client:
    """A customer, on the 20th of April 2026."""
    api.clock.at = at(date(2026, 4, 20))
    return api.client()


def pilot(api: Api, ann: httpx.Client, slug: str = "pilot", **subscribe: Any) -> Deployment:
    """A deployment of Ann's; where there is something to say of it, on Studio since the first of April."""
    made = created(ann, slug)
    if subscribe:
        body = {"plan_code": "studio", "starts_on": "2026-04-01", **subscribe}
        assert api.admin().post(f"{PATH}/{made['id']}/subscribe", json=body).status_code == 201
    with api.app.transactions.begin(OLGA) as work:
        found = work.deployments.get(uuid.UUID(made["id"]))
    assert found is not None
    return found


def golden_3(api: Api, ann: httpx.Client, slug: str = "pilot") -> Deployment:
    """Studio + storage_50gb, three droplets through April: 5000 + 750 + 672, and GST."""
    made = pilot(api, ann, slug, addons=["storage_50gb"])
    for day in APRIL:
        pushed(api.app.transactions, made, "droplet_hours", day, "72")
    return made


def read(ann: httpx.Client, deployment: Deployment, what: str, **params: str) -> dict[str, Any]:
    answer = ann.get(f"{PATH}/{deployment.id}/{what}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_usage_stands_with_what_is_included_of_each_kind(api: Api, ann: httpx.Client) -> None:
    made = pilot(api, ann, addons=["storage_50gb"])
    pushed(api.app.transactions, made, "spaces_gb_month", date(2026, 4, 3), "120.5")
    pushed(api.app.transactions, made, "spaces_gb_month", date(2026, 4, 4), "40")
    pushed(api.app.transactions, made, "dns_zones", date(2026, 4, 3), "4")
    pushed(api.app.transactions, made, "dns_zones", date(2026, 4, 4), "2")
    found = read(ann, made, "usage")
    assert found["period"] == "2026-04"
    assert [item["resource_kind"] for item in found["items"]] == list(KINDS)[:6]  # of Studio
    items = {item.pop("resource_kind"): item for item in found["items"]}
    assert items["spaces_gb_month"] == {
        "qty": "160.5",
        "unit": "gb_month",
        "allowance": "150",
        "overage_qty": "10.5",
    }
    assert (items["dns_zones"]["qty"], items["droplet_hours"]["qty"]) == ("4", "0")
    assert items["droplet_hours"]["allowance"] == "1488"


def test_a_month_that_one_asks_for_is_told(api: Api, ann: httpx.Client) -> None:
    made = pilot(api, ann, addons=[])
    pushed(api.app.transactions, made, "bandwidth_gb", date(2026, 3, 31), "7")
    assert read(ann, made, "usage", period="2026-03") == {
        "period": "2026-03",
        "items": [
            {"resource_kind": "bandwidth_gb", "qty": "7", "unit": "gb", "allowance": "0", "overage_qty": "7"}
        ],
    }
    may = read(ann, made, "upcoming-invoice", period="2026-05")
    assert (may["period_start"], may["period_end"], may["subtotal_cents"]) == (
        "2026-05-01",
        "2026-06-01",
        5000,
    )
    assert read(ann, made, "upcoming-invoice")["period_start"] == "2026-04-01"


def test_golden_3_stands_on_the_upcoming_invoice(api: Api, ann: httpx.Client) -> None:
    made = golden_3(api, ann)
    found = read(ann, made, "upcoming-invoice")
    assert (found["subtotal_cents"], found["tax_cents"], found["total_cents"]) == (6422, 642, 7064)
    assert [(line["kind"], line["amount_cents"], line["deployment_id"]) for line in found["lines"]] == [
        ("plan_base", 5000, str(made.id)),
        ("addon", 750, str(made.id)),
        ("overage", 672, str(made.id)),
        ("tax", 642, None),
    ]
    assert {"id", "number"} & found.keys() == set()


def test_of_a_month_that_is_over_it_is_the_month_ends_invoice(api: Api, ann: httpx.Client) -> None:
    made = golden_3(api, ann)
    charged(api.app.transactions, made, date(2026, 4, 9), "1.005")
    api.clock.at = at(date(2026, 5, 1))
    told = read(ann, made, "upcoming-invoice", period="2026-04")
    assert roll_up_period(api.app.transactions, OLGA, period=APRIL, now=api.clock.at).created == 1
    with api.app.transactions.begin(OLGA) as work:
        invoice = work.invoices.of_period("acme", APRIL.start)
    assert invoice is not None
    assert (told["total_cents"], told["quote_hash"]) == (invoice.total_cents, invoice.quote_hash)
    deployment_ids = [None if one.deployment_id is None else str(one.deployment_id) for one in invoice.lines]
    assert told["lines"] == [
        {**placed.line.as_json(), "deployment_id": deployment_id}
        for placed, deployment_id in zip(invoice.lines, deployment_ids, strict=True)
    ]
    assert told["invoice_id"] is None
    now = read(ann, made, "upcoming-invoice", period="2026-04")
    assert now == {**told, "invoice_id": str(invoice.id)}
    assert ann.get(f"/api/v1/invoices/{now['invoice_id']}").json()["total_cents"] == now["total_cents"]
    facts.moved(api.app.transactions, invoice, InvoiceStatus.VOID)
    assert read(ann, made, "upcoming-invoice", period="2026-04") == told


def test_each_deployment_has_its_own(api: Api, ann: httpx.Client) -> None:
    golden_3(api, ann)
    other = pilot(api, ann, "other", addons=[])
    assert read(ann, other, "upcoming-invoice")["subtotal_cents"] == 5000
    assert {item["qty"] for item in read(ann, other, "usage")["items"]} == {"0"}


def test_where_nothing_is_to_bill_nothing_is_billed(api: Api, ann: httpx.Client) -> None:
    made = pilot(api, ann)
    found = read(ann, made, "upcoming-invoice")
    assert (found["lines"], found["subtotal_cents"], found["tax_cents"], found["total_cents"]) == (
        [],
        0,
        0,
        0,
    )
    assert read(ann, made, "usage") == {"period": "2026-04", "items": []}


def test_a_month_that_nothing_taxes_cannot_be_billed(api: Api, ann: httpx.Client) -> None:
    made = pilot(api, ann, addons=[])
    refused = ann.get(f"{PATH}/{made.id}/upcoming-invoice", params={"period": "2000-06"})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_tax_rate")


def test_a_day_that_adds_up_to_more_than_can_be_counted_is_refused_by_name(
    api: Api, ann: httpx.Client
) -> None:
    made = pilot(api, ann)
    pushed(api.app.transactions, made, "llm_tokens", date(2026, 4, 3), "99999999999999")
    assert read(ann, made, "usage")["items"][0]["qty"] == "99999999999999"
    with api.app.transactions.begin(OLGA) as work:
        assert isinstance(work, PostgresWork)
        [delta] = work.connection.execute(sa.select(usage_deltas)).mappings()
        work.connection.execute(usage_deltas.insert().values({**delta, "batch_id": uuid.uuid4()}))
    for what in ("usage", "upcoming-invoice"):
        refused = ann.get(f"{PATH}/{made.id}/{what}")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_quantity")


@pytest.mark.parametrize("period", ["2026-13", "2026-4", "april", ""])
def test_what_is_no_month_is_refused(api: Api, ann: httpx.Client, period: str) -> None:
    made = pilot(api, ann)
    for what in ("usage", "upcoming-invoice"):
        refused = ann.get(f"{PATH}/{made.id}/{what}", params={"period": period})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
        assert [error["field"] for error in refused.json()["errors"]] == ["period"]


def test_another_tenants_deployment_is_not_there(api: Api, ann: httpx.Client) -> None:
    made = pilot(api, ann, addons=[])
    bob, olga = api.client("bobs-burgers", sub="bob"), api.admin()
    for what in ("usage", "upcoming-invoice"):
        place = f"{PATH}/{made.id}/{what}"
        for answer in (bob.get(place), olga.get(f"{PATH}/{uuid.uuid4()}/{what}")):
            assert (answer.status_code, answer.json()["code"]) == (404, "deployment_not_found")
        assert olga.get(place).json() == ann.get(place).json()
