"""Plans over HTTP: the life of a version, publishing at once, what a draft must be (SPEC 3, 15)."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Api

PLANS = "/api/v1/catalog/plans"
VERSIONS = "/api/v1/catalog/versions"
ROUNDS = 5

HOURS = {
    "resource_kind": "droplet_hours",
    "included_qty": "1488",
    "overage_unit": "hour",
    "overage_price_cents": 1,
    "hard_cap_qty": None,
}
SPACES = {
    "resource_kind": "spaces_gb_month",
    "included_qty": "99999999999999.999999",
    "overage_unit": "gb_month",
    "overage_price_cents": 10**12,
    "hard_cap_qty": "0.000001",
}
TERMS = {"base_price_cents": 6000, "currency": "AUD", "items": [HOURS, SPACES]}


def created(olga: httpx.Client, code: str = "mini", name: str = "Mini") -> dict[str, Any]:
    answer = olga.post(PLANS, json={"code": code, "name": name})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{PLANS}/{code}"
    plan: dict[str, Any] = answer.json()
    return plan


def drafted(olga: httpx.Client, code: str = "mini", **terms: Any) -> dict[str, Any]:
    answer = olga.post(f"{PLANS}/{code}/versions", json={**TERMS, **terms})
    assert answer.status_code == 201, answer.text
    version: dict[str, Any] = answer.json()
    return version


def published(olga: httpx.Client, version: dict[str, Any]) -> httpx.Response:
    return olga.post(f"{VERSIONS}/{version['id']}/publish")


def detail(olga: httpx.Client, code: str = "mini") -> dict[str, Any]:
    answer = olga.get(f"{PLANS}/{code}")
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def at_once(*acts: Any) -> list[httpx.Response]:
    """The answers of requests that are sent at the same moment."""
    start = Barrier(len(acts), timeout=30)

    def run(act: Any) -> httpx.Response:
        start.wait()
        answer: httpx.Response = act()
        return answer

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_tenants_see_what_the_seed_offers_by_code_with_what_it_includes(api: Api) -> None:
    page = api.client().get(PLANS).json()
    assert [plan["code"] for plan in page["items"]] == ["pro", "starter", "studio"]
    assert page["next_cursor"] is None
    studio = page["items"][2]
    active = studio["active_version"]
    assert (studio["name"], active["version"], active["status"]) == ("Studio", 1, "active")
    assert (active["base_price_cents"], active["currency"]) == (5000, "AUD")
    assert HOURS in active["items"]
    assert [item["resource_kind"] for item in active["items"]] == sorted(
        item["resource_kind"] for item in active["items"]
    )


def test_the_life_of_a_plan(api: Api) -> None:
    olga = api.admin()
    assert created(olga) == {"code": "mini", "name": "Mini", "active_version": None}
    first = drafted(olga)
    assert (first["version"], first["status"]) == (1, "draft")
    assert detail(olga) == {"code": "mini", "name": "Mini", "active_version": None, "versions": [first]}

    active = published(olga, first)
    assert active.status_code == 200
    assert active.json() == {**first, "status": "active"}
    assert detail(olga)["active_version"] == active.json()

    second = drafted(olga, base_price_cents=7000, items=[])
    assert (second["version"], second["status"], second["items"]) == (2, "draft", [])
    assert detail(olga)["active_version"] == active.json()

    assert published(olga, second).status_code == 200
    after = detail(olga)
    assert after["active_version"] == {**second, "status": "active"}
    assert after["versions"] == [{**first, "status": "retired"}, {**second, "status": "active"}]
    [offered] = [plan for plan in api.client().get(PLANS).json()["items"] if plan["code"] == "mini"]
    assert offered == {"code": "mini", "name": "Mini", "active_version": after["active_version"]}


def test_what_was_published_is_not_published_again_and_never_changes(api: Api) -> None:
    olga = api.admin()
    created(olga)
    first, second = drafted(olga), drafted(olga)
    published(olga, first)
    for version in (first, first):
        refused = published(olga, version)
        assert (refused.status_code, refused.json()["code"]) == (409, "version_frozen")
    published(olga, second)
    refused = published(olga, first)
    assert (refused.status_code, refused.json()["code"]) == (409, "version_frozen")
    assert detail(olga)["versions"][0] == {**first, "status": "retired"}


def test_prices_quantities_and_ids_survive_a_round_trip(api: Api) -> None:
    olga = api.admin()
    created(olga)
    draft = drafted(olga, base_price_cents=10**12, currency="NZD")
    assert draft["items"] == [HOURS, SPACES]
    assert (draft["base_price_cents"], draft["currency"]) == (10**12, "NZD")
    assert detail(olga)["versions"] == [draft]
    assert str(uuid.UUID(draft["id"])) == draft["id"]


def test_a_plan_without_an_active_version_is_shown_to_admins_only(api: Api) -> None:
    olga = api.admin()
    created(olga)
    drafted(olga)
    found = {plan["code"]: plan["active_version"] for plan in olga.get(PLANS).json()["items"]}
    assert found["mini"] is None
    assert sorted(found) == ["mini", "pro", "starter", "studio"]
    assert [plan["code"] for plan in api.client().get(PLANS).json()["items"]] == ["pro", "starter", "studio"]


def test_pages_of_plans_hold_each_once_also_while_others_are_made(api: Api) -> None:
    olga = api.admin()
    seen: list[str] = []
    cursor: str | None = None
    for earlier in "abcdefgh":
        page = olga.get(PLANS, params={"limit": "1", **({"cursor": cursor} if cursor else {})}).json()
        seen += [plan["code"] for plan in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        created(olga, earlier)  # before all that is still to come
    assert seen == ["pro", "starter", "studio"]


@pytest.mark.parametrize("cursor", ["x", "IiI=", "WyJcdTAwMDAiXQ==", "WzFd"])
def test_a_cursor_that_no_page_gave_is_refused(api: Api, cursor: str) -> None:
    refused = api.client().get(PLANS, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


def test_two_drafts_published_at_once_leave_exactly_one_active(api: Api) -> None:
    created(api.admin())
    one, other = api.admin(), api.admin()
    for _ in range(ROUNDS):
        first, second = drafted(one), drafted(one)
        answers = at_once(lambda d=first: published(one, d), lambda d=second: published(other, d))
        assert [answer.status_code for answer in answers] == [200, 200]
        versions = detail(one)["versions"]
        active = [version["id"] for version in versions if version["status"] == "active"]
        assert len(active) == 1
        assert active[0] in (first["id"], second["id"])
        assert {version["status"] for version in versions} <= {"active", "retired"}


def test_of_two_who_publish_the_same_draft_at_once_one_is_told_that_it_is_done(api: Api) -> None:
    created(api.admin())
    one, other = api.admin(), api.admin()
    for _ in range(ROUNDS):
        draft = drafted(one)
        answers = at_once(lambda d=draft: published(one, d), lambda d=draft: published(other, d))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert detail(one)["active_version"] == {**draft, "status": "active"}


def test_a_publish_sent_again_with_its_key_is_answered_as_the_first_was(api: Api) -> None:
    olga = api.admin()
    created(olga)
    path = f"{VERSIONS}/{drafted(olga)['id']}/publish"
    first, again = (olga.post(path, headers={"Idempotency-Key": "publish"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()


def test_a_code_is_given_once(api: Api) -> None:
    refused = api.admin().post(PLANS, json={"code": "studio", "name": "Another"})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_code_taken")
    assert refused.json()["errors"][0]["field"] == "code"


def test_what_a_path_names_and_is_not_there_is_404(api: Api) -> None:
    olga = api.admin()
    for answer, code in (
        (olga.get(f"{PLANS}/nothing"), "unknown_plan"),
        (olga.post(f"{PLANS}/nothing/versions", json=TERMS), "unknown_plan"),
        (olga.post(f"{VERSIONS}/{uuid.uuid4()}/publish"), "unknown_version"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_a_code_that_no_plan_can_have_is_a_bad_parameter(api: Api) -> None:
    refused = api.admin().get(f"{PLANS}/%00")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert [error["field"] for error in refused.json()["errors"]] == ["plan_code"]


def test_every_bad_field_of_every_item_is_named(api: Api) -> None:
    olga = api.admin()
    created(olga)
    bad = {
        "base_price_cents": -1,
        "currency": "dollars",
        "items": [
            {**HOURS, "included_qty": "-1", "hard_cap_qty": "1.0000001"},
            SPACES,
            {**HOURS, "resource_kind": "gpu_hours", "overage_unit": "day", "overage_price_cents": 1.5},
            {"resource_kind": "dns_zones", "included_qty": 3, "note": "three"},
        ],
    }
    refused = olga.post(f"{PLANS}/mini/versions", json=bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert {error["field"] for error in refused.json()["errors"]} == {
        "base_price_cents",
        "currency",
        "items[0].included_qty",
        "items[0].hard_cap_qty",
        "items[2].resource_kind",
        "items[2].overage_unit",
        "items[2].overage_price_cents",
        "items[3].included_qty",
        "items[3].overage_unit",
        "items[3].overage_price_cents",
        "items[3].note",
    }
    assert detail(olga)["versions"] == []


def test_every_item_whose_kind_is_not_priced_by_its_unit_is_named(api: Api) -> None:
    olga = api.admin()
    created(olga)
    items = [{**HOURS, "overage_unit": "gb"}, SPACES, {**HOURS, "resource_kind": "llm_tokens"}]
    refused = olga.post(f"{PLANS}/mini/versions", json={**TERMS, "items": items})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == [
        "items[0].overage_unit",
        "items[2].overage_unit",
    ]
    assert detail(olga)["versions"] == []


def test_two_items_of_a_kind_are_refused(api: Api) -> None:
    olga = api.admin()
    created(olga)
    refused = olga.post(f"{PLANS}/mini/versions", json={**TERMS, "items": [HOURS, HOURS]})
    assert (refused.status_code, refused.json()["code"]) == (422, "duplicate_item")
    assert [error["field"] for error in refused.json()["errors"]] == ["items"]


def test_a_draft_of_more_items_than_a_plan_can_have_is_refused(api: Api) -> None:
    olga = api.admin()
    created(olga)
    refused = olga.post(f"{PLANS}/mini/versions", json={**TERMS, "items": [HOURS] * 101})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert [error["field"] for error in refused.json()["errors"]] == ["items"]


def test_a_tenant_neither_writes_nor_reads_drafts(api: Api) -> None:
    olga, ann = api.admin(), api.client()
    created(olga)
    draft = drafted(olga)
    for answer in (
        ann.post(PLANS, json={"code": "mine", "name": "Mine"}),
        ann.post(PLANS, content=b"not read"),
        ann.get(f"{PLANS}/studio"),
        ann.get(f"{PLANS}/nothing"),
        ann.post(f"{PLANS}/mini/versions", json=TERMS),
        ann.post(f"{VERSIONS}/{draft['id']}/publish"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "operators_only")
    assert detail(olga)["versions"] == [draft]
