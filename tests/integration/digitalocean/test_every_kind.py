"""What is the same for every kind: listing in pages, creating, reading, changing, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.kind import PARENT, Kind
from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from tests.clouds.running import NOW, Cloud

UNKNOWN = {
    "droplet": "99",
    "image": "99",
    "domain_record": "99",
    "reserved_ip": "192.0.2.9",
    "reserved_ipv6": "2001:db8::9",
    "action": "99",
}
NO_SUCH_UUID = "3f2f1b1e-0000-4000-8000-000000000000"
LISTED = [kind for kind in KINDS.values() if kind.path.startswith("/v2")]
MADE = [kind for kind in LISTED if kind.name not in {"action", "snapshot"}]
PAGED = [kind for kind in LISTED if kind.paged and kind.name not in {"image", "action"}]


def names(kinds: list[Kind]) -> list[str]:
    return [kind.name for kind in kinds]


def path_of(cloud: Cloud, kind: Kind) -> str:
    """The kind's path, within a new parent where it needs one."""
    if kind.parent is None:
        return kind.path
    holder = KINDS[kind.parent]
    parent = create(cloud, holder, cloud.sandbox.account.number() % 1000)
    return kind.path.replace(f"{{{PARENT}}}", str(parent[holder.key]))


def create(cloud: Cloud, kind: Kind, n: int = 1, path: str | None = None) -> Any:
    answer = cloud.http.post(path or kind.path, json=kind.example(n))
    assert answer.status_code == (202 if kind.name in {"droplet", "reserved_ip"} else kind.created), (
        answer.text
    )
    return answer.json()[kind.one]


@pytest.mark.parametrize("name", names(MADE))
def test_what_is_created_is_read_listed_deleted_and_gone(empty_cloud: Cloud, name: str) -> None:
    cloud, kind = empty_cloud, KINDS[name]
    path = path_of(cloud, kind)
    before = len(everything(cloud, path, kind.many))
    id = create(cloud, kind, path=path)[kind.key]
    cloud.pass_by()
    body = cloud.get(f"{path}/{id}")
    assert body[kind.one][kind.key] == id
    listed = everything(cloud, path, kind.many)
    assert [one[kind.key] for one in listed].count(id) == 1
    assert len(listed) == before + 1
    cloud.ask("DELETE", f"{path}/{id}", expect=200 if name == "app" else 204)
    assert len(everything(cloud, path, kind.many)) == before
    for method in ("GET", "DELETE"):
        gone = cloud.ask(method, f"{path}/{id}", expect=404)
        assert gone["id"] == "not_found"
        assert gone["message"] == "The resource you requested could not be found."


def everything(cloud: Cloud, path: str, many: str) -> list[Any]:
    """All objects of a list, over its pages."""
    private = {"private": "true"} if path == "/v2/images" else {}
    body = cloud.get(path, **private)
    found = list(body[many])
    while to := body.get("links", {}).get("pages", {}).get("next"):
        body = cloud.get(to)
        found += body[many]
    return found


@pytest.mark.parametrize("name", names([kind for kind in LISTED if kind.verbs or kind.name != "space"]))
def test_what_is_not_there_is_404(empty_cloud: Cloud, name: str) -> None:
    kind = KINDS[name]
    path = path_of(empty_cloud, kind)
    id = UNKNOWN.get(name, NO_SUCH_UUID)
    assert empty_cloud.ask("GET", f"{path}/{id}", expect=404)["id"] == "not_found"


CHANGES: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("project", "PATCH", {"name": "other"}, "name", "other"),
    ("project", "PUT", {"name": "other", "description": "d", "purpose": "p", "environment": "Staging",
                        "is_default": False},
     "environment", "Staging"),
    ("vpc", "PATCH", {"description": "told"}, "description", "told"),
    ("vpc", "PUT", {"name": "other", "description": "told"}, "name", "other"),
    ("firewall", "PUT", {**KINDS["firewall"].example(1), "name": "other"}, "name", "other"),
    ("load_balancer", "PUT", {**KINDS["load_balancer"].example(1), "name": "other"}, "name", "other"),
    ("image", "PUT", {"name": "other"}, "name", "other"),
    ("domain_record", "PATCH", {"type": "A", "data": "192.0.2.77"}, "data", "192.0.2.77"),
    ("domain_record", "PUT", {"type": "A", "ttl": 60}, "ttl", 60),
    ("cdn", "PUT", {"ttl": 60}, "ttl", 60),
    ("kubernetes_cluster", "PUT", {"name": "other"}, "name", "other"),
    ("kubernetes_node_pool", "PUT", {"name": "other", "count": 5}, "count", 5),
    ("spaces_key", "PATCH", {"name": "other"}, "name", "other"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}-{change[1]}")
def test_a_change_is_there_afterwards(
    empty_cloud: Cloud, change: tuple[str, str, dict[str, Any], str, Any]
) -> None:
    name, method, body, field, value = change
    kind = KINDS[name]
    path = path_of(empty_cloud, kind)
    one = f"{path}/{create(empty_cloud, kind, path=path)[kind.key]}"
    changed = empty_cloud.ask(method, one, body, expect=kind.changed)
    assert changed[kind.one][field] == value
    assert empty_cloud.get(one)[kind.one][field] == value


@pytest.mark.parametrize("count", [0, 1, 20, 21, 200, 201, 401])
def test_pages_of_every_list_hold_each_object_once(serve: Callable[..., Cloud], count: int) -> None:
    cloud = serve(content.filled(count, SandboxClock(at=NOW)))
    for kind in PAGED:
        for parent in list(cloud.sandbox.account.all(kind.parent))[:1] if kind.parent else [""]:
            path = kind.path.replace(f"{{{PARENT}}}", parent)
            walked = walk(cloud.http, path, kind.many)
            assert walked == list(cloud.sandbox.account.all(kind.name, parent)), path


def walk(http: httpx.Client, path: str, many: str) -> list[str]:
    """The ids of a list, page by page of 200, each page's numbers and links checked."""
    kind = next(kind for kind in KINDS.values() if kind.many == many)
    found: list[str] = []
    page = 1
    while True:
        body = http.get(path, params={"page": page, "per_page": 200}).json()
        found += [kind.id_of(one) for one in body[many]]
        total = body["meta"]["total"]
        last = -(-total // 200)
        expected: dict[str, int] = {}
        if page > 1:
            expected |= {"first": 1, "prev": page - 1}
        if page < last:
            expected |= {"next": page + 1, "last": last}
        told = body["links"].get("pages", {})
        assert {rel: int(httpx.URL(to).params["page"]) for rel, to in told.items()} == expected
        assert ("pages" in body["links"]) == bool(expected)
        if "next" not in told:
            assert len(found) == total
            return found
        page += 1


def test_a_list_has_twenty_objects_a_page_unless_told_otherwise(serve: Callable[..., Cloud]) -> None:
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, "droplet", 21)
    cloud = serve(account)
    body = cloud.get("/v2/droplets", tag_name="made")
    assert len(body["droplets"]) == 20
    assert body["meta"] == {"total": 21}
    assert body["links"]["pages"] == {
        "next": f"{cloud.url}/v2/droplets?tag_name=made&page=2&per_page=20",
        "last": f"{cloud.url}/v2/droplets?tag_name=made&page=2&per_page=20",
    }
    beyond = cloud.get("/v2/droplets", page=9)
    assert beyond["droplets"] == []
    assert set(beyond["links"]["pages"]) == {"first", "prev"}


@pytest.mark.parametrize("query", ["per_page=201", "per_page=0", "page=0", "page=two", "per_page=-1"])
def test_a_page_that_cannot_be_is_refused(empty_cloud: Cloud, query: str) -> None:
    assert empty_cloud.ask("GET", f"/v2/droplets?{query}", expect=422)["id"] == "unprocessable_entity"


@pytest.mark.parametrize("name", ["database", "registry", "functions_namespace"])
def test_these_lists_have_no_pages(serve: Callable[..., Cloud], name: str) -> None:
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, name, 201)
    kind = KINDS[name]
    body = serve(account).get(kind.path)
    assert set(body) == {kind.many}
    assert len(body[kind.many]) == 201


FILTERS: list[tuple[str, str, dict[str, str], Callable[[Any], bool]]] = [
    ("droplet", "droplets", {"tag_name": "MADE:3"}, lambda one: "made:3" in one["tags"]),
    ("droplet", "droplets", {"name": "made-00007"}, lambda one: one["name"] == "made-00007"),
    ("droplet", "droplets", {"type": "droplets"}, lambda one: True),
    ("droplet", "droplets", {"type": "gpus"}, lambda one: False),
    ("volume", "volumes", {"region": "syd1"}, lambda one: one["region"]["slug"] == "syd1"),
    ("snapshot", "snapshots", {"resource_type": "droplet"}, lambda one: False),
    ("snapshot", "snapshots", {"resource_type": "volume"}, lambda one: True),
    ("image", "images", {"private": "true"}, lambda one: not one["public"]),
    ("database", "databases", {"tag_name": "made"}, lambda one: True),
    ("certificate", "certificates", {"name": "nobody"}, lambda one: False),
    ("spaces_key", "keys", {"permission": "readwrite"}, lambda one: True),
    ("spaces_key", "keys", {"bucket": "nowhere"}, lambda one: False),
]


@pytest.mark.parametrize(("name", "many", "query", "holds"), FILTERS)
def test_a_filter_lets_through_what_it_says(
    serve: Callable[..., Cloud],
    name: str,
    many: str,
    query: dict[str, str],
    holds: Callable[[Any], bool],
) -> None:
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, name, 15)
    cloud = serve(account)
    expected = [one for one in account.all(name).values() if holds(one)]
    body = cloud.get(KINDS[name].path, **query)
    assert [one[KINDS[name].key] for one in body[many]] == [one[KINDS[name].key] for one in expected]
    if "meta" in body:
        assert body["meta"]["total"] == len(expected)


UNIQUE = [kind for kind in MADE if kind.unique]


@pytest.mark.parametrize("name", names(UNIQUE))
def test_a_name_that_is_taken_is_refused(empty_cloud: Cloud, name: str) -> None:
    kind = KINDS[name]
    create(empty_cloud, kind)
    again = empty_cloud.http.post(kind.path, json=kind.example(1))
    assert again.status_code in {409, 422}
    assert kind.unique is not None
    made = kind.unique(kind.make(empty_cloud.sandbox.account, kind.example(1)))
    assert [kind.unique(one) for one in empty_cloud.sandbox.account.every(name)].count(made) == 1


def test_two_droplets_may_have_one_name(empty_cloud: Cloud) -> None:
    first, second = (create(empty_cloud, KINDS["droplet"]) for _ in range(2))
    assert first["name"] == second["name"]
    assert first["id"] != second["id"]


def test_something_created_is_not_seen_at_once_where_lists_lag(empty_cloud: Cloud) -> None:
    empty_cloud.ask("PUT", "/sandbox/pace", {"lag_seconds": 5})
    volume = create(empty_cloud, KINDS["volume"])
    assert empty_cloud.get("/v2/volumes")["volumes"] == []
    empty_cloud.ask("GET", f"/v2/volumes/{volume['id']}", expect=404)
    empty_cloud.pass_by(5)
    assert len(empty_cloud.get("/v2/volumes")["volumes"]) == 1
    empty_cloud.get(f"/v2/volumes/{volume['id']}")
