"""DigitalOcean's own OpenAPI document as the judge of every exchange with the sandbox.

Owns `Documented`, an ASGI app around the sandbox that has each request and answer validated by openapi-core,
and finds names that the document does not know (openapi-core lets them pass: the document forbids none).
DEVIATIONS is all that DigitalOcean does beside its document. Reading the document is document's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from arcadia_adapters.digitalocean.sandbox.app import FAULT, ASGIApp, Message, Receive, Scope, Send
from tests.clouds.document import DOCUMENT, Schema, document, resolved

HOST = "https://api.digitalocean.com"
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that DigitalOcean does beside its document: the violations that are none, and why."""

    violation: str
    reason: str


DEVIATIONS = (
    Deviation(
        r"GET /v2/customers/my/invoices/[^/]+ 200: unknown invoice_items\.\d+\.category",
        "invoice items have had a category since 2020; the document has not heard of it",
    ),
    Deviation(
        r"\w+ /v2/tags\S* 20[01]: unknown (tags\.\d+|tag)\.resources\.images",
        "the document writes imgages in its schema, and images in its examples",
    ),
    Deviation(
        r"GET /v2/spaces/keys/\S+ 200: unknown key",
        "for one key the document has `keys` in its schema and `key` in its example: the answer has both",
    ),
)
"""The expressions are matched with the whole violation."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes

    def json(self) -> Any:
        """The answer, where it is JSON."""
        if not self.answer or "json" not in self.answer_headers.get("content-type", ""):
            return None
        return msgspec.json.decode(self.answer)


class Document:
    """The document, ready to judge. Its own validity is not asked: parts of it that we do not use fail."""

    def __init__(self) -> None:
        self._parsed = document()
        texts: dict[str, Callable[[bytes], Any]] = dict.fromkeys(
            ("text/csv", "application/yaml"), bytes.decode
        )
        config = Config(spec_validator_cls=None, extra_media_type_deserializers=texts)
        self._openapi = OpenAPI.from_dict(self._parsed, config=config)
        self._paths = [(_pattern(path), path) for path in sorted(self._parsed["paths"], key=_vagueness)]
        self._parts: dict[int, list[Schema]] = {}
        self._good: set[tuple[str, bytes]] = set()

    def violations(self, exchange: Exchange) -> Iterator[str]:
        """What is wrong with the exchange, a sentence each, without what DEVIATIONS allows."""
        for violation in self._all_violations(exchange):
            sentence = f"{exchange.method} {exchange.path} {exchange.status}: {violation}"
            if not any(re.fullmatch(deviation.violation, sentence) for deviation in DEVIATIONS):
                yield sentence

    def _all_violations(self, exchange: Exchange) -> Iterator[str]:
        path, ids = self._template(exchange.path)
        operation = self._parsed["paths"].get(path, {}).get(exchange.method.lower())
        if operation is None:
            yield "the document has no such operation"
            return
        request = MockRequest(
            HOST,
            exchange.method.lower(),
            exchange.path,
            path_pattern=path,
            args=dict(exchange.query),
            view_args=ids,
            headers=dict(exchange.headers),
            data=exchange.body or None,
            content_type=exchange.headers.get("content-type", ""),
        )
        if exchange.status < 400:  # a refusal of a bad request is as it should be
            yield from _sentences(self._openapi.iter_request_errors(request))
            yield from self._unknown_in_request(exchange, operation)
        answer, new = self._without_what_was_good(f"{exchange.method} {path}", exchange)
        response = MockResponse(
            answer,
            exchange.status,
            dict(exchange.answer_headers),
            exchange.answer_headers.get("content-type", ""),
        )
        found = [
            *_sentences(self._openapi.iter_response_errors(request, response)),
            *self._unknown_in_answer(exchange, operation, answer),
        ]
        yield from found
        if not found:
            self._good |= new

    def _template(self, path: str) -> tuple[str, dict[str, str]]:
        """The document's path that fits, and what stands in its placeholders."""
        for pattern, template in self._paths:
            if found := pattern.fullmatch(path):
                return template, {name: unquote(text) for name, text in found.groupdict().items()}
        return "", {}

    def _without_what_was_good(
        self, operation: str, exchange: Exchange
    ) -> tuple[bytes, set[tuple[str, bytes]]]:
        """The answer without the list's objects that were good in this operation before, and the new ones.

        Lists are asked for again and again in tests; what stands in them is judged once.
        """
        body = exchange.json()
        lists = [name for name, value in (body or {}).items() if isinstance(value, list)]
        if exchange.status != 200 or exchange.method != "GET" or len(lists) != 1:
            return exchange.answer, set()
        objects = {msgspec.json.encode(obj): obj for obj in body[lists[0]]}
        new = {text: obj for text, obj in objects.items() if (operation, text) not in self._good}
        if len(new) == len(body[lists[0]]):
            return exchange.answer, {(operation, text) for text in new}
        body[lists[0]] = list(new.values())
        return msgspec.json.encode(body), {(operation, text) for text in new}

    def _unknown_in_request(self, exchange: Exchange, operation: Schema) -> Iterator[str]:
        content = resolved(operation.get("requestBody", {})).get("content", {})
        if exchange.body and "application/json" in content:
            schema = content["application/json"].get("schema", {})
            yield from self._unknown(msgspec.json.decode(exchange.body), [schema], "request ")

    def _unknown_in_answer(self, exchange: Exchange, operation: Schema, answer: bytes) -> Iterator[str]:
        responses = operation["responses"]
        response = resolved(responses.get(str(exchange.status)) or responses.get("default") or {})
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and exchange.json() is not None:
            yield from self._unknown(msgspec.json.decode(answer), [schema], "")

    def _unknown(self, value: Any, schemas: list[Schema], at: str) -> Iterator[str]:
        """Names in the value that none of the schemas knows, where these name any at all."""
        parts = [part for schema in schemas for part in self._parts_of(schema)]
        if isinstance(value, list):
            items = [part["items"] for part in parts if "items" in part]
            for i, item in enumerate(value):
                yield from self._unknown(item, items, f"{at}{i}.") if items else ()
        if isinstance(value, dict):
            known = [part["properties"] for part in parts if "properties" in part]
            if not known or any(part.get("additionalProperties") for part in parts):
                return
            for name, one in value.items():
                below = [names[name] for names in known if name in names]
                if not below:
                    yield f"unknown {at}{name}"
                yield from self._unknown(one, below, f"{at}{name}.")

    def _parts_of(self, schema: Schema) -> list[Schema]:
        """The schema and all that it is made of by allOf, anyOf and oneOf."""
        if id(schema) not in self._parts:
            own = resolved(schema)
            self._parts[id(schema)] = [own]
            for how in ("allOf", "anyOf", "oneOf"):
                for part in own.get(how, ()):
                    self._parts[id(schema)] += self._parts_of(part)
        return self._parts[id(schema)]


@cache
def judge() -> Document | None:
    """The one judge of this process, who remembers what was good; None where the document is not there."""
    return Document() if DOCUMENT.is_file() else None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _vagueness(path: str) -> int:
    """How many placeholders the path has: /v2/projects/default goes before /v2/projects/{project_id}."""
    return path.count("{")


def _sentences(problems: Iterable[Exception]) -> Iterator[str]:
    """What openapi-core found, the most telling part of it first."""
    for problem in problems:
        errors = getattr(problem.__cause__, "schema_errors", None) or ()
        if not errors:
            yield f"{getattr(problem, 'name', '')} {problem}: {problem.__cause__}".strip()[:_SHOWN]
        for error in map(_deepest, errors):
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"[:_SHOWN]


def _deepest(error: Any) -> Any:
    """Where several schemas might have fitted and none did: what is wrong with the one that went furthest."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


@dataclass
class Documented:
    """An ASGI app whose /v2 is judged by the document; what is wrong is in `violations`.

    Of every `every` exchanges one is judged. Answers that a fault has broken on purpose are let pass.
    """

    app: ASGIApp
    document: Document
    every: int = 1
    violations: list[str] = field(default_factory=list)
    _exchanges: Iterator[int] = field(default_factory=count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_the_document = scope["type"] == "http" and scope["path"].startswith("/v2")
        if not of_the_document or next(self._exchanges) % self.every:
            await self.app(scope, receive, send)
            return
        asked, answered = bytearray(), bytearray()
        start: Message = {}

        async def listen() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def speak(message: Message) -> None:
            start.update(message) if message["type"] == "http.response.start" else None
            answered.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                fault = scope.get(FAULT)
                if fault is None or not fault.breaks_the_form:
                    self._judge(scope, bytes(asked), start, bytes(answered))
            await send(message)

        await self.app(scope, listen, speak)

    def _judge(self, scope: Scope, asked: bytes, start: Message, answered: bytes) -> None:
        exchange = Exchange(
            method=scope["method"],
            path=scope["raw_path"].decode(),
            query=dict(parse_qsl(scope["query_string"].decode())),
            headers=_headers(scope["headers"]),
            body=asked,
            status=start["status"],
            answer_headers=_headers(start["headers"]),
            answer=answered,
        )
        self.violations += self.document.violations(exchange)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
