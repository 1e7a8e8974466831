"""The reference page: everything is on it, and it asks nobody for anything (SPEC 15)."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from arcadia_app.http import openapi, reference
from tests.integration.http.conftest import Api

_VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a browser makes of a page: its addresses, its anchors, whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.tags: set[str] = set()
        self.style = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        told = dict(attrs)
        self.addresses += [str(told[name]) for name in ("href", "src", "action", "data") if name in told]
        assert not any(name.startswith("on") or name == "style" for name in told)
        if told.get("id"):
            assert told["id"] not in self.anchors
            self.anchors.add(str(told["id"]))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data


@pytest.fixture
def served(api: Api) -> tuple[dict[str, str], str, dict[str, Any]]:
    """The headers and the text of the page, and the document that it is made of."""
    anybody = api.bare()
    answer = anybody.get(reference.PATH)
    assert answer.status_code == 200
    return dict(answer.headers), answer.text, anybody.get(openapi.PATH).json()


def test_the_page_names_no_address_but_its_own_and_runs_nothing(
    served: tuple[dict[str, str], str, dict[str, Any]],
) -> None:
    headers, text, _ = served
    page = Page(text)
    assert {address for address in page.addresses if not address.startswith("#")} == {openapi.PATH}
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert "://" not in text
    assert "url(" not in page.style
    assert "@import" not in page.style
    assert headers["content-type"].startswith("text/html")


def test_the_policy_allows_the_style_of_the_page_and_nothing_else(
    served: tuple[dict[str, str], str, dict[str, Any]],
) -> None:
    headers, text, _ = served
    digest = base64.b64encode(hashlib.sha256(Page(text).style.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_every_operation_is_on_the_page_with_its_parameters_its_codes_and_how_to_call_it(
    served: tuple[dict[str, str], str, dict[str, Any]],
) -> None:
    _, text, document = served
    page = Page(text)
    assert all(address[1:] in page.anchors for address in page.addresses if address.startswith("#"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            found = re.search(rf'<section id="{name}">.*?</section>', text, re.DOTALL)
            assert found is not None, name
            told = unescape(found[0])
            assert f"curl -X {method.upper()}" in told, name
            assert path in told, name
            for parameter in operation["parameters"]:
                assert f"<code>{parameter['name']}</code>" in told, (name, parameter)
            for status, answer in operation["responses"].items():
                assert f"<code>{status}</code>" in told, (name, status)
                for media in answer.get("content", {}).values():
                    for code in media["schema"].get("properties", {}).get("code", {}).get("enum", ()):
                        assert f"<code>{code}</code>" in told, (name, code)
    for shape in document["components"]["schemas"]:
        assert f"shape-{shape}" in page.anchors


def test_what_the_document_says_cannot_become_markup() -> None:
    told = "<script>alert(1)</script> `<b>`"
    answers = {"200": {"description": told, "headers": {}}}
    document = {
        "info": {"title": told, "version": "1", "description": told},
        "tags": [{"name": told, "description": told}],
        "paths": {
            "/<i>": {
                "get": {
                    "operationId": "x",
                    "summary": told,
                    "description": told,
                    "tags": [told],
                    "responses": answers,
                    "parameters": [
                        {
                            "name": told,
                            "in": "query",
                            "required": True,
                            "schema": {"type": "string", "pattern": told, "default": told},
                            "description": told,
                            "example": told,
                        }
                    ],
                }
            }
        },
        "components": {
            "schemas": {"Shape": {"description": told, "enum": [told]}},
            "securitySchemes": {"bearer": {"description": told}},
        },
    }
    page = Page(reference.page(document))
    assert not page.tags & {"script", "b", "i"}
