"""What goes in and comes out: a request, an answer, a refusal; and their JSON.

Owns the shapes only. No float is ever made: a number with a fraction is a Decimal on both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

Obj = dict[str, Any]
"""A JSON object."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

encoded = _ENCODER.encode
"""Any value of this package as JSON."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `ids` are the placeholders of its route; `base` is the address it was sent to.

    `shift` moves the window of a list by that many objects: how a fault repeats or skips some (see pages).
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    shift: int = 0

    def json(self) -> Obj:
        """The body, a JSON object (none is an empty one); raises Refused."""
        if not self.body:
            return {}
        try:
            body = _DECODER.decode(self.body)
        except msgspec.DecodeError:
            raise Refused(400, "bad_request", "The request body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise Refused(400, "bad_request", "The request body must be a JSON object.")
        return body


@dataclass(slots=True)
class Answer:
    """One answer: an object to be sent as JSON, or bytes of `content_type`, or nothing."""

    status: int
    body: Obj | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def content(self) -> bytes:
        """The body as it is sent."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else encoded(self.body)


class Refused(Exception):
    """DigitalOcean's refusal: its status, its id and message, and what else stands in the body."""

    def __init__(self, status: int, id: str, message: str, **more: object) -> None:
        self.status = status
        self.body: Obj = {"id": id, "message": message, **more}
        super().__init__(f"{status} {id}: {message}")


def not_found() -> Refused:
    return Refused(404, "not_found", "The resource you requested could not be found.")


def unprocessable(message: str) -> Refused:
    return Refused(422, "unprocessable_entity", message)


def conflict(message: str) -> Refused:
    return Refused(409, "conflict", message)


def forbidden(message: str) -> Refused:
    return Refused(403, "forbidden", message)


def needs(body: Obj, *names: str) -> None:
    """Refuse a body in which one of these is missing, null or empty."""
    for name in names:
        if body.get(name) in (None, "", []):
            raise unprocessable(f"{name.replace('_', ' ').capitalize()} can't be blank")
