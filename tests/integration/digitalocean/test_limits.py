"""Tokens and rate limits: who is let in, how often, and what the headers tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from arcadia_adapters.digitalocean.sandbox import Limits, content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.running import NOW, Cloud

HOUR_LATER = str(int((NOW + timedelta(hours=1)).timestamp()))


@pytest.fixture
def limited(serve: Callable[..., Cloud]) -> Cloud:
    """An empty account with DigitalOcean's own limits."""
    return serve(content.empty(SandboxClock(at=NOW)), Limits())


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic abc", "token"])
def test_without_a_bearer_token_nobody_is_let_in(cloud: Cloud, authorization: str) -> None:
    answer = cloud.http.get("/v2/account", headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.json()["id"] == "unauthorized"
    assert answer.json()["message"] == "Unable to authenticate you."


@pytest.mark.parametrize("token", ["dop_v1_0", "x"])
def test_any_token_will_do(cloud: Cloud, token: str) -> None:
    assert cloud.http.get("/v2/account", headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_every_answer_has_the_headers_of_the_hour_and_a_request_id(limited: Cloud) -> None:
    first, second = (limited.http.get(path) for path in ("/v2/droplets", "/v2/droplets/1"))
    for answer, remaining in ((first, "4999"), (second, "4998")):
        assert answer.headers["ratelimit-limit"] == "5000"
        assert answer.headers["ratelimit-remaining"] == remaining
        assert answer.headers["ratelimit-reset"] == HOUR_LATER
    assert second.status_code == 404
    assert second.json()["request_id"] == second.headers["x-request-id"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["date"] == "Sun, 03 May 2026 12:00:00 GMT"


def test_the_251st_request_of_a_minute_is_told_how_long_to_wait(limited: Cloud) -> None:
    for _ in range(250):
        assert limited.http.get("/v2/account").status_code == 200
    limited.pass_by(20)
    refused = limited.http.get("/v2/account")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    assert refused.json()["message"] == "API rate limit exceeded."
    limited.pass_by(40)
    assert limited.http.get("/v2/account").status_code == 200


def test_the_hours_last_request_is_not_told_but_the_reset_says_it(limited: Cloud) -> None:
    limited.ask("PUT", "/sandbox/limits", {"per_minute": None, "per_hour": 3})
    for _ in range(3):
        limited.get("/v2/account")
        limited.pass_by(60)
    refused = limited.http.get("/v2/account")
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["ratelimit-reset"] == HOUR_LATER
    limited.pass_by(3600 - 180)
    assert limited.http.get("/v2/account").status_code == 200
    assert limited.http.get("/v2/account").status_code == 429  # the window slides: one went, one came


def test_cdn_endpoints_have_a_limit_of_their_own(limited: Cloud) -> None:
    for _ in range(5):
        assert limited.http.get("/v2/cdn/endpoints").status_code == 200
    refused = limited.http.get("/v2/cdn/endpoints")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert limited.http.get("/v2/account").status_code == 200


def test_each_token_has_its_own_count(limited: Cloud) -> None:
    limited.ask("PUT", "/sandbox/limits", {"per_minute": 1})
    for token in ("one", "two"):
        headers = {"authorization": f"Bearer {token}"}
        assert limited.http.get("/v2/account", headers=headers).status_code == 200
        assert limited.http.get("/v2/account", headers=headers).status_code == 429


def test_the_limits_are_seen_and_can_be_taken_away(limited: Cloud) -> None:
    assert limited.get("/sandbox/limits") == {
        "per_minute": 250,
        "per_hour": 5000,
        "paths": {"/v2/cdn/endpoints": [5, 10]},
    }
    limited.ask("PUT", "/sandbox/limits", {"per_minute": None, "per_hour": None, "paths": {}})
    for _ in range(7):
        assert limited.http.get("/v2/cdn/endpoints").status_code == 200
