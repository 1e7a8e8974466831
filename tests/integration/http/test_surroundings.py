"""What surrounds every answer: the request id, security headers, the log line, limits of bodies (issue B)."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.http.app import LARGEST_BODY, HttpOptions
from arcadia_app.logs import configure_logs
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.http.conftest import Api, minted
from tests.integration.http.described import operation_of
from tests.integration.http.fuzz.world import Judge
from tests.integration.http.operations import served
from tests.integration.http.test_tokens_over_http import url_of

PATH = "/api/v1/deployments"
BODY = {"slug": "pilot", "display_name": "Pilot", "region": "syd1"}
ID = "X-Request-Id"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged meanwhile."""
    with capture_logs(processors=[merge_contextvars]) as logged:
        yield logged


class Broken(Exception):
    """Told by nobody to nobody: its text is a secret."""


@contextmanager
def broken(api: Api) -> Iterator[None]:
    """The application with a fault in it, below every handler."""

    class _Transactions:
        def begin(self, by: object) -> Any:
            token_in_a_local = "local-secret"
            raise Broken(f"exception-secret {len(token_in_a_local)}")

    steady = api.app.transactions
    object.__setattr__(api.app, "transactions", _Transactions())
    try:
        yield
    finally:
        object.__setattr__(api.app, "transactions", steady)


def answers_of_every_kind(api: Api, **headers: str) -> dict[str, httpx.Response]:
    """One answer each of what can come to a request."""
    ann = api.client("acme", **headers)
    found = {
        "200": ann.get(PATH),
        "201": ann.post(PATH, json=BODY),
        "400": ann.post(PATH, content=b"{", headers={"Content-Type": "application/json"}),
        "401": api.bare(**headers).get(PATH),
        "403": ann.patch(f"{PATH}/0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b", json={}),
        "404": ann.get("/nowhere"),
        "405": ann.delete(PATH),
        "409": ann.post(PATH, json=BODY),
        "413": ann.post(
            PATH, content=b" " * (LARGEST_BODY + 1), headers={"Content-Type": "application/json"}
        ),
        "415": ann.post(PATH, content=b"{}", headers={"Content-Type": "text/plain"}),
        "422": ann.post(PATH, json={}),
    }
    with broken(api):
        found["500"] = ann.get(PATH)
    assert {kind: str(answer.status_code) for kind, answer in found.items()} == {kind: kind for kind in found}
    return found


def test_every_answer_carries_the_callers_request_id_and_a_refusal_names_it(
    api: Api, lines: list[Any]
) -> None:
    answers = answers_of_every_kind(api, **{ID: "caller.id-1:2_3"})
    for kind, answer in answers.items():
        assert answer.headers.get_list(ID) == ["caller.id-1:2_3"], kind
        if not answer.is_success:
            assert answer.headers["Content-Type"] == "application/problem+json", kind
            assert answer.json()["instance"] == "urn:arcadia:request:caller.id-1:2_3", kind
    told = [line for line in lines if line["event"] == "request"]
    assert len(told) == len(answers)
    assert {line["request_id"] for line in lines} == {"caller.id-1:2_3"}


def test_a_request_without_an_id_gets_one_of_its_own(api: Api) -> None:
    made = [answer.headers[ID] for answer in answers_of_every_kind(api).values()]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[0-9a-f-]{36}", one) for one in made)


@pytest.mark.parametrize(
    "odd", ["", "a b", "x" * 129, "caf\xe9", "<script>", 'a"b', "a,b", "%0d%0aSet-Cookie:x"]
)
def test_an_odd_request_id_is_not_repeated(api: Api, lines: list[Any], odd: str) -> None:
    answer = api.client().get(PATH, headers={ID.encode(): odd.encode("latin-1")})
    assert answer.headers[ID] != odd
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers[ID])
    assert [line["request_id"] for line in lines] == [answer.headers[ID]]


def test_a_log_line_says_who_asked_for_what_and_how_it_ended(api: Api, lines: list[Any]) -> None:
    ann = api.client()
    made = ann.post(PATH, json=BODY).json()["id"]
    ann.get(f"{PATH}/{made}")
    ann.post(PATH, json=BODY)
    told = [{k: v for k, v in line.items() if k not in ("ms", "request_id")} for line in lines]
    common = {"event": "request", "log_level": "info", "tenant": "acme", "by": "ann"}
    route = f"{PATH}/{{deployment_id}}"
    assert told == [
        {**common, "method": "POST", "route": PATH, "status": 201},
        {**common, "method": "GET", "route": route, "status": 200},
        {**common, "method": "POST", "route": PATH, "status": 409, "problem": "slug_taken"},
    ]


def test_no_log_line_holds_a_token_a_body_a_query_or_a_header(api: Api) -> None:
    token = minted("acme")
    with logged() as stream:
        ann = api.bare(
            Authorization=f"Bearer {token}", Cookie="secret-cookie", **{"Idempotency-Key": "secret-key"}
        )
        ann.post(PATH, json={**BODY, "display_name": "secret-body"})
        ann.post(
            PATH, json={**BODY, "display_name": "secret-body"}, headers={"Idempotency-Key": "secret-other"}
        )
        ann.post(PATH, json={"secret-field": "secret-body"})
        ann.get(PATH, params={"tenant_id": "secret-query"})
        ann.get(PATH, params={"cursor": "secret-query"})
        ann.get("/nowhere/secret-path")
        api.bare(Authorization="Bearer secret-token.x.y").get(PATH)
        with broken(api):
            ann.post(PATH, json={**BODY, "display_name": "secret-body"})
    written = stream.getvalue()
    assert written.count('"event":"request"') == 8
    for secret in (
        *token.split("."),
        "secret-b",
        "secret-q",
        "secret-c",
        "secret-k",
        "secret-t",
        "secret-p",
        "secret-f",
    ):
        assert secret not in written
    assert "local-secret" not in written
    assert "Broken" in written  # the traceback is there, its locals are not


def test_a_statement_that_fails_is_logged_without_what_was_in_it(api: Api) -> None:
    steady = api.app.transactions

    class _Failing:
        @contextmanager
        def begin(self, by: Principal) -> Iterator[Work]:
            with steady.begin(by) as work:
                assert isinstance(work, PostgresWork)
                failing = sa.text("SELECT 1 / 0 WHERE CAST(:given AS text) <> ''")
                work.connection.execute(failing, {"given": "secret-parameter"})
                yield work

    object.__setattr__(api.app, "transactions", _Failing())
    with logged() as stream:
        answer = api.client().get(PATH)
    object.__setattr__(api.app, "transactions", steady)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "division by zero" in stream.getvalue()
    assert "secret-parameter" not in stream.getvalue()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What a process that stays writes to its log meanwhile."""
    before, handlers = structlog.get_config(), list(logging.getLogger().handlers)
    stream = io.StringIO()
    configure_logs(stream)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield stream
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.captureWarnings(False)
        structlog.configure(**before)


def test_a_fault_of_ours_is_told_to_us_and_not_to_the_caller(api: Api, lines: list[Any]) -> None:
    with broken(api):
        answer = api.client().get(PATH)
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    document = api.bare().get("/api/openapi.json").json()
    listing = operation_of(document, "list_deployments")
    assert Judge(document).faults(listing, 500, answer.headers, answer.text) == []
    assert "errors" not in answer.json()
    for secret in ("exception-secret", "local-secret", "Broken", "Traceback", "arcadia_app"):
        assert secret not in answer.text
    (failed,) = [line for line in lines if line["log_level"] == "error"]
    assert isinstance(failed["exc_info"], Broken)


def test_security_headers_are_on_every_answer_and_nothing_of_a_tenant_is_stored(api: Api) -> None:
    for kind, answer in answers_of_every_kind(api).items():
        sent = answer.headers
        assert sent.get_list("Cache-Control") == ["no-store"], kind
        assert sent.get_list("X-Content-Type-Options") == ["nosniff"], kind
        assert sent.get_list("X-Frame-Options") == ["DENY"], kind
        assert sent.get_list("Referrer-Policy") == ["no-referrer"], kind
        assert sent.get_list("Content-Security-Policy") == ["default-src 'none'; frame-ancestors 'none'"], (
            kind
        )


def test_every_operation_that_asks_for_a_token_is_answered_no_store(api: Api) -> None:
    for client in (api.client(), api.admin()):
        for route in served(api):
            answer = client.request(route.method, url_of(route))
            assert "no-store" in answer.headers["Cache-Control"] or route.is_public, route.id


ORIGIN = "https://console.example"


def test_no_page_of_another_origin_is_let_in_unless_it_is_named(api: Api) -> None:
    for answer in (
        api.client().get(PATH, headers={"Origin": ORIGIN}),
        api.bare().options(PATH, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
    ):
        assert [name for name in answer.headers if name.startswith("access-control-")] == []


def test_a_named_origin_is_let_in_and_no_other(door: Callable[[HttpOptions], Any]) -> None:
    with door(HttpOptions(origins=(ORIGIN,))) as api:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Idempotency-Key"}
        let = api.bare().options(PATH, headers={"Origin": ORIGIN, **asked})
        assert let.status_code == 204
        assert let.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "POST" in let.headers["Access-Control-Allow-Methods"]
        allowed = let.headers["Access-Control-Allow-Headers"].lower()
        assert {"authorization", "idempotency-key", "if-match"} <= set(re.split(r",\s*", allowed))
        read = api.client().get(PATH, headers={"Origin": ORIGIN})
        assert read.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "origin" in read.headers["Vary"].lower()
        assert "etag" in read.headers["Access-Control-Expose-Headers"].lower()
        assert "Access-Control-Allow-Credentials" not in read.headers
        for other in ("https://evil.example", f"{ORIGIN}.evil.example", "null", "http://console.example"):
            shut = api.bare().options(PATH, headers={"Origin": other, **asked})
            assert shut.headers.get("Access-Control-Allow-Origin") is None
            assert api.client().get(PATH, headers={"Origin": other}).headers.get(
                "Access-Control-Allow-Origin"
            ) in (None, ORIGIN)


def test_a_refusal_can_be_read_by_a_named_origin_too(door: Callable[[HttpOptions], Any]) -> None:
    with door(HttpOptions(origins=(ORIGIN,))) as api:
        for answer in (
            api.bare().get(PATH, headers={"Origin": ORIGIN}),
            api.client().get("/nowhere", headers={"Origin": ORIGIN}),
            api.client().post(PATH, json={}, headers={"Origin": ORIGIN}),
        ):
            assert answer.is_client_error
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes(api: Api) -> None:
    by_path: dict[str, set[str]] = {}
    for route in served(api):
        by_path.setdefault(url_of(route), set()).add(route.method)
    olga = api.admin()
    for path, methods in by_path.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = olga.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), (method, path)
            allowed = set(re.split(r",\s*", answer.headers["Allow"])) - {"OPTIONS", "HEAD"}
            assert allowed == methods, path


def test_options_is_answered_to_anybody_and_holds_nothing(api: Api) -> None:
    answer = api.bare().options(PATH)
    assert (answer.status_code, answer.content) == (204, b"")


def test_head_answers_without_a_body_and_never_breaks(api: Api) -> None:
    answer = api.client().head(PATH)
    assert answer.status_code in (200, 405)
    assert answer.content == b""


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 3 * LARGEST_BODY])
@pytest.mark.parametrize("told", [True, False])
def test_a_body_over_the_limit_is_413_whether_its_length_is_told_or_not(
    api: Api, size: int, told: bool
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(0, size, 65536):
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    answer = api.client().post(PATH, content=b" " * size if told else pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_body_at_the_limit_is_read(api: Api) -> None:
    source = json.dumps(BODY).encode()
    answer = api.client().post(
        PATH, content=source.ljust(LARGEST_BODY), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201


def test_a_length_that_lies_is_no_way_around_the_limit(api: Api) -> None:
    """A chunked body that also tells a small length."""
    where = urlsplit(api.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as wire:
        wire.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {minted()}\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n".encode()
        )
        status = wire.makefile("rb").readline()
    assert b" 400 " in status


def test_a_caller_that_goes_away_in_the_middle_of_its_body_is_no_fault_of_ours(
    api: Api, lines: list[Any]
) -> None:
    where = urlsplit(api.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as wire:
        wire.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {minted()}\r\nContent-Length: 50\r\n"
            'Content-Type: application/json\r\n\r\n{"slug":'.encode()
        )
        # answered by another connection after it, so that ours is surely being read
        assert api.client().get(PATH).status_code == 200
    until(lambda: any(line.get("method") == "POST" for line in lines))
    (line,) = [line for line in lines if line.get("method") == "POST"]
    assert (line["status"], line["problem"]) == (400, "malformed_request")
    assert not [line for line in lines if line["log_level"] == "error"]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
