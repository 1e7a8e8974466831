"""Addons over HTTP: list, create, and what is refused (SPEC 3, 15)."""

from __future__ import annotations

from tests.integration.http.conftest import Api

PATH = "/api/v1/catalog/addons"
MORE_SPACE = {
    "code": "more_space",
    "name": "More space",
    "resource_kind": "spaces_gb_month",
    "qty": "0.000001",
    "price_cents": 10**12,
    "currency": "AUD",
}


def test_tenants_see_every_addon_by_code(api: Api) -> None:
    page = api.client().get(PATH).json()
    assert [addon["code"] for addon in page["items"]] == ["llm_1m_tokens", "storage_250gb", "storage_50gb"]
    assert page["next_cursor"] is None
    storage = page["items"][2]
    del storage["id"]
    assert storage == {
        "code": "storage_50gb",
        "name": "Storage 50 GB",
        "resource_kind": "spaces_gb_month",
        "qty": "50",
        "price_cents": 750,
        "currency": "AUD",
    }


def test_an_addon_is_listed_as_it_was_created(api: Api) -> None:
    answer = api.admin().post(PATH, json=MORE_SPACE)
    assert answer.status_code == 201
    made = answer.json()
    assert made == {**MORE_SPACE, "id": made["id"]}
    assert made in api.client().get(PATH).json()["items"]


def test_pages_of_addons_hold_each_once_also_while_others_are_made(api: Api) -> None:
    olga = api.admin()
    first = olga.get(PATH, params={"limit": "2"}).json()
    assert [addon["code"] for addon in first["items"]] == ["llm_1m_tokens", "storage_250gb"]
    olga.post(PATH, json={**MORE_SPACE, "code": "a"})
    rest = olga.get(PATH, params={"limit": "2", "cursor": first["next_cursor"]}).json()
    assert ([addon["code"] for addon in rest["items"]], rest["next_cursor"]) == (["storage_50gb"], None)


def test_a_code_is_given_once(api: Api) -> None:
    olga = api.admin()
    before = olga.get(PATH).json()
    refused = olga.post(PATH, json={**MORE_SPACE, "code": "storage_50gb"})
    assert (refused.status_code, refused.json()["code"]) == (409, "addon_code_taken")
    assert olga.get(PATH).json() == before


def test_an_addon_of_nothing_is_refused(api: Api) -> None:
    refused = api.admin().post(PATH, json={**MORE_SPACE, "qty": "0.000000"})
    assert (refused.status_code, refused.json()["code"]) == (422, "empty_addon")
    assert [error["field"] for error in refused.json()["errors"]] == ["qty"]


def test_every_bad_field_of_an_addon_is_named(api: Api) -> None:
    bad = {
        "code": "no good",
        "name": " ",
        "resource_kind": "gpu_hours",
        "qty": 50,
        "price_cents": 10**12 + 1,
        "currency": "$",
        "colour": "blue",
    }
    refused = api.admin().post(PATH, json=bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert {error["field"] for error in refused.json()["errors"]} == set(bad)


def test_only_platform_admins_create_an_addon(api: Api) -> None:
    ann = api.client()
    for refused in (ann.post(PATH, json=MORE_SPACE), ann.post(PATH, content=b"not read")):
        assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")
