"""JSON to payloads, straight into attrs classes, numbers with a fraction as Decimal (never float).

Owns how an answer is taken apart: the envelope {"droplets": […], "links": …, "meta": …} and its parts. What a
payload means is said beside it in payloads/; what missing parts mean for a listing is pages'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec
from attrs import frozen

from arcadia_adapters.digitalocean.client.texts import holds_nul, may_hold_nul, with_nul_for_half_pairs

T = TypeVar("T")
Envelope = Mapping[str, msgspec.Raw]

_ENVELOPE: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANYTHING = msgspec.json.Decoder(float_hook=Decimal)
_RAWS: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])


class Unreadable(Exception):
    """What came is not what the provider's document promises. `reason` holds no value of it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@frozen
class Rows(Generic[T]):
    """The objects of a list that could be read, and of how many others why not (of the first)."""

    read: Sequence[T]
    unread: int = 0
    reason: str | None = None


def envelope(body: bytes) -> Envelope:
    """The top level of an answer, its parts not yet read. Raises Unreadable."""
    return _decoded(_ENVELOPE, with_nul_for_half_pairs(body))


def one(body: bytes, root: str, payload: type[T]) -> T:
    """The one object under `root`. Raises Unreadable."""
    return _decoded(_decoder(payload), _part(envelope(body), root))


def whole(body: bytes, payload: type[T]) -> T:
    """An answer that is itself the object. Raises Unreadable."""
    return _decoded(_decoder(payload), with_nul_for_half_pairs(body))


def rows(parts: Envelope, root: str, payload: type[T]) -> Rows[T]:
    """The objects of the list under `root`; one that cannot be read does not hide the others.

    Raises Unreadable where there is no list.
    """
    raw = _part(parts, root)
    try:
        listed = _decoded(_list_decoder(payload), raw)
    except Unreadable:
        return _one_by_one(raw, payload)
    return Rows(listed or ())


def total(parts: Envelope) -> int | None:
    """meta.total, where it is a number of objects."""
    meta = _anything(parts.get("meta"))
    said = meta.get("total") if isinstance(meta, dict) else None
    return said if type(said) is int and said >= 0 else None


def has_next(parts: Envelope) -> bool:
    """Whether links name a next page. The address itself is not ours to follow."""
    links = _anything(parts.get("links"))
    pages = links.get("pages") if isinstance(links, dict) else None
    return isinstance(pages, dict) and bool(pages.get("next"))


def _one_by_one(raw: msgspec.Raw, payload: type[T]) -> Rows[T]:
    decoder = _decoder(payload)
    read: list[T] = []
    unread, reason = 0, None
    for piece in _decoded(_RAWS, raw):
        try:
            read.append(_decoded(decoder, piece))
        except Unreadable as error:
            unread, reason = unread + 1, reason or error.reason
    return Rows(read, unread, reason)


def _part(parts: Envelope, root: str) -> msgspec.Raw:
    try:
        return parts[root]
    except KeyError:
        raise Unreadable(f"it has no {root}") from None


def _anything(raw: msgspec.Raw | None) -> Any:
    try:
        return None if raw is None else _ANYTHING.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    try:
        found = decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = _reason(error)
    else:
        if not (may_hold_nul(bytes(body)) and holds_nul(found)):
            return found
        reason = "a text in it holds NUL, or half of a surrogate pair"
    raise Unreadable(reason)


def _reason(error: Exception) -> str:
    """Where and what, by types and paths: msgspec's sentences hold no value of the kinds that we decode."""
    return str(error) if isinstance(error, msgspec.MsgspecError) else "it is not UTF-8"


def _decoder(payload: type[T]) -> msgspec.json.Decoder[T]:
    decoder: msgspec.json.Decoder[T] = _made(cast("Any", payload))
    return decoder


def _list_decoder(payload: type[T]) -> msgspec.json.Decoder[list[T] | None]:
    decoder: msgspec.json.Decoder[list[T] | None] = _made_for_list(cast("Any", payload))
    return decoder


@cache
def _made(payload: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(payload, float_hook=Decimal)


@cache
def _made_for_list(payload: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[payload] | None, float_hook=Decimal)
