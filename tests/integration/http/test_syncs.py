"""Syncs of the inventory over HTTP: asked for, done by a job, and what they saw is kept (SPEC 6, 18)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_app.jobs.runner import JobRunner
from tests.clouds.connected import Cloud, cloud_of
from tests.clouds.running import NOW
from tests.integration.costs.books import Connected
from tests.integration.http.conftest import Api
from tests.integration.http.test_jobs import JOBS, finished
from tests.world import NOBODYS

SYNCS = "/api/v1/inventory/syncs"


def synced(api: Api, cloud: Cloud, speed: str = "all") -> dict[str, Any]:
    """The job of a sync, at its end."""
    accepted = api.admin().post(SYNCS, json={"speed": speed})
    assert JobRunner(replace(api.app, cloud=Connected(cloud.client))).run_next()
    return finished(api.admin(), accepted)


def test_a_sync_is_asked_for_and_read_with_all_that_it_saw(api: Api) -> None:
    with cloud_of(content.sample(SandboxClock(at=NOW))) as cloud:
        job = synced(api, cloud)
    assert (job["state"], job["progress"]) == ("succeeded", {"done": 20, "total": 20})
    olga, result = api.admin(), job["result"]
    assert (result["complete"], result["actor"], result["account"]) == (True, "olga", "digitalocean")
    assert olga.get(f"{SYNCS}/{result['id']}").json() == result
    by_kind = {scope["kind"]: scope for scope in result["scopes"]}
    assert by_kind["droplet"] == {
        "kind": "droplet",
        "region": None,
        "complete": True,
        "seen": 5,
        "total": 5,
        "shortfall": None,
        "detail": None,
        "appeared": 5,
        "changed": 0,
        "returned": 0,
        "disappeared": 0,
        "unconfirmed": 0,
    }
    listed = olga.get("/api/v1/inventory", params={"kind": "droplet"}).json()["items"]
    assert len(listed) == 5


def test_syncs_are_listed_newest_first(api: Api) -> None:
    with cloud_of(content.sample(SandboxClock(at=NOW))) as cloud:
        ids = [synced(api, cloud, speed)["result"]["id"] for speed in ("fast", "slow", "full")]
    olga = api.admin()
    first = olga.get(SYNCS, params={"limit": 2}).json()
    rest = olga.get(SYNCS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None


def test_the_answer_names_the_job_that_waits_already(api: Api) -> None:
    asked = [api.admin().post(SYNCS, json={"speed": speed}) for speed in ("fast", "full", "fast")]
    assert {answer.status_code for answer in asked} == {202}
    fast, full, again = (answer.json()["job_id"] for answer in asked)
    assert fast == again != full
    assert asked[0].headers["Location"] == f"{JOBS}/{fast}"


def test_without_an_account_the_job_says_what_to_set(api: Api) -> None:
    accepted = api.admin().post(SYNCS, json={"speed": "fast"})
    assert JobRunner(api.app).run_next()
    done = finished(api.admin(), accepted)
    assert (done["state"], done["error"]["code"]) == ("failed", "cloud_not_connected")


def test_a_sync_that_is_not_there_is_not_found(api: Api) -> None:
    absent = api.admin().get(f"{SYNCS}/{NOBODYS}")
    assert (absent.status_code, absent.json()["code"]) == (404, "sync_not_found")


@pytest.mark.parametrize(("method", "path"), [("GET", SYNCS), ("GET", f"{SYNCS}/{NOBODYS}"), ("POST", SYNCS)])
def test_syncs_are_operators_business(api: Api, method: str, path: str) -> None:
    body: dict[str, Any] = {"json": {"speed": "fast"}} if method == "POST" else {}
    refused = api.client().request(method, path, **body)
    assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")


@pytest.mark.parametrize("body", [{}, {"speed": "hasty"}, {"speed": None}])
def test_a_speed_that_there_is_not_is_refused(api: Api, body: dict[str, Any]) -> None:
    refused = api.admin().post(SYNCS, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
