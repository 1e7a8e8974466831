"""Bodies, decoded strictly: text is not a number, unknown fields are refused, and every bad field is named.

Owns the decoding. The shapes say what is good (`arcadia_app.wire`); msgspec checks it in one pass and stops
at the first fault, so only a body that has one is looked at field by field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec
from litestar import Request
from msgspec import inspect, structs

from arcadia_app.http.refusals import InvalidBody, MalformedRequest, UnsupportedMediaType
from arcadia_app.wire.problem import FieldError

JSON: Final = "application/json"

_PLACE: Final = re.compile(r" - at `\$(?P<place>.*)`$")

T = TypeVar("T")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is decoded into what its handler asks for as `data`."""

    async def json(self) -> Any:
        """The body as the handler's type. Raises UnsupportedMediaType, MalformedRequest, InvalidBody."""
        content_type, _ = self.content_type
        if content_type != JSON:
            raise UnsupportedMediaType(expected=JSON)
        asked = self.route_handler.parsed_data_field
        assert asked is not None  # only a handler with `data` reads a body
        return decoded(await self.body(), asked.annotation)


def decoded(body: bytes, shape: type[T]) -> T:
    """The body as `shape`. Raises MalformedRequest, InvalidBody with every field that is wrong."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as first:
        found = list(_faults(msgspec.json.decode(body), shape, ""))
        raise InvalidBody(found or [_fault(first, "")]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRequest(reason=str(error)) from None


def _faults(value: Any, shape: Any, place: str) -> Iterator[FieldError]:
    """What is wrong with a value, at each place where something is."""
    struct = _struct_of(shape)
    if struct is not None and isinstance(value, Mapping):
        yield from _faults_of_object(value, struct, place)
    elif (item := _item_of(shape)) is not None and isinstance(value, list):
        inner = [fault for i, one in enumerate(value) for fault in _faults(one, item, f"{place}[{i}]")]
        yield from inner or _own_fault(value, shape, place)
    else:
        yield from _own_fault(value, shape, place)


def _faults_of_object(value: Mapping[str, Any], struct: type, place: str) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in structs.fields(struct)}
    for name, field in fields.items():
        where = f"{place}.{name}" if place else name
        if name in value:
            yield from _faults(value[name], field.type, where)
        elif field.required:
            yield FieldError(field=where, message="is missing")
    for name in value.keys() - fields.keys():
        yield FieldError(field=f"{place}.{name}" if place else name, message="is not known")


def _own_fault(value: Any, shape: Any, place: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        yield _fault(error, place)


def _fault(error: msgspec.ValidationError, place: str) -> FieldError:
    text = str(error)
    inner = _PLACE.search(text)
    where = place + (inner["place"] if inner else "")
    message = _PLACE.sub("", text)
    return FieldError(field=where.removeprefix("."), message=message[:1].lower() + message[1:])


def _struct_of(shape: Any) -> type | None:
    """The Struct that a type is, or is optionally."""
    found = [part for part in _parts(shape) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
    return found[0] if len(found) == 1 else None


def _item_of(shape: Any) -> Any | None:
    """The type of the items of a list type."""
    found = [get_args(part)[0] for part in _parts(shape) if get_origin(part) is list]
    return found[0] if len(found) == 1 else None


def _parts(shape: Any) -> Iterator[Any]:
    origin = get_origin(shape)
    if hasattr(shape, "__metadata__"):  # Annotated
        yield from _parts(shape.__origin__)
    elif origin is not None and origin is not list and inspect.is_struct_type(origin) is False:
        for part in get_args(shape):
            if isinstance(part, type) or get_origin(part) is not None:
                yield from _parts(part)
    else:
        yield shape
