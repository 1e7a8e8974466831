"""Tenants over HTTP: an operator's to write, the tenant's own to read, and how each is taxed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from tests.april import APRIL, AS_OF, pilots
from tests.contracts.facts import moved
from tests.integration.http.conftest import Api
from tests.world import OLGA

PATH = "/api/v1/tenants"
ABN = "53004085616"
NEW = {
    "tenant_id": "acme",
    "currency": "NZD",
    "country": "NZ",
    "terms_days": 30,
    "legal_name": "Acme",
    "abn": ABN,
}


def created(olga: httpx.Client, **body: Any) -> httpx.Response:
    answer = olga.post(PATH, json={"tenant_id": "acme", "currency": "AUD", **body})
    assert answer.status_code == 201, answer.text
    return answer


def test_a_tenant_is_created_once_and_read_by_itself(api: Api) -> None:
    olga = api.admin()
    made = olga.post(PATH, json=NEW)
    assert (made.status_code, made.json()) == (201, NEW)
    assert made.headers["Location"] == f"{PATH}/acme"
    read = api.client("acme").get(f"{PATH}/acme")
    assert (read.json(), read.headers["ETag"]) == (NEW, made.headers["ETag"])
    refused = olga.post(PATH, json={**NEW, "currency": "AUD"})
    assert (refused.status_code, refused.json()["code"]) == (409, "tenant_exists")
    assert olga.get(f"{PATH}/acme").json() == NEW


@pytest.mark.parametrize("tenant_id", ["0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b", "a.b:c@d_E"])
def test_the_location_of_a_new_tenant_leads_to_it(api: Api, tenant_id: str) -> None:
    made = created(api.admin(), tenant_id=tenant_id)
    assert api.client(tenant_id).get(made.headers["Location"]).json() == made.json()


@pytest.mark.parametrize("tenant_id", ["", "a/b", "_platform", "..", "a b", "a?"])
def test_a_new_tenant_is_named_as_a_path_may_name_it(api: Api, tenant_id: str) -> None:
    refused = api.admin().post(PATH, json={"tenant_id": tenant_id, "currency": "AUD"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == ["tenant_id"]


def test_what_is_not_said_of_a_new_tenant_is_what_a_first_deployment_would_say(api: Api) -> None:
    created(api.admin(), tenant_id="said")
    pilots(api.app.transactions, "deployed", starts_on=None)
    said, deployed = api.admin().get(PATH).json()["items"][::-1]
    assert {**said, "tenant_id": "deployed"} == deployed
    assert deployed == {
        "tenant_id": "deployed",
        "currency": "AUD",
        "country": "AU",
        "terms_days": 14,
        "legal_name": None,
        "abn": None,
    }


def test_the_first_deployment_of_a_created_tenant_leaves_it_as_it_is(api: Api) -> None:
    created(api.admin(), **NEW)
    pilots(api.app.transactions, "acme", starts_on=None)
    assert api.client("acme").get(f"{PATH}/acme").json() == NEW


def test_an_edit_changes_what_it_names_and_null_takes_away(api: Api) -> None:
    olga = api.admin()
    first = olga.post(PATH, json=NEW)
    edited = olga.patch(f"{PATH}/acme", json={"terms_days": 7, "abn": None})
    assert edited.json() == {**NEW, "terms_days": 7, "abn": None}
    assert edited.headers["ETag"] != first.headers["ETag"]
    again = olga.patch(f"{PATH}/acme", json={"terms_days": 7})
    assert (again.json(), again.headers["ETag"]) == (edited.json(), edited.headers["ETag"])
    assert api.client("acme").get(f"{PATH}/acme").json() == edited.json()


def test_an_editor_who_read_an_older_revision_is_told_and_changes_nothing(api: Api) -> None:
    olga = api.admin()
    tag = olga.post(PATH, json=NEW).headers["ETag"]
    first = olga.patch(f"{PATH}/acme", json={"legal_name": "First"}, headers={"If-Match": tag})
    assert first.status_code == 200
    second = olga.patch(f"{PATH}/acme", json={"legal_name": "Second"}, headers={"If-Match": tag})
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert olga.get(f"{PATH}/acme").json()["legal_name"] == "First"


@pytest.mark.parametrize(
    "body",
    [{"currency": "AUD"}, {"tenant_id": "other"}, {"country": None}, {"terms_days": 366}, {"abn": "1"}],
)
def test_what_may_not_change_is_refused_by_name(api: Api, body: dict[str, Any]) -> None:
    olga = api.admin()
    olga.post(PATH, json=NEW)
    refused = olga.patch(f"{PATH}/acme", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == list(body)
    assert olga.get(f"{PATH}/acme").json() == NEW


def test_an_abn_that_does_not_check_is_refused(api: Api) -> None:
    olga = api.admin()
    created(olga)
    for refused in (
        olga.post(PATH, json={"tenant_id": "other", "currency": "AUD", "abn": "53004085617"}),
        olga.patch(f"{PATH}/acme", json={"abn": "53004085617"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_abn")
        assert [error["field"] for error in refused.json()["errors"]] == ["abn"]
    assert [one["tenant_id"] for one in olga.get(PATH).json()["items"]] == ["acme"]


@pytest.mark.parametrize("field", ["country", "terms_days", "legal_name", "abn"])
def test_no_tenant_writes_what_is_an_operators(api: Api, field: str) -> None:
    created(api.admin())
    ann = api.client("acme")
    refused = ann.patch(f"{PATH}/acme", json={field: NEW[field]})
    assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")


def test_a_tenant_neither_lists_nor_creates_nor_taxes_tenants(api: Api) -> None:
    created(api.admin())
    ann = api.client("acme")
    for refused in (
        ann.get(PATH),
        ann.post(PATH, json={"tenant_id": "other", "currency": "AUD"}),
        ann.post(PATH, content=b"not even JSON"),
        ann.put(f"{PATH}/acme/tax-profiles/2026-05-01", json={"country": "NZ", "treatment": "foreign"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")


@pytest.mark.parametrize("tenant_id", ["acme", "nobody", "a b", "naïve"])
def test_another_tenant_is_not_there(api: Api, tenant_id: str) -> None:
    created(api.admin())
    bob = api.client("bobs-burgers", sub="bob")
    place = f"{PATH}/{quote(tenant_id)}"
    for refused in (bob.get(place), bob.get(f"{place}/tax-profiles")):
        assert (refused.status_code, refused.json()["code"]) == (404, "tenant_not_found")


@pytest.mark.parametrize("tenant_id", ["%00", "_platform", "a%00b"])
def test_what_cannot_be_a_tenant_is_a_bad_parameter(api: Api, tenant_id: str) -> None:
    refused = api.admin().get(f"{PATH}/{tenant_id}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")


def test_a_tenant_that_is_not_there_is_neither_edited_nor_taxed(api: Api) -> None:
    olga = api.admin()
    for refused in (
        olga.patch(f"{PATH}/nobody", json={"terms_days": 7}),
        olga.put(f"{PATH}/nobody/tax-profiles/2026-05-01", json={"country": "AU", "treatment": "standard"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "tenant_not_found")


def test_tenants_are_paged_by_id_also_while_some_are_created(api: Api) -> None:
    olga = api.admin()
    for n in (3, 1, 4, 0, 2):
        created(olga, tenant_id=f"t{n}")
    seen: list[str] = []
    cursor: str | None = None
    for page_no in range(10):
        page = olga.get(PATH, params={"limit": "2", **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["tenant_id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        created(olga, tenant_id=f"a{page_no}")
    assert seen == ["t0", "t1", "t2", "t3", "t4"]


def profile(olga: httpx.Client, day: str, **body: Any) -> httpx.Response:
    return olga.put(
        f"{PATH}/acme/tax-profiles/{day}", json={"country": "AU", "treatment": "standard", **body}
    )


def test_a_tax_profile_holds_from_its_day_and_the_last_of_a_day_counts(api: Api) -> None:
    olga, ann = api.admin(), api.client("acme")
    created(olga)
    june = profile(olga, "2026-06-01", country="NZ", treatment="foreign")
    profile(olga, "2026-05-01")
    may = profile(olga, "2026-05-01", treatment="exempt", reason="charity")
    assert may.json() == {
        "from_day": "2026-05-01",
        "country": "AU",
        "treatment": "exempt",
        "reason": "charity",
    }
    assert ann.get(f"{PATH}/acme/tax-profiles").json() == {
        "items": [may.json(), june.json()],
        "next_cursor": None,
    }
    page = ann.get(f"{PATH}/acme/tax-profiles", params={"limit": "1"}).json()
    assert page["items"] == [may.json()]
    rest = ann.get(f"{PATH}/acme/tax-profiles", params={"cursor": page["next_cursor"]}).json()
    assert rest == {"items": [june.json()], "next_cursor": None}


@pytest.mark.parametrize(
    ("day", "body", "status", "code"),
    [
        ("2026-05-01", {"treatment": "exempt"}, 422, "reason_required"),
        ("2026-05-01", {"treatment": "exempt", "reason": " "}, 422, "reason_required"),
        ("2026-05-01", {"country": "Australia"}, 422, "invalid_body"),
        ("2026-05-01", {"treatment": "none"}, 422, "invalid_body"),
        ("1999-12-31", {}, 422, "date_out_of_range"),
    ],
)
def test_a_bad_profile_is_refused_and_nothing_is_stored(
    api: Api, day: str, body: dict[str, Any], status: int, code: str
) -> None:
    olga = api.admin()
    created(olga)
    refused = profile(olga, day, **body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert olga.get(f"{PATH}/acme/tax-profiles").json()["items"] == []


@pytest.mark.parametrize("day", ["2026-02-30", "2026-5-1", "20260501", "1777593600", "tomorrow"])
def test_what_is_no_day_is_a_bad_parameter(api: Api, day: str) -> None:
    olga = api.admin()
    created(olga)
    refused = profile(olga, day)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert [error["field"] for error in refused.json()["errors"]] == ["from_day"]
    assert olga.get(f"{PATH}/acme/tax-profiles").json()["items"] == []


def april(api: Api) -> Invoice:
    roll_up_period(api.app.transactions, OLGA, period=APRIL, now=AS_OF, force=True)
    with api.app.transactions.begin(OLGA) as work:
        invoice = work.invoices.of_period("acme", APRIL.start)
    assert invoice is not None
    return invoice


def test_another_address_changes_no_months_tax(api: Api) -> None:
    olga = api.admin()
    created(olga, tenant_id="acme", country="NZ")
    pilots(api.app.transactions, "acme")
    assert april(api).tax_cents == 0
    assert olga.patch(f"{PATH}/acme", json={"country": "AU"}).status_code == 200
    assert april(api).tax_cents == 0
    [abroad] = olga.get(f"{PATH}/acme/tax-profiles").json()["items"]
    assert abroad == {"from_day": "2000-01-01", "country": "NZ", "treatment": "standard", "reason": None}


def test_a_move_abroad_is_an_address_until_a_tax_profile_says_more(api: Api) -> None:
    olga = api.admin()
    pilots(api.app.transactions, "acme")
    assert olga.patch(f"{PATH}/acme", json={"country": "NZ"}).status_code == 200
    assert april(api).tax_cents == 500
    assert olga.get(f"{PATH}/acme/tax-profiles").json()["items"] == []


def test_a_draft_is_taxed_anew_and_what_is_issued_is_not(api: Api) -> None:
    olga = api.admin()
    pilots(api.app.transactions, "acme")
    assert april(api).tax_cents == 500
    assert profile(olga, "2026-04-30", treatment="exempt", reason="charity").status_code == 200
    assert april(api).tax_cents == 0
    moved(api.app.transactions, april(api), InvoiceStatus.ISSUED)
    refused = profile(olga, "2026-04-30")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_invoiced")
    assert profile(olga, "2026-05-01").status_code == 200
