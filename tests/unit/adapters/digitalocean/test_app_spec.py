"""What is kept of the spec of an app: the named fields, whatever else people or DigitalOcean put there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client.payloads.app_spec import kept_of_spec
from arcadia_domain.cloud.meters import rates

CANARY = "canary-secret"
KEPT: dict[str, Any] = {
    "name": "shop",
    "region": "syd",
    "domains": [{"domain": "shop.example.com"}],
    "features": ["buildpack-stack=ubuntu-22"],
    "services": [
        {
            "name": "web",
            "instance_size_slug": "apps-s-1vcpu-1gb",
            "instance_count": 2,
            "http_port": 8080,
            "autoscaling": {"min_instance_count": 1, "max_instance_count": 4},
            "routes": [{"path": "/api"}],
            "image": {"registry_type": "DOCR", "registry": "ours", "repository": "shop", "tag": "1.2"},
            "source": "image",
        }
    ],
    "jobs": [{"name": "migrate", "kind": "PRE_DEPLOY", "source": "git"}],
    "static_sites": [{"name": "docs", "source": "github"}],
}
FREE: dict[str, Any] = {
    "envs": [{"key": "K", "value": CANARY}],
    "run_command": f"DB=postgres://u:p/w{CANARY}@h/db STRIPE_KEY={CANARY} ./run",
    "build_command": f"curl https://h/x?access_token={CANARY}",
    "health_check": {"http_path": f"/h?token={CANARY}"},
    "log_destinations": [{"name": "logs", "logtail": {"token": CANARY}}],
    "alerts": [{"destinations": {"slack_webhooks": [{"url": f"https://hooks.example.com/{CANARY}"}]}}],
    "tokens": [CANARY],
    "api_keys": [CANARY],
    "authorization": f"Bearer {CANARY}",
    "headers": {"x-api-key": CANARY},
    "passphrase": CANARY,
    "whatever DigitalOcean adds": CANARY,
}


def written() -> dict[str, Any]:
    """A whole spec, with something secret wherever there is room."""
    service = KEPT["services"][0]
    image = {**service["image"], "registry_credentials": CANARY}
    web = {**{name: one for name, one in service.items() if name != "source"}, "image": image}
    web["autoscaling"] = {**service["autoscaling"], "metrics": {"note": CANARY}}
    web["routes"] = [{"path": "/api", "note": CANARY}]
    clone_url = f"https://oauth2:{CANARY}@git.example.com/shop.git"
    return {
        **{name: KEPT[name] for name in ("name", "region", "features")},
        **FREE,
        "domains": [{"domain": "shop.example.com", "zone": CANARY}],
        "services": [{**web, **FREE}],
        "jobs": [{"name": "migrate", "kind": "PRE_DEPLOY", "git": {"repo_clone_url": clone_url}, **FREE}],
        "static_sites": [{"name": "docs", "github": {"repo": CANARY}, **FREE}],
        "databases": [{"name": "db", "db_user": CANARY, "connection_url": f"redis://:{CANARY}@h:6/0"}],
        "ingress": {"custom_error_page_url": f"https://h/e?signature={CANARY}"},
        "maintenance": {"offline_page_url": f"https://u:p@{CANARY}@h/"},
    }


def test_the_named_fields_are_kept_and_no_others() -> None:
    assert kept_of_spec(written()) == KEPT


def test_what_an_app_counts_for_is_the_same_of_the_whole_spec() -> None:
    told = rates("app", "basic", {"spec": written()})
    assert told == rates("app", "basic", {"spec": kept_of_spec(written())})
    assert [*told] == ["app_hours:apps-s-1vcpu-1gb"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FREE]), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, name=st.sampled_from(["domains", "services", "workers", "functions", "other"]))
def test_nothing_of_an_odd_spec_is_kept_and_none_is_too_odd(value: object, name: str) -> None:
    assert CANARY not in repr(kept_of_spec({name: value}))


@pytest.mark.parametrize("field", ["autoscaling", "image", "name", "http_port", "routes"])
def test_a_field_of_another_type_than_its_own_is_left_out(field: str) -> None:
    odd = {"deeper": {"still": CANARY}}
    assert CANARY not in repr(kept_of_spec({"services": [{field: odd}, {field: [odd]}]}))
