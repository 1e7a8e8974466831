"""The planted secrets: they are where DigitalOcean has real ones, and all can be recognised."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.secrets import MARKS, planted, planted_base64
from tests.clouds.running import NOW, Cloud


@pytest.mark.parametrize(
    ("path", "places"),
    [
        (
            "/v2/databases",
            ("connection", "private-connection", "standby", "standby-private", "ui", "user-password"),
        ),
        (
            "/v2/apps",
            (
                "app-env",
                "app-log-key",
                "app-run-url",
                "app-run-key",
                "app-build-token",
                "app-registry",
                "app-page",
            ),
        ),
        ("/v2/functions/namespaces", ("functions-key",)),
        ("/v2/load_balancers", ("lb-health",)),
        ("/v2/vpcs", ("vpc-description",)),
    ],
)
def test_lists_hold_secrets(serve: Callable[..., Cloud], path: str, places: tuple[str, ...]) -> None:
    text = serve(content.filled(2, SandboxClock(at=NOW))).http.get(path).text
    for place in places:
        assert f"{MARKS[0]}-" in text
        assert place in text, place


def test_a_spaces_keys_secret_is_told_once(empty_cloud: Cloud) -> None:
    body = {"name": "own", "grants": []}
    key = empty_cloud.ask("POST", "/v2/spaces/keys", body, expect=201)["key"]
    assert key["secret_key"].startswith(MARKS[0])
    for path in ("/v2/spaces/keys", f"/v2/spaces/keys/{key['access_key']}"):
        assert MARKS[0] not in empty_cloud.http.get(path).text


def test_a_clusters_credentials_are_secrets(serve: Callable[..., Cloud]) -> None:
    account = content.empty(SandboxClock(at=NOW))
    [id] = content.fill(account, "kubernetes_cluster", 1)
    cloud = serve(account)
    credentials = cloud.get(f"/v2/kubernetes/clusters/{id}/credentials")
    assert credentials["token"].startswith(MARKS[0])
    for name in ("certificate_authority_data", "client_certificate_data", "client_key_data"):
        assert credentials[name].startswith(MARKS[1])
    kubeconfig = cloud.http.get(
        f"/v2/kubernetes/clusters/{id}/kubeconfig", headers={"accept": "application/yaml"}
    )
    assert MARKS[0] in kubeconfig.text


def test_every_secret_begins_with_a_mark() -> None:
    assert planted("here", "there").startswith(MARKS[0])
    for id in ("", "a", "ab", "abc"):
        assert planted_base64("here", id).startswith(MARKS[1])
    assert len(MARKS[1]) > 12


def test_the_sample_account_holds_none(cloud: Cloud) -> None:
    for path in ("/v2/droplets", "/v2/databases", "/v2/apps", "/v2/projects", "/v2/vpcs"):
        assert not any(mark in cloud.http.get(path).text for mark in MARKS)
