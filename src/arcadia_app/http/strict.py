"""Bodies, decoded strictly: text is not a number, unknown fields are refused, and every bad field is named.

Owns the decoding. The shapes say what is good (`arcadia_app.wire`); msgspec checks it in one pass and stops
at the first fault, so only a body that has one is looked at field by field. A name that an object gives twice
counts as the last one says, as with most readers of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from msgspec import Meta, Struct, structs

from arcadia_app.http.refusals import InvalidBody, MalformedRequest, UnsupportedMediaType
from arcadia_app.wire.problem import FieldError

JSON: Final = "application/json"

MOST_FAULTS: Final = 100
"""Named in one refusal: what is wrong with a large batch must not make a larger answer."""

_PATTERN: Final = "Expected `str` matching regex"

_HIGH: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW: Final = rb"\\u[dD][c-fC-F]"
_LONE_SURROGATE: Final = re.compile(rb"(?<!\\)(?:\\\\)*(?:%b(?!%b)|(?<!%b)%b)" % (_HIGH, _LOW, _HIGH, _LOW))
"""Half of a pair of escapes, which alone stands for no character."""

_PLACE: Final = re.compile(r" - at `(?:key in )?\$(?P<place>.*)`$", re.DOTALL)

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for what is no JSON."""

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

    async def body(self) -> bytes:
        """The whole body. Raises MalformedRequest where the client went away in the middle of it."""
        try:
            return await super().body()
        except InternalServerException:
            raise MalformedRequest(reason="the body ended before its time.") from None


def decoded(body: bytes, shape: type[T]) -> T:
    """The body as `shape`. Raises MalformedRequest, InvalidBody with every field that is wrong."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        first = error
    except UNREADABLE as error:
        raise unreadable(body, error) from None
    found = list(islice(_faults(_read(body), shape, ""), MOST_FAULTS))
    raise InvalidBody(found or [_fault(first, "")])


def _read(body: bytes) -> Any:
    """The body as plain values. Behind a first bad field there may still be what is no JSON."""
    try:
        return msgspec.json.decode(body)
    except UNREADABLE as error:
        raise unreadable(body, error) from None


def unreadable(body: bytes, error: Exception) -> MalformedRequest:
    """The refusal of a body that is no JSON. Of half a pair of surrogates the decoder says that it ended."""
    if isinstance(error, msgspec.DecodeError) and _LONE_SURROGATE.search(body):
        return MalformedRequest(reason="a text holds half of a surrogate pair (\\ud800 to \\udfff).")
    return MalformedRequest(reason=str(error))


def said(error: msgspec.ValidationError, shape: Any) -> str:
    """What is wrong with a value that is no `shape`; of a pattern, what the type says of itself in words."""
    text = _PLACE.sub("", str(error))
    if text.startswith(_PATTERN):
        for _, bounds in _alternatives(shape):
            for one in bounds:
                if one.pattern is not None and one.description is not None:
                    return f"must be: {one.description}"
    return text[:1].lower() + text[1:]


def _faults(value: Any, shape: Any, place: str) -> Iterator[FieldError]:
    """What is wrong with a value, at each place where something is."""
    inside, bounds = _inside(value, shape)
    if inside is None:
        yield from _own_fault(value, shape, place)
    elif issubclass(get_origin(inside) or inside, Struct):
        yield from _faults_of_object(value, inside, place)
    elif get_origin(inside) is list:
        yield from _own_fault(value, _bounded(list, bounds), place)
        (item,) = get_args(inside)
        for i, one in enumerate(value):
            yield from _faults(one, item, f"{place}[{i}]")
    else:
        yield from _own_fault(value, _bounded(dict, bounds), place)
        key, item = get_args(inside)
        for name, one in value.items():
            yield from _own_fault(name, key, _within(place, name))
            yield from _faults(one, item, _within(place, name))


def _faults_of_object(value: Mapping[str, Any], struct: Any, place: str) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in structs.fields(struct)}
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field.type, _within(place, name))
        elif field.required:
            yield FieldError(field=_within(place, name), message="is missing")
    for name in value:
        if name not in fields:
            yield FieldError(field=_within(place, name), message="is not known")


def _own_fault(value: Any, shape: Any, place: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, shape, str_keys=True)
    except msgspec.ValidationError as error:
        yield _fault(error, place, shape)


def _fault(error: msgspec.ValidationError, place: str, shape: Any = None) -> FieldError:
    inner = _PLACE.search(str(error))
    where = place + (inner["place"] if inner else "")
    return FieldError(field=where.removeprefix("."), message=said(error, None if inner else shape))


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _inside(value: Any, shape: Any) -> tuple[Any | None, Sequence[Meta]]:
    """Of what a type allows, the one that a value with parts is looked into as, with its bounds.

    None: the value has no parts, or no such type, or there is a choice that only msgspec can make.
    """
    kinds: tuple[type, ...] = ()
    if isinstance(value, dict):
        kinds = (dict, Struct)
    elif isinstance(value, list):
        kinds = (list,)
    found = [one for one in _alternatives(shape) if _is_of(one[0], kinds)]
    return found[0] if len(found) == 1 else (None, ())


def _is_of(alternative: Any, kinds: tuple[type, ...]) -> bool:
    """Whether a type says what is in its parts, and is of one of these kinds."""
    origin = get_origin(alternative) or alternative
    told = origin is not alternative or (isinstance(origin, type) and issubclass(origin, Struct))
    return told and isinstance(origin, type) and issubclass(origin, kinds)


def _alternatives(shape: Any, bounds: tuple[Meta, ...] = ()) -> Iterator[tuple[Any, tuple[Meta, ...]]]:
    """The types that a value may have, bare, each with its bounds."""
    origin = get_origin(shape)
    if origin is Annotated:
        own = tuple(one for one in shape.__metadata__ if isinstance(one, Meta))
        yield from _alternatives(shape.__origin__, bounds + own)
    elif origin in (Union, UnionType):
        for one in get_args(shape):
            yield from _alternatives(one, bounds)
    else:
        yield shape, bounds


def _bounded(kind: type, bounds: Sequence[Meta]) -> Any:
    return Annotated[(kind, *bounds)] if bounds else kind
