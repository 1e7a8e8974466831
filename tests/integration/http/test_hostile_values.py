"""No value of a path, a query or a cursor breaks anything: it is taken, or refused by its name (issue B)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.integration.http.conftest import Api
from tests.integration.http.operations import Operation, served

NOBODYS = "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b"

HOSTILE = (
    "",
    " ",
    "\0",
    "a\0b",
    "\n",
    "\x7f\u202e",
    "null",
    "-1",
    "1e1",
    "9" * 400,
    "NaN",
    "x" * 6000,
    "..",
    "../../etc/passwd",
    "'; DROP TABLE tenants; --",
    "%25%00",
    "\U0001f600",
    "{{7*7}}",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01T00:00:00Z",
    NOBODYS.upper(),
)
BYTES = ("%00", "%ff", "%c0%ae", "%ed%a0%80")
"""What is no text in UTF-8, or none that a database holds, as it stands in an address."""

PLACES = (
    "null",
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud83d\\ude00"',
    "{}",
    "[]",
    "1e400",
    "9" * 60,
    "-" + "9" * 60,
    "[" * 300 + "]" * 300,
    f'["9999-12-31", "\\u0000", "{NOBODYS}"]',
    f'["0000-00-00", "acme", "{NOBODYS}"]',
    f'"{NOBODYS}"',
    '"9999-12-31"',
    '"_platform"',
    '["droplet_hours", "AUD", "9999-12-31T23:59:59.999999Z"]',
    '["\\u0000", "AUD", "0001-01-01T00:00:00Z"]',
    '{"code": "\\u0000", "kind": 5}',
)
NO_CURSORS = (
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "=",
    "A",
    "####",
    "A" * 1000,
)


def unbroken(answer: httpx.Response, asked: str) -> None:
    """Answered as an answer of ours."""
    assert answer.status_code < 500, f"{asked}: {answer.text}"
    if answer.is_client_error:
        assert answer.headers["Content-Type"] == "application/problem+json", asked
        assert answer.json()["code"] != "internal_error"


def everybody(api: Api) -> Iterator[httpx.Client]:
    yield api.client()
    yield api.admin()


def sent(client: httpx.Client, route: Operation, path: str, **query: str) -> httpx.Response:
    return client.request(route.method, path, params=query or None)


def test_no_value_of_a_path_breaks_anything(api: Api) -> None:
    raw = [*(quote(value, safe="") for value in HOSTILE), *BYTES]
    for client in everybody(api):
        for route in served(api):
            names = route.parameters("path")
            for name in names:
                for value in raw:
                    path = route.url({**dict.fromkeys(names, NOBODYS), name: value})
                    unbroken(sent(client, route, path), f"{route.id} {name}={value[:40]}")


def test_no_value_of_a_query_breaks_anything(api: Api) -> None:
    for client in everybody(api):
        for route in served(api):
            path = route.url(dict.fromkeys(route.parameters("path"), NOBODYS))
            for name in route.parameters("query"):
                for value in HOSTILE:
                    unbroken(sent(client, route, path, **{name: value}), f"{route.id} {name}={value[:40]!r}")
                for value in BYTES:
                    answer = client.request(route.method, f"{path}?{name}={value}")
                    unbroken(answer, f"{route.id} {name}={value}")


def test_a_cursor_that_no_list_made_is_refused_or_leads_to_nothing(api: Api) -> None:
    lists = [one for one in served(api) if "cursor" in one.parameters("query")]
    assert len(lists) > 4
    for client in everybody(api):
        for route in lists:
            path = route.url(dict.fromkeys(route.parameters("path"), NOBODYS))
            name = json.dumps(route.id.removeprefix("list_"))
            texts = [*PLACES, *(f"[{name}, {place}]" for place in PLACES)]
            made = [base64.urlsafe_b64encode(text.encode()).decode() for text in texts]
            for cursor in (*made, *NO_CURSORS):
                answer = sent(client, route, path, cursor=cursor)
                unbroken(answer, f"{route.id} {cursor}")
                if answer.status_code == 400:
                    assert answer.json()["code"] in ("invalid_cursor", "invalid_parameter")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=1&limit=2", "limit="]
)
def test_a_limit_out_of_its_bounds_is_refused_by_its_name(api: Api, query: str) -> None:
    for route in served(api):
        if "limit" in route.parameters("query") and not route.parameters("path"):
            refused = api.admin().get(f"{route.path}?{query}")
            assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter"), route.id
            assert "limit" in [one["field"] for one in refused.json()["errors"]]
