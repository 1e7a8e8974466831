"""What the provider charges over HTTP: cost lines, whose they are, invoices, balance, FOCUS (SPEC 10, 15)."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import pytest

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import How, Match, Unmatched
from arcadia_domain.cloud.statements import Balance
from arcadia_domain.ports.statements import BalanceSnapshot
from tests.contracts.test_charges import previewed
from tests.contracts.test_costs import APRIL, MAY, line, stored, unmatched
from tests.held import april, assigned, recorded, resource
from tests.integration.http.conftest import Api
from tests.world import BOB, NOBODYS, NOW, OLGA, deployed

LINES = "/api/v1/billing/cost-lines"
INVOICES = "/api/v1/billing/cloud-invoices"
FOCUS = "/api/v1/billing/focus"
IN_APRIL = {"period": "2026-04-17"}


def tax(number: int) -> CostLine:
    return line(number, cents=60, product="Taxes", hours=None)


@pytest.fixture
def pilot(api: Api) -> Deployment:
    return deployed(api.app.transactions)


@pytest.fixture
def billed(api: Api, pilot: Deployment) -> list[Match]:
    """April: a droplet that Ann held half the month and Bob the other, a volume that nobody knows, tax."""
    web = resource()
    recorded(api.app.transactions, web)
    assigned(api.app.transactions, web, pilot, april(1))
    assigned(api.app.transactions, web, deployed(api.app.transactions, BOB), april(16))
    matches = [
        Match(line(1), web.id, How.NAME),
        *unmatched(line(2, product="Volumes", cents=100)),
        Match(tax(3), reason=Unmatched.TAX),
    ]
    stored(api.app.transactions, matches, uuid="u-1")
    return matches


def listed(api: Api, **asked: str) -> list[dict[str, Any]]:
    answer = api.admin().get(LINES, params={**IN_APRIL, **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def refused_as(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_cost_line_says_what_it_is_and_who_bears_it(
    api: Api, billed: list[Match], pilot: Deployment
) -> None:
    droplet, volume, taxes = listed(api)
    assert {k: v for k, v in droplet.items() if k not in ("id", "invoice_id", "resource_id")} == {
        "kind": "droplet",
        "product": "Droplets",
        "description": "web-1 (s-1vcpu-1gb)",
        "group_description": "",
        "hours": "720",
        "start": "2026-04-01T00:00:00Z",
        "end": "2026-05-01T00:00:00Z",
        "amount": "6.00",
        "amount_cents": 600,
        "currency": "USD",
        "project_name": "pilot",
        "category": "iaas",
        "deployment_id": None,
        "tenant_id": None,
        "matched": True,
        "unmatched_reason": None,
        "shares": [
            {"tenant_id": "acme", "deployment_id": str(pilot.id), "amount_cents": 300},
            {
                "tenant_id": "bobs-burgers",
                "deployment_id": droplet["shares"][1]["deployment_id"],
                "amount_cents": 300,
            },
        ],
        "unattributed_cents": 0,
        "attribution": None,
    }
    assert (volume["matched"], volume["unmatched_reason"], volume["unattributed_cents"]) == (
        False,
        "no_such_resource",
        100,
    )
    assert (taxes["kind"], taxes["hours"], taxes["unmatched_reason"]) == (None, None, "tax")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3]),
        ({"kind": "volume"}, [2]),
        ({"matched": "true"}, [1]),
        ({"matched": "false"}, [2, 3]),
        ({"tenant_id": "acme"}, [1]),
        ({"tenant_id": "nobody"}, []),
        ({"period": "2026-04-30"}, [1, 2, 3]),
        ({"period": "2026-05-01"}, []),
        ({"limit": "2"}, [1, 2]),
    ],
)
def test_lines_are_asked_for_by_any_day_of_the_month_and_more(
    api: Api, billed: list[Match], asked: dict[str, str], found: list[int]
) -> None:
    assert [one["description"] for one in listed(api, **asked)] == [
        f"web-{number} (s-1vcpu-1gb)" for number in found
    ]


def test_lines_of_a_deployment_are_those_that_it_bears_some_of(
    api: Api, billed: list[Match], pilot: Deployment
) -> None:
    assert len(listed(api, deployment_id=str(pilot.id))) == 1
    assert listed(api, deployment_id=str(NOBODYS)) == []


def test_pages_hold_every_line_once(api: Api) -> None:
    stored(api.app.transactions, unmatched(*map(line, range(1, 8))))
    olga, seen, cursor = api.admin(), list[str](), None
    while True:
        page = olga.get(
            LINES, params={**IN_APRIL, "limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [one["id"] for one in listed(api)]
    assert len(set(seen)) == 7


def test_a_month_to_date_comes_only_when_it_is_asked_for(api: Api) -> None:
    previewed(api.app.transactions, *unmatched(line(1)), period=MAY)
    assert listed(api, period="2026-05-20") == []
    [line_] = listed(api, period="2026-05-20", preview="true")
    refused = api.admin().put(
        f"{LINES}/{line_['id']}/attribution", json={"tenant_id": None, "reason": "too early"}
    )
    assert refused_as(refused) == (404, "cost_line_not_found")


def test_a_day_that_no_calendar_of_ours_has_is_refused(api: Api) -> None:
    for path in (LINES, FOCUS):
        assert refused_as(api.admin().get(path, params={"period": "1999-12-31"})) == (
            422,
            "date_out_of_range",
        )


def attribution(one: dict[str, Any]) -> str:
    return f"{LINES}/{one['id']}/attribution"


def test_an_admin_says_whose_a_line_is_and_it_survives_a_shuffled_ingest(
    api: Api, billed: list[Match], pilot: Deployment
) -> None:
    olga, api.clock.at = api.admin(), NOW
    volume = listed(api, kind="volume")[0]
    said = {"tenant_id": "acme", "deployment_id": str(pilot.id), "reason": "known to be theirs"}
    given = olga.put(attribution(volume), json=said)
    assert given.status_code == 200, given.text
    assert given.json() == olga.put(attribution(volume), json=said).json()
    told = given.json()
    assert (told["tenant_id"], told["deployment_id"], told["unattributed_cents"]) == (
        "acme",
        str(pilot.id),
        0,
    )
    assert told["attribution"] == {**said, "actor": "olga", "at": "2026-05-20T09:30:00Z"}
    assert olga.get("/api/v1/dashboard/margin", params=IN_APRIL).json()["unattributed_cogs_cents"] == 60
    stored(api.app.transactions, [], uuid="u-1")
    stored(api.app.transactions, billed[::-1], uuid="u-1")
    assert listed(api, kind="volume") == [told]


def test_nobodys_on_purpose_and_taken_back(api: Api, billed: list[Match]) -> None:
    olga, before = api.admin(), listed(api, kind="droplet")
    given = olga.put(attribution(before[0]), json={"tenant_id": None, "reason": "a test of ours"}).json()
    assert (given["shares"], given["unattributed_cents"], given["matched"]) == ([], 600, True)
    for _ in range(2):
        assert olga.delete(attribution(before[0])).json() == before[0]
    assert listed(api, kind="droplet") == before


def test_a_line_is_given_to_whom_there_is(api: Api, billed: list[Match], pilot: Deployment) -> None:
    olga, one = api.admin(), listed(api)[0]
    for body, expected in (
        ({"tenant_id": "nobody", "reason": "r"}, (422, "unknown_tenant")),
        ({"tenant_id": "acme", "deployment_id": str(NOBODYS), "reason": "r"}, (422, "deployment_not_found")),
        (
            {"tenant_id": "bobs-burgers", "deployment_id": str(pilot.id), "reason": "r"},
            (422, "deployment_of_other_tenant"),
        ),
        ({"reason": "r"}, (422, "invalid_body")),
        ({"tenant_id": "acme", "reason": " "}, (422, "invalid_body")),
    ):
        assert refused_as(olga.put(attribution(one), json=body)) == expected
    absent = f"{LINES}/{NOBODYS}/attribution"
    assert refused_as(olga.put(absent, json={"tenant_id": None, "reason": "r"})) == (
        404,
        "cost_line_not_found",
    )
    assert refused_as(olga.delete(absent)) == (404, "cost_line_not_found")


def test_an_invoice_says_whether_it_adds_up_and_how_much_is_nobodys(api: Api, billed: list[Match]) -> None:
    stored(api.app.transactions, [], uuid="u-2", period=MAY)
    olga = api.admin()
    may, of_april = olga.get(INVOICES).json()["items"]
    assert (may["period"], may["lines"], may["unattributed_cents"]) == ("2026-05", 0, 0)
    assert {k: of_april[k] for k in ("period", "invoice_uuid", "state", "problem", "amount_cents")} == {
        "period": "2026-04",
        "invoice_uuid": "u-1",
        "state": "ingested",
        "problem": None,
        "amount_cents": 760,
    }
    assert (of_april["lines"], of_april["matched"], of_april["unattributed_cents"]) == (3, 1, 160)
    assert olga.get(f"{INVOICES}/{of_april['id']}").json() == of_april
    assert olga.get(INVOICES, params={"state": "flagged"}).json()["items"] == []
    assert olga.get(INVOICES, params={"period": "2026-04"}).json()["items"] == [of_april]
    first = olga.get(INVOICES, params={"limit": 1}).json()
    rest = olga.get(INVOICES, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [*first["items"], *rest["items"]] == [may, of_april]
    assert rest["next_cursor"] is None
    assert refused_as(olga.get(f"{INVOICES}/{NOBODYS}")) == (404, "cloud_invoice_not_found")


def test_the_balance_is_the_last_that_was_told(api: Api) -> None:
    olga = api.admin()
    none = olga.get("/api/v1/billing/balance")
    assert refused_as(none) == (404, "no_balance_yet")
    assert "arcadia costs balance" in none.json()["detail"]
    balance = Balance(
        month_to_date_usage=Decimal("23.4"),
        month_to_date_balance=Decimal("-0.05"),
        account_balance=Decimal(0),
        generated_at=NOW,
    )
    with api.app.transactions.begin(OLGA) as work:
        work.statements.put_balance(BalanceSnapshot(ACCOUNT, balance, NOW), work.new_id())
    assert olga.get("/api/v1/billing/balance").json() == {
        "month_to_date_usage": "23.40",
        "month_to_date_balance": "-0.05",
        "account_balance": "0.00",
        "generated_at": "2026-05-20T09:30:00Z",
        "captured_at": "2026-05-20T09:30:00Z",
    }


def test_the_focus_export_is_csv_that_adds_up_to_the_invoice(api: Api, billed: list[Match]) -> None:
    answer = api.admin().get(FOCUS, params=IN_APRIL)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="focus-2026-04.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("7.60")
    assert [row["SubAccountId"] for row in rows] == ["acme", "bobs-burgers", "", ""]
    assert rows[0]["ChargePeriodStart"] == "2026-04-01T00:00:00Z"


def test_a_month_without_an_invoice_is_exported_as_the_header(api: Api) -> None:
    previewed(api.app.transactions, *unmatched(line(1)), period=APRIL)
    lines = api.admin().get(FOCUS, params=IN_APRIL).text.split("\r\n")
    assert lines[0].startswith("BilledCost,BillingAccountId,")
    assert lines[1:] == [""]


def test_costs_are_for_admins(api: Api, billed: list[Match]) -> None:
    ann, one = api.client(), listed(api)[0]
    for answer in (
        ann.get(LINES, params=IN_APRIL),
        ann.put(attribution(one), json={"tenant_id": "acme", "reason": "mine"}),
        ann.delete(attribution(one)),
        ann.get(INVOICES),
        ann.get(f"{INVOICES}/{one['invoice_id']}"),
        ann.get("/api/v1/billing/balance"),
        ann.get(FOCUS, params=IN_APRIL),
    ):
        assert refused_as(answer) == (403, "operators_only")
