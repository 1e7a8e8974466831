"""Pages of a list: opaque cursors that name the last item seen, so that what is inserted shifts nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
from litestar.params import QueryParameter

from arcadia_app.http.refusals import InvalidCursor

T = TypeVar("T")
K = TypeVar("K")
S = TypeVar("S")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=1000, description="`next_cursor` of the page before; none for the first."),
]


def after(cursor: str | None, kind: type[K]) -> K | None:
    """The place that a cursor names, as `kind`. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(base64.b64decode(cursor, altchars=b"-_", validate=True), type=kind)
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, ValueError):
        raise InvalidCursor() from None


def page(
    found: Sequence[T], limit: int, place: Callable[[T], object], shape: Callable[[T], S]
) -> tuple[list[S], str | None]:
    """The first `limit` of what was found, and the cursor to what follows. Ask the store for one more."""
    shown = found[:limit]
    more = len(found) > limit
    return [shape(one) for one in shown], _cursor(place(shown[-1])) if more else None


def _cursor(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()
