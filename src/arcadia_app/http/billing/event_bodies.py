"""Bodies that tell one event, or a batch of them: a bad event of a batch is refused by itself.

Owns the reading. A batch without a fault is decoded in one pass; only one with a fault is looked at event by
event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from arcadia_app.http.refusals import InvalidBody, UnsupportedMediaType
from arcadia_app.http.strict import JSON, UNREADABLE, StrictRequest, decoded, unreadable
from arcadia_app.wire.ingest import LARGEST_BATCH, EventId

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that is not what is asked for: its id, where that much can be read, and what is wrong."""

    event_id: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Told(Generic[E]):
    """What a body tells. `alone`: one event that stands for itself. `unreadable`: by its place."""

    events: Sequence[E]
    alone: bool = False
    unreadable: Mapping[int, Unreadable] = field(default_factory=dict)


class EventsRequest(StrictRequest):
    """A request whose handler asks for one event or a batch: `data` is Told."""

    async def json(self) -> Any:
        """Raises UnsupportedMediaType, MalformedRequest, InvalidBody."""
        content_type, _ = self.content_type
        if content_type != JSON:
            raise UnsupportedMediaType(expected=JSON)
        asked = self.route_handler.parsed_data_field
        assert asked is not None  # as of every handler of this request
        one, batch = get_args(asked.annotation)
        return told(await self.body(), one, batch)


class _Batch(Struct, forbid_unknown_fields=True):
    """A batch whose events are not looked at yet."""

    events: Annotated[list[Raw], Meta(min_length=1, max_length=LARGEST_BATCH)]


class _Peek(Struct):
    events: Raw | UnsetType = UNSET


_ID_FIELDS: Final = ("gateway_request_id", "event_id")


def told(body: bytes, one: type[E], batch: Any) -> Told[E]:
    """The events of a body, of which each is a `one`, and all together are a `batch`.

    Raises MalformedRequest, and InvalidBody where the fault is not within one event of a batch.
    """
    try:
        return Told(msgspec.json.decode(body, type=batch).events)
    except msgspec.ValidationError:
        pass
    except UNREADABLE as error:
        raise unreadable(body, error) from None
    if not _is_batch(body):
        return Told([decoded(body, one)], alone=True)
    try:
        events = msgspec.json.decode(body, type=_Batch).events
    except msgspec.ValidationError:
        return Told(decoded(body, batch).events)
    return _each(events, one)


def _is_batch(body: bytes) -> bool:
    try:
        return msgspec.json.decode(body, type=_Peek).events is not UNSET
    except msgspec.ValidationError:
        return False
    except UNREADABLE as error:
        raise unreadable(body, error) from None


def _each(events: Sequence[Raw], one: type[E]) -> Told[E]:
    readable: list[E] = []
    unreadable: dict[int, Unreadable] = {}
    for place, raw in enumerate(events):
        try:
            readable.append(decoded(bytes(raw), one))
        except InvalidBody as refusal:
            named = [f"{fault.field}: {fault.message}".removeprefix(": ") for fault in refusal.errors]
            unreadable[place] = Unreadable(_id_of(msgspec.json.decode(raw)), "; ".join(named))
    return Told(readable, unreadable=unreadable)


def _id_of(event: object) -> str | None:
    """The id of an event, where it is one."""
    given = event if isinstance(event, dict) else {}
    for name in _ID_FIELDS:
        try:
            return msgspec.convert(given[name], EventId)
        except (KeyError, msgspec.ValidationError):
            continue
    return None
