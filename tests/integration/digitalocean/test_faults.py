"""Faults: each does to an answer what it says, on the requests it is meant for; the account stays true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.running import NOW, Cloud

BODY = {"name": "web-1", "region": "syd1", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"}
IMPATIENT = httpx.Timeout(5, read=0.2)


@pytest.fixture
def fifty(serve: Callable[..., Cloud]) -> Cloud:
    """An account with fifty volumes."""
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, "volume", 50)
    return serve(account)


def ids(body: Any) -> list[str]:
    return [volume["id"] for volume in body["volumes"]]


def test_a_status_comes_instead_of_the_answer_and_the_next_answer_is_whole(cloud: Cloud) -> None:
    cloud.fault("status", status=503, id="service_unavailable", message="down")
    refused = cloud.ask("GET", "/v2/droplets", expect=503)
    assert (refused["id"], refused["message"]) == ("service_unavailable", "down")
    assert len(cloud.get("/v2/droplets")["droplets"]) == 5


def test_a_status_can_have_a_body_that_is_no_json(cloud: Cloud) -> None:
    cloud.fault("status", status=502, body="<html>Bad Gateway</html>")
    answer = cloud.http.get("/v2/droplets")
    assert (answer.status_code, answer.text) == (502, "<html>Bad Gateway</html>")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("retry_after", "header"), [(None, None), (7, "7")])
def test_a_429_comes_with_or_without_retry_after(
    cloud: Cloud, retry_after: int | None, header: str | None
) -> None:
    cloud.fault("rate_limited", retry_after=retry_after)
    answer = cloud.http.get("/v2/droplets")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, header)
    assert answer.json()["id"] == "too_many_requests"
    assert int(answer.headers["ratelimit-reset"]) > 0


@pytest.mark.parametrize("fault", ["status", "rate_limited", "close", "silence"])
@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_fault_before_or_after_the_effect_leaves_none_or_one(
    empty_cloud: Cloud, fault: str, when: str, made: int
) -> None:
    empty_cloud.fault(fault, method="POST", path="/v2/droplets", when=when)
    if fault in {"status", "rate_limited"}:
        assert empty_cloud.http.post("/v2/droplets", json=BODY).status_code >= 429
    else:
        expected = httpx.RemoteProtocolError if fault == "close" else httpx.ReadTimeout
        with pytest.raises(expected):
            empty_cloud.http.post("/v2/droplets", json=BODY, timeout=IMPATIENT)
    assert empty_cloud.counts()["droplet"] == made
    assert empty_cloud.get("/v2/droplets")["meta"]["total"] == made


def test_a_body_is_cut_in_the_middle(cloud: Cloud) -> None:
    cloud.fault("truncate", path="/v2/droplets")
    whole = len(cloud.http.get("/v2/account").content)
    assert whole > 100
    parts: list[bytes] = []
    with cloud.http.stream("GET", "/v2/droplets") as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            parts.extend(answer.iter_raw())
        assert answer.status_code == 200
    length = int(answer.headers["content-length"])
    assert sum(map(len, parts)) == length // 2 > 1000
    assert len(cloud.http.get("/v2/droplets").content) == length


def test_a_page_is_repeated(fifty: Cloud) -> None:
    first = fifty.get("/v2/volumes", page=1)
    fifty.fault("repeat_page", path="/v2/volumes", page=2)
    second = fifty.get("/v2/volumes", page=2)
    assert ids(second) == ids(first)
    assert second["meta"] == {"total": 50}
    assert second["links"]["pages"]["next"].endswith("page=3&per_page=20")
    assert ids(fifty.get("/v2/volumes", page=2)) != ids(first)


def test_a_list_shrinks_and_some_slip_by(fifty: Cloud) -> None:
    whole = [id for page in (1, 2, 3) for id in ids(fifty.get("/v2/volumes", page=page))]
    fifty.fault("shrink", path="/v2/volumes", page=2, by=3)
    second = fifty.get("/v2/volumes", page=2)
    assert ids(second) == whole[23:43]
    assert second["meta"] == {"total": 47}


def test_a_total_is_less_than_there_is(fifty: Cloud) -> None:
    fifty.fault("total", path="/v2/volumes", by=30)
    body = fifty.get("/v2/volumes", per_page=50)
    assert (len(body["volumes"]), body["meta"]["total"]) == (50, 20)


@pytest.mark.parametrize(
    ("links", "next_page"),
    [
        ("absent", None),
        ("empty", None),
        ("foreign", "https://elsewhere.example.com/v2/volumes?page=2&per_page=20"),
    ],
)
def test_links_are_lost_or_lead_away(fifty: Cloud, links: str, next_page: str | None) -> None:
    fifty.fault("links", path="/v2/volumes", links=links)
    body = fifty.get("/v2/volumes")
    assert body.get("links", {}).get("pages", {}).get("next") == next_page
    assert ("links" in body) == (links != "absent")
    assert len(body["volumes"]) == 20


def test_links_can_lead_back_to_the_same_page(fifty: Cloud) -> None:
    fifty.fault("links", path="/v2/volumes", links="loop", times=None)
    for page in (1, 2):
        told = fifty.get("/v2/volumes", page=page)["links"]["pages"]["next"]
        assert httpx.URL(told).params["page"] == str(page)


def test_a_list_fails_at_one_page_only(fifty: Cloud) -> None:
    fifty.fault("status", path="/v2/volumes", page=3, status=500, times=None)
    for page, status in ((1, 200), (2, 200), (3, 500), (3, 500)):
        assert fifty.http.get("/v2/volumes", params={"page": page}).status_code == status


def test_a_fault_waits_for_its_turn_and_counts(cloud: Cloud) -> None:
    cloud.fault("status", path="/v2/droplets*", after=2, times=2)
    statuses = [cloud.http.get("/v2/droplets").status_code for _ in range(6)]
    assert statuses == [200, 200, 500, 500, 200, 200]
    assert cloud.http.get("/v2/volumes").status_code == 200
    [fault] = cloud.get("/sandbox/faults")["faults"]
    assert (fault["met"], fault["fired"]) == (6, 2)
    cloud.ask("DELETE", "/sandbox/faults", expect=204)
    assert cloud.get("/sandbox/faults")["faults"] == []


def test_only_the_method_that_was_named_fails(cloud: Cloud) -> None:
    cloud.fault("status", method="DELETE", times=None)
    assert cloud.http.get("/v2/droplets/412873001").status_code == 200
    assert cloud.http.delete("/v2/droplets/412873001").status_code == 500
    assert cloud.http.get("/v2/droplets/412873001").status_code == 200


def test_several_faults_are_armed_at_once(cloud: Cloud) -> None:
    armed = {"faults": [{"fault": "status", "status": 500}, {"fault": "status", "status": 504}]}
    cloud.ask("POST", "/sandbox/faults", armed)
    assert [cloud.http.get("/v2/account").status_code for _ in range(3)] == [500, 504, 200]


@pytest.mark.parametrize(
    "body",
    [{"fault": "earthquake"}, {"fault": "status", "pages": 3}, {}, {"fault": "status", "when": "never"}],
)
def test_what_is_no_fault_is_refused(cloud: Cloud, body: dict[str, object]) -> None:
    cloud.ask("POST", "/sandbox/faults", body, expect=422)
    assert cloud.get("/sandbox/faults")["faults"] == []


def test_the_callers_answer_does_not_tell_that_a_fault_was_armed(cloud: Cloud) -> None:
    usual = cloud.http.get("/v2/droplets")
    cloud.fault("total", path="/v2/droplets")
    faulty = cloud.http.get("/v2/droplets")
    assert usual.headers.keys() == faulty.headers.keys()
    [noted] = [one for one in cloud.get("/sandbox/requests")["requests"] if one["fault"]]
    assert (noted["path"], noted["status"], noted["fault"]) == ("/v2/droplets", 200, "total")
