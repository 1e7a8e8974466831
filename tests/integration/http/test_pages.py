"""Cursors: each opens the list that made it, and no other one (SPEC 15)."""

from __future__ import annotations

from itertools import permutations

from tests.integration.http.conftest import Api
from tests.integration.http.operations import served
from tests.integration.http.two_tenants import two_tenants

NEEDED = {"list_cost_lines": {"period": "2026-04-01"}}
"""What a list cannot do without."""


def test_a_cursor_opens_the_list_that_made_it_and_no_other(api: Api) -> None:
    world = two_tenants(api)
    lists = [one for one in served(api) if "cursor" in one.parameters("query")]
    paths = {one.id: one.url(world.a.ids) for one in lists}
    made = {}
    for name, path in paths.items():
        needed = NEEDED.get(name, {})
        first = world.olga.get(path, params={"limit": "1", **needed}).raise_for_status()
        made[name] = first.json()["next_cursor"]
        assert made[name] is not None, name
        assert world.olga.get(path, params={"cursor": made[name], **needed}).status_code == 200, name
    assert len(made) > 4
    for mine, other in permutations(made, 2):
        refused = world.olga.get(paths[mine], params={"cursor": made[other], **NEEDED.get(mine, {})})
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor"), (mine, other)


def test_a_cursor_after_the_longest_name_is_taken(api: Api) -> None:
    olga = api.admin()
    ids = [letter + "\U0001f600" * 199 for letter in "ab"]
    for tenant_id in ids:
        asked = {"slug": "one", "display_name": "One", "region": "syd1", "tenant_id": tenant_id}
        assert olga.post("/api/v1/deployments", json=asked).status_code == 201
    first = olga.get("/api/v1/tenants", params={"limit": "1"}).json()
    rest = olga.get("/api/v1/tenants", params={"cursor": first["next_cursor"]}).raise_for_status().json()
    assert [one["tenant_id"] for one in (*first["items"], *rest["items"])] == ids
