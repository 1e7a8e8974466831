"""Pages of a list: opaque cursors that name the last item seen, so that what is inserted shifts nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Raw

from arcadia_app.http.refusals import InvalidCursor

T = TypeVar("T")
K = TypeVar("K")
S = TypeVar("S")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many items at most.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=2000, description="`next_cursor` of the page before; none for the first."),
]


@dataclass(frozen=True)
class Pages(Generic[K]):
    """The pages of one list. `name` stands in its cursors: that of another list opens nothing here.

    `written` is the type of what stands in a cursor, checked as strictly as it was written; `read` makes the
    place in the store of it.
    """

    name: str
    written: Any
    read: Callable[[Any], K]

    def after(self, cursor: str | None) -> K | None:
        """The place that a cursor names; None for the first page. Raises InvalidCursor."""
        if cursor is None:
            return None
        try:
            decoded = base64.b64decode(cursor, altchars=b"-_", validate=True)
            name, place = msgspec.json.decode(decoded, type=tuple[str, Raw])
            found = msgspec.json.decode(place, type=self.written)
        except (msgspec.MsgspecError, binascii.Error, UnicodeError, ValueError):
            raise InvalidCursor() from None
        if name != self.name:
            raise InvalidCursor()
        return self.read(found)

    def page(
        self, found: Sequence[T], limit: int, place: Callable[[T], object], shape: Callable[[T], S]
    ) -> tuple[list[S], str | None]:
        """The first `limit` of what was found, and the cursor to what follows. Ask the store for one more."""
        shown = found[:limit]
        more = len(found) > limit
        return [shape(one) for one in shown], self._cursor(place(shown[-1])) if more else None

    def _cursor(self, place: object) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode((self.name, place))).decode()
