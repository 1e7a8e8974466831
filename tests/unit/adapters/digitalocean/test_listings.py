"""Every kind listed over real HTTP: what is seen, what is never seen, and what a listing says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_domain.cloud.actions import ActionStatus
from arcadia_domain.cloud.inventory import RESOURCE_KINDS, UnknownInventoryKind
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.orders import ProjectMember
from arcadia_domain.cloud.provider_errors import ProviderForbidden, ProviderUnauthorized
from tests.unit.adapters.digitalocean.account import MADE, ON_ONE_PAGE, REGION, Account
from tests.unit.adapters.digitalocean.served import HANG_UP, Asked, Reply, client_of, refused, said
from tests.unit.adapters.digitalocean.waits import Waits

COUNTS = [0, 1, 20, 21, 200, 201, 401]
FAULTS: list[Any] = [
    pytest.param(lambda reply: HANG_UP, Shortfall.FAILED, id="hangs up"),
    pytest.param(lambda reply: refused(500, "server_error"), Shortfall.FAILED, id="500"),
    pytest.param(lambda reply: refused(403, "forbidden"), Shortfall.FAILED, id="403"),
    pytest.param(lambda reply: refused(404), Shortfall.FAILED, id="404"),
    pytest.param(lambda reply: refused(429, "too_many_requests"), Shortfall.FAILED, id="429"),
    pytest.param(
        lambda reply: Reply(200, reply.body, reply.headers, sent=len(reply.body) - 5),
        Shortfall.FAILED,
        id="cut on the wire",
    ),
    pytest.param(lambda reply: Reply(200, reply.body[:-5]), Shortfall.FAILED, id="cut before"),
    pytest.param(lambda reply: said({"links": {}, "meta": {"total": 401}}), Shortfall.FAILED, id="no list"),
]


def listed(client: DigitalOceanClient, kind: str) -> tuple[Listing, list[SeenResource]]:
    """The verdict on a kind and what was seen of it."""
    seen: list[SeenResource] = []
    (listing,) = client.list_resources(kind, seen.extend)
    return listing, seen


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("count", COUNTS)
def test_a_list_of_any_length_is_seen_whole(kind: str, count: int) -> None:
    with client_of(Account.of(kind, count)) as (client, provider):
        listing, seen = listed(client, kind)
        requests = len(provider.asked)
    assert (listing.complete, listing.detail, listing.seen) == (True, None, count)
    if kind not in {"image", "kubernetes_node_pool"} and MADE[kind][0] not in ON_ONE_PAGE:
        assert listing.total == count
    assert len({resource.provider_id for resource in seen}) == len(seen) == count
    assert {resource.kind for resource in seen} <= {kind}
    pages = 1 if MADE[kind][0] in ON_ONE_PAGE else max(1, -(-count // 200))
    assert requests == pages + (kind in {"droplet", "reserved_ip"})  # GPUs, and addresses of version 6


@pytest.mark.parametrize(
    ("kind", "page"),
    [(kind, page) for kind in MADE for page in ([1] if MADE[kind][0] in ON_ONE_PAGE else [1, 2, 3])],
)
@pytest.mark.parametrize(("spoil", "shortfall"), FAULTS)
def test_a_list_that_fails_at_any_page_says_so_and_keeps_what_it_saw(
    kind: str, page: int, spoil: Callable[[Reply], Reply], shortfall: Shortfall
) -> None:
    path = MADE[kind][0]

    def fault(asked: Asked, reply: Reply) -> Reply:
        spoilt = asked.path == path and asked.page == page and "type" not in asked.query
        return spoil(reply) if spoilt else reply

    with client_of(Account.of(kind, 401, fault)) as (client, _):
        listing, seen = listed(client, kind)
    assert listing.shortfall is shortfall
    assert len(seen) == len({resource.provider_id for resource in seen}) == (page - 1) * 200
    assert listing.detail


def test_a_kind_in_two_lists_is_whole_when_both_are() -> None:
    gpu = {"id": 9001, "name": "gpu-1", "gpu_info": {"count": 8}}
    account = Account.of("droplet", 3)
    account.lists["/v2/droplets"][1].append(gpu)
    with client_of(account) as (client, _):
        listing, seen = listed(client, "droplet")
    assert (listing.complete, listing.seen, listing.total) == (True, 4, 4)
    assert [droplet.name for droplet in seen] == ["web-1", "web-2", "web-3", "gpu-1"]

    account.fault = lambda asked, reply: refused(500) if "type" in asked.query else reply
    with client_of(account) as (client, _):
        listing, seen = listed(client, "droplet")
    assert (listing.shortfall, len(seen)) == (Shortfall.FAILED, 3)


def test_a_provider_that_serves_the_same_droplets_for_both_lists_doubles_nothing() -> None:
    def both(asked: Asked) -> Reply:
        return said({"droplets": [{"id": 1, "name": "web-1"}], "meta": {"total": 1}})

    with client_of(both) as (client, _):
        listing, seen = listed(client, "droplet")
    assert (listing.shortfall, len(seen)) == (Shortfall.REPEATED, 1)


@pytest.mark.parametrize("links", [{}, {"pages": {}}, None, [], {"pages": None}, {"pages": {"pages": {}}}])
def test_links_of_any_form_are_taken(links: object) -> None:
    reply = said({"volumes": [{"id": "v1", "name": "disk"}], "links": links, "meta": {"total": 1}})
    with client_of(lambda _: reply) as (client, _):
        listing, _seen = listed(client, "volume")
    assert listing.complete


def test_no_request_goes_where_a_link_points() -> None:
    with client_of(Account.of("volume", 401)) as (client, provider):
        listing, _ = listed(client, "volume")
        assert [asked.query["page"] for asked in provider.asked] == ["1", "2", "3"]
    assert listing.complete


@pytest.mark.parametrize("total", [None, -1, "2", 2.0, True])
def test_a_total_that_is_no_number_is_none(total: object) -> None:
    reply = said({"volumes": [{"id": "v1", "name": "disk"}], "meta": {"total": total}})
    with client_of(lambda _: reply) as (client, _):
        listing, seen = listed(client, "volume")
    assert (listing.shortfall, len(seen)) == (Shortfall.NO_TOTAL, 1)


@pytest.mark.parametrize(
    "reply",
    [
        said({"volumes": None, "meta": {"total": 0}}),
        said({"links": {}, "meta": {"total": 0}}),
        said({"volumes": [], "meta": {"total": 0}}),
    ],
)
def test_an_empty_list_may_be_written_in_three_ways(reply: Reply) -> None:
    with client_of(lambda _: reply) as (client, _):
        listing, seen = listed(client, "volume")
    assert (listing.complete, seen) == (True, [])


def test_one_object_that_cannot_be_read_hides_no_other_and_is_not_called_missing() -> None:
    objects = [{"id": "v1", "name": "disk-1"}, {"id": 5, "name": "disk-2"}, {"id": "v3", "name": "disk-3"}]
    reply = said({"volumes": objects, "meta": {"total": 3}})
    with client_of(lambda _: reply) as (client, _):
        listing, seen = listed(client, "volume")
    assert listing.shortfall is Shortfall.UNREADABLE
    assert [volume.name for volume in seen] == ["disk-1", "disk-3"]
    assert listing.detail is not None
    assert "`$.id`" in listing.detail


def test_a_token_that_is_not_accepted_ends_it_all() -> None:
    with client_of(lambda _: refused(401, "unauthorized")) as (client, provider):
        with pytest.raises(ProviderUnauthorized):
            listed(client, "droplet")
        assert len(provider.asked) == 1


@pytest.mark.parametrize("act", ["list_resources", "look_up"])
def test_a_kind_that_the_inventory_does_not_know_is_refused(act: str) -> None:
    with client_of(lambda _: refused(404)) as (client, _), pytest.raises(UnknownInventoryKind):
        getattr(client, act)("teapot", "1")


def test_a_droplet_is_told_in_our_words() -> None:
    told = {
        "id": 3164444,
        "name": "web-1",
        "memory": 1024,
        "locked": False,
        "status": "active",
        "kernel": None,
        "created_at": "2026-04-01T10:00:00.123456789Z",
        "features": ["ipv6"],
        "image": {"id": 5, "slug": "debian-13-x64", "regions": ["nyc3"] * 20, "size_gigabytes": 2.34},
        "size": {"slug": "s-1vcpu-1gb", "price_monthly": 6.0},
        "size_slug": "s-1vcpu-1gb",
        "region": REGION,
        "tags": ["a", "B"],
        "gpu_info": {"vram": {"amount": 0.1}},
        "a_field_of_tomorrow": "perhaps a secret",
    }
    with client_of(lambda _: said({"droplet": told})) as (client, _):
        seen = client.look_up("droplet", "3164444")
    assert seen == SeenResource(
        kind="droplet",
        provider_id="3164444",
        name="web-1",
        region="nyc3",
        size_slug="s-1vcpu-1gb",
        status="active",
        tags=("a", "B"),
        created_at=datetime(2026, 4, 1, 10, 0, 0, 123456, UTC),
        attrs={
            "memory": 1024,
            "locked": False,
            "features": ["ipv6"],
            "image": {"id": 5, "slug": "debian-13-x64"},
            "gpu_info": {"vram": {"amount": Decimal("0.1")}},
        },
    )


@pytest.mark.parametrize("written", ["", "0001-01-01T00:00:00Z", "yesterday", "2026-04-01T10:00:00"])
def test_an_instant_that_is_none_is_not_guessed(written: str) -> None:
    reply = said({"volume": {"id": "v1", "name": "disk", "created_at": written}})
    with client_of(lambda _: reply) as (client, _):
        seen = client.look_up("volume", "v1")
    assert seen is not None
    assert seen.created_at is None


def test_what_is_listed_as_a_snapshot_is_no_image_too() -> None:
    images: list[dict[str, Any]] = [
        {"id": 1, "type": "snapshot"},
        {"id": 2, "type": "backup"},
        {"id": 3, "type": "custom"},
    ]
    with client_of(Account({"/v2/images": ("images", images)})) as (client, provider):
        listing, seen = listed(client, "image")
        assert provider.asked[0].query["private"] == "true"
    assert (listing.complete, listing.seen, listing.total) == (True, 2, None)
    assert [image.provider_id for image in seen] == ["2", "3"]


def test_node_pools_are_read_from_their_clusters() -> None:
    pools = [{"id": "p1", "name": "front", "size": "s-2vcpu-4gb", "count": 2}, {"id": "p2", "name": "back"}]
    clusters: list[dict[str, Any]] = [
        {"id": "k1", "name": "one", "region": "nyc1", "node_pools": pools},
        {"id": "k2", "name": "two"},
    ]
    account = Account({"/v2/kubernetes/clusters": ("kubernetes_clusters", clusters)})
    with client_of(account) as (client, _):
        listing, seen = listed(client, "kubernetes_node_pool")
    assert (listing.complete, listing.seen) == (True, 2)
    assert [(pool.provider_id, pool.region, pool.size_slug) for pool in seen] == [
        ("k1/p1", "nyc1", "s-2vcpu-4gb"),
        ("k1/p2", "nyc1", None),
    ]
    with client_of(lambda _: said({"kubernetes_cluster": clusters[0]})) as (client, _):
        found = client.look_up("kubernetes_node_pool", "k1/p2")
        assert found is not None
        assert found.name == "back"
        assert client.look_up("kubernetes_node_pool", "k1/p3") is None


def records(domain: str, count: int) -> tuple[str, list[dict[str, Any]]]:
    """Records of a domain; their ids are the same in every domain."""
    return "domain_records", [
        {"id": n, "type": "A", "name": f"h{n}", "data": "10.0.0.1", "ttl": 60} for n in range(count)
    ]


def test_records_are_those_of_all_domains() -> None:
    domains = [{"name": f"site-{n}.example"} for n in range(3)]
    account = Account({"/v2/domains": ("domains", domains)})
    for n, count in enumerate([0, 1, 201]):
        account.lists[f"/v2/domains/site-{n}.example/records"] = records("", count)
    with client_of(account) as (client, _):
        listing, seen = listed(client, "domain_record")
    assert (listing.complete, listing.seen, listing.total) == (True, 202, 202)
    assert len({record.provider_id for record in seen}) == 202
    assert seen[0].provider_id == "site-1.example/0"
    assert seen[0].attrs["domain"] == "site-1.example"


@pytest.mark.parametrize("path", ["/v2/domains", "/v2/domains/site-0.example/records"])
def test_records_are_whole_when_the_domains_and_each_domain_were(path: str) -> None:
    account = Account({"/v2/domains": ("domains", [{"name": "site-0.example"}, {"name": "site-1.example"}])})
    account.lists |= {f"/v2/domains/site-{n}.example/records": records("", 2) for n in range(2)}
    account.fault = lambda asked, reply: refused(403, "forbidden") if asked.path == path else reply
    with client_of(account) as (client, _):
        listing, seen = listed(client, "domain_record")
    assert listing.shortfall is Shortfall.FAILED
    assert len(seen) == (0 if path == "/v2/domains" else 2)


@pytest.mark.parametrize("reply", [HANG_UP, refused(429, "too_many_requests", retry_after="9999")])
def test_a_provider_that_is_away_is_not_asked_domain_by_domain(reply: Reply) -> None:
    domains = [{"name": f"site-{n}.example"} for n in range(50)]
    account = Account({"/v2/domains": ("domains", domains)})
    account.fault = lambda asked, good: good if asked.path == "/v2/domains" else reply
    with client_of(account) as (client, provider):
        listing, _ = listed(client, "domain_record")
        assert {asked.path for asked in provider.asked[1:]} == {"/v2/domains/site-0.example/records"}
    assert listing.shortfall is Shortfall.FAILED


@pytest.mark.parametrize("kind", sorted(set(RESOURCE_KINDS) - {"space"}))
def test_what_is_listed_is_found_by_the_id_it_was_listed_under(kind: str) -> None:
    shown = {
        "domain_record": "/v2/domains/a.example/records/7",
        "kubernetes_node_pool": "/v2/kubernetes/clusters/k1",
    }

    def answer(asked: Asked) -> Reply:
        assert asked.path == shown.get(kind, asked.path)
        if kind == "domain_record":
            return said({"domain_record": {"id": 7, "type": "A", "name": "www", "data": "10.0.0.1"}})
        path, root, make = MADE[kind]
        assert asked.path.startswith(path)
        if kind == "registry":  # shown by itself it comes without its subscription
            assert asked.path == path
            return said({root: [make(2), make(1)]})
        return said({root.removesuffix("s"): make(1)})

    if kind == "domain_record":
        provider_id = "a.example/7"
    else:
        with client_of(Account.of(kind, 1)) as (client, _):
            provider_id = listed(client, kind)[1][0].provider_id
    with client_of(answer) as (client, _):
        found = client.look_up(kind, provider_id)
    assert found is not None
    assert (found.kind, found.provider_id) == (kind, provider_id)


def test_an_address_of_version_6_is_looked_up_where_those_are() -> None:
    reply = said({"reserved_ipv6": {"ip": "fd53::1", "region_slug": "nyc3", "droplet": {"id": 7}}})
    with client_of(lambda _: reply) as (client, provider):
        found = client.look_up("reserved_ip", "fd53::1")
        assert provider.asked[0].path == "/v2/reserved_ipv6/fd53%3A%3A1"
    assert found is not None
    assert found.attrs == {"droplet_id": "7", "ip_version": 6}


def test_what_may_not_be_looked_at_is_not_said_to_be_gone() -> None:
    with client_of(lambda _: refused(403, "forbidden")) as (client, _), pytest.raises(ProviderForbidden):
        client.look_up("droplet", "7")


CANARY = "canary-secret"
SECRETS: dict[str, dict[str, Any]] = {
    "database": {
        name: {"uri": f"postgres://u:{CANARY}@h/db", "password": CANARY}
        for name in (
            "connection",
            "private_connection",
            "standby_connection",
            "standby_private_connection",
            "ui_connection",
            "schema_registry_connection",
        )
    }
    | {
        "users": [{"name": "u", "password": CANARY, "access_key": CANARY, "access_cert": CANARY}],
        "do_settings": {"deeper": {"password": CANARY}},
    },
    "app": {
        "spec": {
            "name": "app-1",
            "envs": [{"key": "K", "value": CANARY}],
            "services": [
                {
                    "name": "web",
                    "envs": [{"key": "K", "value": CANARY}],
                    "log_destinations": [{"name": "l", "papertrail": {"endpoint": CANARY}}],
                    "git": {"repo_clone_url": f"https://user:{CANARY}@git.example/repo.git"},
                    "image": {"registry": "r", "registry_credentials": CANARY},
                    "run_command": f"STRIPE_KEY={CANARY} ./run postgres://app:S3cr/t1@{CANARY}@h/db",
                    "health_check": {"http_path": f"/up?token={CANARY}"},
                }
            ],
        },
        "active_deployment": {"id": "x", "phase": "ACTIVE", "spec": {"envs": [{"value": CANARY}]}},
        "pending_deployment": {"spec": {"envs": [{"value": CANARY}]}},
        "in_progress_deployment": {"spec": {"log_destinations": [CANARY]}},
        "pinned_deployment": {"spec": {"envs": [CANARY]}},
    },
    "functions_namespace": {"key": CANARY},
    "kubernetes_cluster": {
        "credentials": CANARY,
        "kubeconfig": CANARY,
        "client_key": CANARY,
        "maintenance_policy": {"token": CANARY},
    },
    "kubernetes_node_pool": {"credentials": CANARY, "kubeconfig": CANARY},
    "registry": {"docker_credentials": {"auths": CANARY}},
    "droplet": {"user_data": CANARY, "password": CANARY},
    "load_balancer": {
        "health_check": {"protocol": "http", "path": f"/up?token={CANARY}"},
        "glb_settings": {"cdn": {"passphrase": CANARY, "authorization": CANARY}},
    },
    "volume": {"description": f"key {CANARY}"},
    "image": {"description": CANARY, "error_message": f"cannot read https://u:p@{CANARY}@h/image"},
    "vpc": {"description": CANARY},
    "project": {"description": CANARY},
    "domain": {"zone_file": CANARY},
    "firewall": {"inbound_rules": [{"protocol": "tcp", "description": CANARY}]},
    "certificate": {"private_key": CANARY, "leaf_certificate": CANARY},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_leaves_the_client(kind: str) -> None:
    path, root, make = MADE[kind]
    planted = make(1) | SECRETS[kind]
    assert CANARY in json.dumps(planted)
    with client_of(Account({path: (root, [planted])})) as (client, _):
        _listing, seen = listed(client, kind)
    assert len(seen) == 1
    assert CANARY not in repr(seen)


def test_what_is_in_a_project_is_told_by_kind_and_id() -> None:
    urns = ["do:droplet:7", "do:dbaas:d1", "do:floatingip:10.0.0.1", "do:space:media", "do:teapot:1", "odd"]
    members = [{"urn": urn, "status": "ok"} for urn in urns]
    taken: list[ProjectMember] = []
    with client_of(Account({"/v2/projects/p1/resources": ("resources", members)})) as (client, _):
        listing = client.list_members("p1", taken.extend)
    assert (listing.kind, listing.complete, listing.seen) == ("project", True, 6)
    assert [(member.kind, member.provider_id) for member in taken] == [
        ("droplet", "7"),
        ("database", "d1"),
        ("reserved_ip", "10.0.0.1"),
        ("space", "media"),
        (None, None),
        (None, None),
    ]


def test_recent_actions_are_read_back_to_an_instant_and_no_further() -> None:
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    actions = [
        {
            "id": 5000 - n,
            "status": "in-progress" if n == 210 else "completed",
            "type": "create",
            "started_at": (now - timedelta(minutes=n)).isoformat(),
            "resource_id": n,
        }
        for n in range(1000)
    ]
    with client_of(Account({"/v2/actions": ("actions", actions)})) as (client, provider):
        found = client.recent_actions(now - timedelta(minutes=205))
        assert [asked.page for asked in provider.asked] == [1, 2, 3]
    assert [int(action.resource_id or 0) for action in found] == [*range(206), 210]
    assert found[-1].status is ActionStatus.IN_PROGRESS


def test_an_action_of_a_status_that_we_do_not_know_is_no_success() -> None:
    reply = said({"action": {"id": 1, "status": "failed", "type": "resize", "region": "nyc3"}})
    with client_of(lambda _: reply) as (client, _):
        assert client.action("1").status is ActionStatus.ERRORED


def test_a_listing_within_the_budget_waits_for_nothing() -> None:
    waits = Waits()
    with client_of(Account.of("droplet", 401), waits) as (client, _):
        listed(client, "droplet")
    assert waits.waited == []
