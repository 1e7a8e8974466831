"""The reference page: the OpenAPI document as one page of HTML that asks nobody for anything.

Owns the page and its policy: no script, no address of others, the one style sheet allowed by its hash. What
it says is the document's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from typing import Any, Final

from litestar import MediaType, Request, Response, get

from arcadia_app.http import openapi

PATH: Final = "/api/docs"

JsonObject = dict[str, Any]

_STYLE: Final = resources.files("arcadia_app.http").joinpath("reference.css").read_text("utf-8")
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_CODE: Final = re.compile(r"`([^`]+)`")


@get(PATH, include_in_schema=False, sync_to_thread=False)
def read_reference(request: Request[Any, Any, Any]) -> Response[str]:
    """The page that people read."""
    return Response(
        page(openapi.made(request.app)),
        media_type=MediaType.HTML,
        headers={"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY},
    )


def page(document: JsonObject) -> str:
    """The document as HTML."""
    info = document["info"]
    title = f"{escape(info['title'])} API"
    groups = [
        (tag, [one for one in _operations(document) if tag["name"] in one[2]["tags"]])
        for tag in document["tags"]
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            *_contents(groups),
            f"<main><h1>{title} {escape(info['version'])}</h1>{_prose(info['description'])}",
            f'<p>For programs: <a href="{openapi.PATH}">{openapi.PATH}</a> (OpenAPI).</p>',
            _prose(document["components"]["securitySchemes"]["bearer"]["description"]),
            *(part for group in groups for part in _group(*group)),
            *_shapes(document["components"]["schemas"]),
            "</main></body></html>",
        ]
    )


def _operations(document: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _contents(groups: Iterable[tuple[JsonObject, list[tuple[str, str, JsonObject]]]]) -> Iterator[str]:
    yield "<nav><ol>"
    for tag, operations in groups:
        yield f"<li><strong>{escape(tag['name'])}</strong></li>"
        for _, _, operation in operations:
            yield f"<li>{_to_operation(operation['operationId'], operation['summary'])}</li>"
    yield '<li><strong><a href="#shapes">Shapes</a></strong></li></ol></nav>'


def _group(tag: JsonObject, operations: list[tuple[str, str, JsonObject]]) -> Iterator[str]:
    yield f"<h2>{escape(tag['name'])}</h2>{_prose(tag['description'])}"
    for path, method, operation in operations:
        yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: JsonObject) -> Iterator[str]:
    name = operation["operationId"]
    yield f'<section id="{escape(name)}"><h3>{escape(operation["summary"])}</h3>'
    yield f'<p><span class="method">{method}</span> <code>{escape(path)}</code></p>'
    yield _prose(operation["description"])
    if operation.get("security") == []:
        yield '<p class="note">Answered without a token.</p>'
    if operation.get("parameters"):
        yield "<h4>Parameters</h4><table>"
        for one in operation["parameters"]:
            yield _row(one["name"], one["schema"], one["required"], one.get("description"), one["in"])
        yield "</table>"
    for media_type, told in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h4>Body, <code>{escape(media_type)}</code></h4><p>{_kind(told['schema'])}</p>"
    yield f"<h4>With curl</h4><pre>{escape(_curl(path, method, operation))}</pre>"
    yield "<h4>Answers</h4><table>"
    for status, answer in operation["responses"].items():
        yield _answer(status, answer)
    yield "</table>"
    for told in _done(operation).get("content", {}).values():
        if "example" in told:
            yield f"<pre>{escape(_written(told['example']))}</pre>"
    if links := _done(operation).get("links"):
        followed = ", ".join(_to_operation(link, link) for link in links)
        yield f'<p class="note">What it names is asked for by {followed}.</p>'
    yield "</section>"


def _done(operation: JsonObject) -> JsonObject:
    """The answer when all is well."""
    return next(answer for status, answer in operation["responses"].items() if status.startswith("2"))


def _answer(status: str, answer: JsonObject) -> str:
    shapes = ", ".join(_kind(told["schema"]) for told in answer.get("content", {}).values())
    headers = ", ".join(f"<code>{escape(name)}</code>" for name in answer["headers"])
    return (
        f"<tr><td><code>{status}</code></td><td>{_prose(answer['description'])}</td>"
        f'<td>{shapes}<br><span class="note">{headers}</span></td></tr>'
    )


def _curl(path: str, method: str, operation: JsonObject) -> str:
    asked = operation.get("parameters", ())
    for one in asked:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["example"]))
    query = "&".join(
        f"{one['name']}={one['example']}" for one in asked if one["in"] == "query" and one["required"]
    )
    lines = [f'curl -X {method} "$ARCADIA{path}{"?" * bool(query)}{query}"']
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if any(one["name"] == "Idempotency-Key" for one in asked):
        lines.append('-H "Idempotency-Key: a-key-of-yours"')
    for media_type, told in operation.get("requestBody", {}).get("content", {}).items():
        data = told["example"] if isinstance(told["example"], str) else json.dumps(told["example"])
        lines += [f'-H "Content-Type: {media_type}"', f"--data-binary '{data}'"]
    return " \\\n  ".join(lines)


def _shapes(schemas: JsonObject) -> Iterator[str]:
    yield '<h2 id="shapes">Shapes</h2>'
    for name, schema in sorted(schemas.items()):
        yield f'<section id="shape-{escape(name)}"><h3>{escape(name)}</h3>'
        yield _prose(schema.get("description", ""))
        if "enum" in schema:
            yield f"<p>{_kind({k: v for k, v in schema.items() if k != 'description'})}</p>"
        required = schema.get("required", ())
        yield "<table>"
        for field, told in schema.get("properties", {}).items():
            yield _row(field, told, field in required, told.get("description"))
        yield "</table></section>"


def _row(name: str, schema: JsonObject, required: bool, description: str | None, place: str = "") -> str:
    notes = [place] if place else []
    notes += (
        []
        if required
        else [f"default {json.dumps(schema['default'])}" if "default" in schema else "optional"]
    )
    return (
        f'<tr><td><code>{escape(name)}</code><br><span class="note">{escape(", ".join(notes))}</span></td>'
        f"<td>{_kind(schema)}</td><td>{_prose(description or '')}</td></tr>"
    )


_TOLD: Final = {
    "format": "{}",
    "pattern": "like <code>{}</code>",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "maxItems": "at most {} items",
}


def _kind(schema: JsonObject) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    bounds = [text.format(escape(str(schema[word]))) for word, text in _TOLD.items() if word in schema]
    return ", ".join([escape(str(schema.get("type", ""))), *bounds])


def _to_operation(name: str, text: str) -> str:
    return f'<a href="#{escape(name)}">{escape(text)}</a>'


def _prose(text: str) -> str:
    """Paragraphs, lists and code: what docstrings use of Markdown."""
    return "".join(_block(block) for block in text.split("\n\n") if block.strip())


def _block(block: str) -> str:
    lines = block.strip().splitlines()
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2)
