"""The judge itself: it must find what is wrong, and every deviation must be one that really happens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content, sandbox
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.router import Router
from tests.clouds import judge as judging
from tests.clouds.judge import Document, Exchange
from tests.clouds.running import HEADERS, NOW, Cloud

LIMITS = {"ratelimit-limit": "5000", "ratelimit-remaining": "4999", "ratelimit-reset": "1777809600"}


def exchange(method: str, path: str, status: int, answer: Any, body: Any = None) -> Exchange:
    return Exchange(
        method=method,
        path=path,
        query={},
        headers={**HEADERS, "content-type": "application/json"},
        body=b"" if body is None else json.dumps(body).encode(),
        status=status,
        answer_headers={**LIMITS, "content-type": "application/json; charset=utf-8"},
        answer=b"" if answer is None else json.dumps(answer).encode(),
    )


def volume() -> Any:
    account = content.empty(SandboxClock(at=NOW))
    [id] = content.fill(account, "volume", 1)
    return account.all("volume")[id]


def listed(*volumes: Any) -> Any:
    return {"volumes": list(volumes), "links": {}, "meta": {"total": len(volumes)}}


def test_a_good_exchange_is_good(document: Document) -> None:
    assert list(document.violations(exchange("GET", "/v2/volumes", 200, listed(volume())))) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"size_gigabytes": "10"}, "size_gigabytes"),
        ({"colour": "red"}, "unknown volumes.0.colour"),
        ({"region": None}, "region"),
        ({"region": {"slug": "syd1"}}, "'name' is a required property"),
        ({"tags": "made"}, "tags"),
    ],
)
def test_a_wrong_answer_is_found(document: Document, wrong: dict[str, Any], found: str) -> None:
    violations = list(document.violations(exchange("GET", "/v2/volumes", 200, listed(volume() | wrong))))
    assert violations
    assert any(found in violation for violation in violations)


def test_a_wrong_object_is_found_beside_one_that_was_good_before(document: Document) -> None:
    good = volume() | {"name": "once-good"}
    assert list(document.violations(exchange("GET", "/v2/volumes", 200, listed(good)))) == []
    both = listed(good, volume() | {"size_gigabytes": None})
    assert any(
        "size_gigabytes" in found for found in document.violations(exchange("GET", "/v2/volumes", 200, both))
    )
    without_meta = {"volumes": [good], "links": {}}
    assert any(
        "meta" in found for found in document.violations(exchange("GET", "/v2/volumes", 200, without_meta))
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        ("GET", "/v2/voluminous", 200, {}),
        ("PATCH", "/v2/volumes", 200, {}),
        ("GET", "/v2/volumes", 200, {"volumes": []}),
        ("GET", "/v2/volumes", 404, {"message": "no id"}),
        ("GET", "/v2/volumes", 503, {"id": "x"}),
        ("GET", "/v2/volumes", 200, None),
    ],
)
def test_what_the_document_does_not_have_is_found(
    document: Document, method: str, path: str, status: int, answer: Any
) -> None:
    assert list(document.violations(exchange(method, path, status, answer)))


@pytest.mark.parametrize(
    ("body", "status", "bad"),
    [
        ({"name": "v", "size_gigabytes": 10, "region": "syd1"}, 201, False),
        ({"name": "v", "size_gigabytes": 10, "region": "mars1"}, 201, True),
        ({"name": "v", "size_gigabytes": 10, "region": "syd1", "size": 3}, 201, True),
        ({"name": "v", "size_gigabytes": "10", "region": "syd1"}, 422, False),
    ],
)
def test_a_wrong_request_is_found_unless_it_was_refused(
    document: Document, body: Any, status: int, bad: bool
) -> None:
    answer = {"volume": volume()} if status == 201 else {"id": "unprocessable_entity", "message": "no"}
    assert bool(list(document.violations(exchange("POST", "/v2/volumes", status, answer, body)))) is bad


def test_a_header_of_the_wrong_type_is_found(document: Document) -> None:
    made = exchange("GET", "/v2/volumes", 200, listed())
    wrong = replace(made, answer_headers={**made.answer_headers, "ratelimit-reset": "soon"})
    assert any("ratelimit-reset" in violation for violation in document.violations(wrong))


def test_every_deviation_happens(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, document: Document) -> None:
    [april] = cloud.get("/v2/customers/my/invoices", per_page=1)["invoices"]
    key = cloud.ask("POST", "/v2/spaces/keys", {"name": "k", "grants": []}, expect=201)["key"]["access_key"]
    met = []
    for path in (f"/v2/customers/my/invoices/{april['invoice_uuid']}", "/v2/tags", f"/v2/spaces/keys/{key}"):
        answer = cloud.http.get(path)
        made = exchange("GET", path, 200, answer.json())
        assert list(document.violations(made)) == []
        with monkeypatch.context() as without:
            without.setattr(judging, "DEVIATIONS", ())
            met += list(Document().violations(made))
    for deviation in judging.DEVIATIONS:
        assert any(re.fullmatch(deviation.violation, violation) for violation in met), deviation.reason


def test_every_route_of_the_sandbox_is_in_the_document(document: Document) -> None:
    router: Router = sandbox(content.empty(SandboxClock(at=NOW)))._router
    for patterns in router._by_length.values():
        for segments, methods in patterns:
            if segments[0] != "v2":
                continue
            path, _ = document._template("/" + "/".join("1" if s[0] == "{" else s for s in segments))
            known = set(document._parsed["paths"].get(path, {}))
            assert {method.lower() for method in methods} <= known, segments


def test_what_a_fault_broke_is_let_pass_and_nothing_else(cloud: Cloud, serve: Callable[..., Cloud]) -> None:
    cloud.fault("status", status=200, body="garbage", path="/v2/droplets")
    assert cloud.http.get("/v2/droplets").text == "garbage"
    cloud.fault("status", status=500, path="/v2/droplets")  # whole, so it is judged: and it is good
    assert cloud.http.get("/v2/droplets").status_code == 500
