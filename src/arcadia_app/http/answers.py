"""What the document says of answers beside their shape: headers, the codes of refusals, examples.

Owns the rules by which an answer has a header; the headers themselves are set where the answer is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from http import HTTPStatus
from typing import Any, Final

from arcadia_app.http.examples import example
from arcadia_app.http.problems import PROBLEM_JSON, UNAVAILABLE
from arcadia_domain.errors import DomainError

JsonObject = dict[str, Any]

HEADERS: Final[Mapping[str, JsonObject]] = {
    "X-Request-Id": {
        "description": "The caller's, or a new one. Name it when you ask us.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The revision that was read or made: send it as If-Match with an edit.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where to read what was made.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Idempotency-Replayed": {
        "description": "`true` where an earlier request with this Idempotency-Key was answered so.",
        "schema": {"type": "string", "const": "true"},
    },
    "Retry-After": {
        "description": "Whole seconds to wait before asking again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {
        "description": "What a token must be sent as (RFC 6750).",
        "required": True,
        "schema": {"type": "string"},
    },
}
"""The headers of answers, as components."""

_TRY_AGAIN: Final = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

_UNTOLD: Final = "The request was refused."
_FACT: Final = re.compile(r"\{[^}]*\}")


def tell_answers(
    operation: JsonObject, readable: bool, revisioned: Set[str], shapes: Mapping[str, JsonObject]
) -> None:
    """Complete what is said of an operation's answers.

    `readable`: what it makes can be read under the path of its own. `revisioned`: the shapes with an ETag.
    """
    keyed = any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if PROBLEM_JSON in content:
            _tell_refusal(status, answer, content[PROBLEM_JSON])
        for told in content.values():
            if "schema" in told and "examples" not in told:
                told["example"] = example(told["schema"], shapes)
        names = _headers(int(status), readable, shape_of(answer) in revisioned, keyed)
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def shape_of(answer: JsonObject) -> str:
    """The name of the shape of an answer, or nothing."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _headers(status: int, readable: bool, revisioned: bool, keyed: bool) -> Iterator[str]:
    done = status < 300
    asked_for = {
        "X-Request-Id": True,
        "Location": status == HTTPStatus.ACCEPTED or (status == HTTPStatus.CREATED and readable),
        "ETag": done and revisioned,
        "Idempotency-Replayed": done and keyed,
        "Retry-After": status in _TRY_AGAIN,
        "WWW-Authenticate": status == HTTPStatus.UNAUTHORIZED,
    }
    return (name for name, comes in asked_for.items() if comes)


def _tell_refusal(status: str, answer: JsonObject, told: JsonObject) -> None:
    """Every code with its sentence and an example; and no other code may come."""
    sentences = _sentences()
    codes = sorted(one["summary"] for one in told["examples"].values())
    told["examples"] = {code: {"$ref": f"#/components/examples/{code}_{status}"} for code in codes}
    told["schema"] = {**told["schema"], "properties": {"code": {"enum": codes}}}
    phrase = answer["description"].partition(".")[0]
    listed = [f"- `{code}`: {sentences.get(code, _UNTOLD)}" for code in codes]
    answer["description"] = "\n".join([f"{phrase}.", "", *listed])


def refusals_of(operations: Iterable[JsonObject]) -> dict[str, JsonObject]:
    """The examples that the refusals of operations refer to, as components."""
    sentences = _sentences()
    found: dict[str, JsonObject] = {}
    for operation in operations:
        for status, answer in operation["responses"].items():
            for one in answer.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {}).values():
                code = one["summary"]
                unavailable = status == str(HTTPStatus.SERVICE_UNAVAILABLE)
                detail = UNAVAILABLE if unavailable else sentences.get(code, _UNTOLD)
                value = {**one["value"], "detail": detail}
                found[f"{code}_{status}"] = {"summary": code, "value": value}
    return found


def _sentences() -> dict[str, str]:
    """What each code says; a fact stands as an ellipsis. Classes of one code say the same, in any order."""
    errors = sorted(_subclasses(DomainError), key=lambda error: (error.__module__, error.__qualname__))
    return {error.code: _FACT.sub("…", error.sentence) for error in reversed(errors)}


def _subclasses(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)
