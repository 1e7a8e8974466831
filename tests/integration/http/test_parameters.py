"""Parameters: taken just where the document allows them, and every bad one named (issue B)."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.enums import ParamType

from arcadia_adapters.jwt import JwtVerifier
from arcadia_app.http import openapi
from arcadia_app.http.app import HttpOptions, litestar
from arcadia_app.http.parameters import Asked, asked_by
from tests.integration.http.conftest import ISSUER, SECRET, Api
from tests.integration.http.described import JsonObject


def _routes() -> Litestar:
    return litestar(None, JwtVerifier([SECRET], issuer=ISSUER, audience=ISSUER), HttpOptions())  # type: ignore[arg-type]


ROUTES = _routes()
DOCUMENT = openapi.document(ROUTES)
"""Made of the routes alone: nothing is behind them."""


def _asked() -> dict[tuple[str, str], tuple[Asked, JsonObject]]:
    """Each parameter of each operation, as it is checked and as it is documented."""
    checked = {
        (handler.operation_id, one.name): one
        for route in ROUTES.routes
        for handler in getattr(route, "route_handlers", ())
        if getattr(handler, "operation_id", None)
        for one in asked_by(handler)
    }
    return {
        (told["operationId"], parameter["name"]): (
            checked[told["operationId"], parameter["name"]],
            parameter["schema"],
        )
        for methods in DOCUMENT["paths"].values()
        for told in methods.values()
        for parameter in told["parameters"]
    }


ASKED = _asked()

_ODD = (
    *("", " ", "0", "1", "00", "-1", "+5", " 5", "5.0", "1e1", "0x5", "1_0", "٣", "200", "201", "null"),
    *("true", "True", "1", "on", "active", "ACTIVE", "2026-05-01", "2026-5-1", "20260501", "2026-02-30"),
    *("2026-05-01T00:00:00Z", "1777593600", "2026-04", "2026-13", "studio", "studio\n", "_studio", "\x00"),
    *("\x1c", "\x85", "\ufeff", "\u2003", "acme\x00", "é", "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b"),
    *("0199c1a26f3e7c41b0a51c2d3e4f5a6b", "{0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b}", "a" * 201, "a" * 1001),
)


def documented(schema: JsonObject, text: str) -> bool:
    """Whether the document allows a value written so: JSON's own words for what is not text."""
    value: Any = text
    if schema.get("type") in ("integer", "boolean"):
        if not re.fullmatch(r"-?[0-9]{1,18}|true|false", text, re.ASCII):
            return False
        value = {"true": True, "false": False}.get(text) if text in ("true", "false") else int(text)
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


@given(st.data())
def test_a_parameter_is_taken_just_where_the_document_allows_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ASKED)))
    asked, schema = ASKED[name]
    written = st.sampled_from(_ODD) | st.text(max_size=20) | st.text("0123456789-:.TZaz_", max_size=12)
    if "pattern" in schema:
        written |= st.from_regex(str(schema["pattern"]))
    text = data.draw(written)
    assert (list(asked.faults([text])) == []) == documented(schema, text), (name, text)


def test_every_odd_way_to_write_a_value_is_taken_just_where_the_document_allows_it() -> None:
    for name, (asked, schema) in ASKED.items():
        for text in _ODD:
            assert (list(asked.faults([text])) == []) == documented(schema, text), (name, text)


def test_a_parameter_is_given_once_and_a_missing_one_is_named() -> None:
    for asked, _ in ASKED.values():
        twice = [fault.message for fault in asked.faults(["studio", "studio"])]
        assert twice == ["is given more than once"], asked
        missing = [fault.message for fault in asked.faults([])]
        assert missing == (["is missing"] if asked.required else []), asked
    assert {asked.place for asked, _ in ASKED.values()} == {ParamType.PATH, ParamType.QUERY, ParamType.HEADER}


def test_every_bad_parameter_is_named(api: Api) -> None:
    ann = api.client()
    refused = ann.get(
        "/api/v1/deployments",
        params=[
            ("limit", "1e1"),
            ("state", "null"),
            ("tenant_id", "_no"),
            ("cursr", ""),
            ("cursor", "a" * 2001),
        ],
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert {error["field"] for error in refused.json()["errors"]} == {
        "limit",
        "state",
        "tenant_id",
        "cursr",
        "cursor",
    }
    twice = ann.get("/api/v1/deployments?limit=1&limit=2").json()
    assert twice["errors"] == [{"field": "limit", "message": "is given more than once"}]
