"""Invoices over HTTP: whole and adding up, each tenant's its own, and pages that a rollup does not shift."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus, hash_of_hashes
from arcadia_domain.period import month_of
from arcadia_domain.pricing.quoting import replay
from tests.april import APRIL, AS_OF, pilots
from tests.contracts.facts import charged, moved, pushed
from tests.integration.http.conftest import Api
from tests.world import OLGA, at

PATH = "/api/v1/invoices"


def rolled_up(api: Api, *tenant_ids: str) -> None:
    """Golden 3 for each of the tenants: Studio and its addon, 2160 hours against 1488; and a charge."""
    made = pilots(api.app.transactions, *tenant_ids, addon_codes=["storage_50gb"])
    for one in made:
        pushed(api.app.transactions, one, "droplet_hours", date(2026, 4, 30), "2160")
        charged(api.app.transactions, one, date(2026, 4, 3), "0.12345678")
    assert roll_up_period(api.app.transactions, OLGA, period=APRIL, now=AS_OF).failures == ()


def listed(client: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    """Every page, one after the other."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        answer = client.get(PATH, params={**asked, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_golden_3_is_read_to_the_cent_and_adds_up(api: Api) -> None:
    rolled_up(api, "acme")
    (invoice,) = listed(api.client("acme"))
    charged_lines = [(line["kind"], line["amount_cents"]) for line in invoice["lines"]]
    assert charged_lines == [
        ("plan_base", 5000),
        ("addon", 750),
        ("overage", 672),
        ("llm_usage", 12),
        ("tax", 643),
    ]
    assert (invoice["subtotal_cents"], invoice["tax_cents"], invoice["total_cents"]) == (6434, 643, 7077)
    assert sum(cents for _, cents in charged_lines) == invoice["total_cents"]
    assert (invoice["period_start"], invoice["period_end"]) == ("2026-04-01", "2026-05-01")
    assert (invoice["status"], invoice["number"], invoice["due_on"]) == ("draft", None, None)
    assert invoice["lines"][-1]["deployment_id"] is None


def test_what_is_stored_survives_the_way_out_unchanged(api: Api) -> None:
    rolled_up(api, "acme")
    (listed_one,) = listed(api.client("acme"))
    read = api.client("acme").get(f"{PATH}/{listed_one['id']}")
    assert read.json() == listed_one
    with api.app.transactions.begin(OLGA) as work:
        stored = work.invoices.get(uuid.UUID(listed_one["id"]))
    assert stored is not None
    for line, placed in zip(listed_one["lines"], stored.lines, strict=True):
        assert uuid.UUID(line["id"]) == placed.id
        assert isinstance(line["qty"], str)
        assert Decimal(line["qty"]) == placed.line.qty
        assert (line["unit_price_cents"], line["meta"]) == (placed.line.unit_price_cents, placed.line.meta)
    assert listed_one["lines"][3]["qty"] == "0.12345678"
    assert listed_one["quote_hash"] == stored.quote_hash


def test_a_tenant_sees_its_own_invoices_and_no_other(api: Api) -> None:
    rolled_up(api, "acme", "bobs-burgers")
    ann, bob = api.client("acme"), api.client("bobs-burgers", sub="bob")
    (anns,) = listed(ann)
    for asked in ({}, {"tenant_id": "acme"}):
        assert [one["tenant_id"] for one in listed(bob, **asked)] == ["bobs-burgers"]
    for path in (f"{PATH}/{anns['id']}", f"{PATH}/{anns['id']}/proof", f"{PATH}/{uuid.uuid4()}"):
        refused = bob.get(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "invoice_not_found"), path
    olga = api.admin()
    assert len(listed(olga)) == 2
    assert listed(olga, tenant_id="acme") == [anns]
    assert olga.get(f"{PATH}/{anns['id']}").json() == anns


def test_pages_hold_every_invoice_once_also_while_a_rollup_adds_some(api: Api) -> None:
    store, olga = api.app.transactions, api.admin()
    pilots(store, *(f"t{n}" for n in range(5)))
    for month in (date(2026, 4, 1), date(2026, 5, 1)):
        roll_up_period(store, OLGA, period=month_of(month), now=at(date(2026, 7, 1)))
    before = [one["id"] for one in listed(olga)]
    assert len(before) == 10
    seen: list[str] = []
    cursor: str | None = None
    for page_no in range(20):
        page = olga.get(PATH, params={"limit": "3", **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        pilots(store, f"a{page_no}", f"z{page_no}")
        for month in (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)):
            roll_up_period(store, OLGA, period=month_of(month), now=at(date(2026, 7, 1)))
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in before] == before
    places = [(one["period_start"], one["tenant_id"]) for one in listed(olga, limit="7")]
    assert places == sorted(places, reverse=True)


def test_invoices_are_narrowed_by_period_and_status(api: Api) -> None:
    rolled_up(api, "acme")
    store, ann = api.app.transactions, api.client("acme")
    (april,) = listed(ann)
    roll_up_period(store, OLGA, period=month_of(date(2026, 5, 1)), now=at(date(2026, 7, 1)))
    moved(store, stored(api, april["id"]), InvoiceStatus.ISSUED, due_on=date(2026, 5, 15))
    assert [one["period_start"] for one in listed(ann)] == ["2026-05-01", "2026-04-01"]
    (issued,) = listed(ann, status="issued")
    assert (issued["id"], issued["status"], issued["due_on"]) == (april["id"], "issued", "2026-05-15")
    assert issued["issued_at"].endswith("Z")
    assert listed(ann, period="2026-04") == [issued]
    assert listed(ann, period="2026-04", status="draft") == []


def stored(api: Api, invoice_id: str) -> Invoice:
    with api.app.transactions.begin(OLGA) as work:
        invoice = work.invoices.get(uuid.UUID(invoice_id))
    assert invoice is not None
    return invoice


def test_the_proof_of_an_invoice_prices_it_again(api: Api) -> None:
    rolled_up(api, "acme")
    ann = api.client("acme")
    (invoice,) = listed(ann)
    proof = ann.get(f"{PATH}/{invoice['id']}/proof").json()
    (kept,) = proof["deployments"]
    again = replay(kept["inputs"])
    assert again.hash() == kept["hash"]
    assert [line.as_json()["amount_cents"] for line in again.lines] == [
        line["amount_cents"] for line in invoice["lines"] if line["kind"] not in ("llm_usage", "tax")
    ]
    assert proof["quote_hash"] == hash_of_hashes([kept["hash"]]) == invoice["quote_hash"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "IiI=",  # ""
        "WyIyMDI2LTA0LTAxIiwiYWNtZSIsIngiXQ==",  # an id that is no UUID
        "WyIyMDI2LTA0LTAxIiwiYVx1MDAwMCIsIjAxOTljMWEyLTZmM2UtN2M0MS1iMGE1LTFjMmQzZTRmNWE2YiJd",  # NUL
    ],
)
def test_a_cursor_that_the_list_did_not_make_is_refused(api: Api, cursor: str) -> None:
    refused = api.client().get(PATH, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("name", "bad"), [("period", "2026-13"), ("period", "2026-04-01"), ("status", "open"), ("limit", "0")]
)
def test_a_bad_filter_is_named(api: Api, name: str, bad: str) -> None:
    refused = api.client().get(PATH, params={name: bad})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert [error["field"] for error in refused.json()["errors"]] == [name]
