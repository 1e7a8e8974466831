"""What may be asked for is bounded: no body of ours holds a text, number or list without end (issue B)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import inspect

import arcadia_app.wire
from arcadia_app.wire.types import Body

for _found in pkgutil.walk_packages(arcadia_app.wire.__path__, "arcadia_app.wire."):
    importlib.import_module(_found.name)

_UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})")
"""A repetition without end, in a pattern."""


def bodies(of: type[Body] = Body) -> Iterator[type[Body]]:
    for one in of.__subclasses__():
        if one.__module__.startswith("arcadia_app."):
            yield one
        yield from bodies(one)


BODIES = sorted(bodies(), key=lambda one: one.__name__)


def leaves(found: inspect.Type, place: str) -> Iterator[tuple[str, Any]]:
    """Every type that a value of this type is made of, with the place of it."""
    match found:
        case inspect.Metadata(type=inner):
            yield from leaves(inner, place)
        case inspect.UnionType(types=types):
            for one in types:
                yield from leaves(one, place)
        case inspect.ListType(item_type=item):
            yield place, found
            yield from leaves(item, f"{place}[]")
        case inspect.DictType(key_type=key, value_type=value):
            yield place, found
            yield from leaves(key, f"{place}.key")
            yield from leaves(value, f"{place}.*")
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from leaves(field.type, f"{place}.{field.name}")
        case _:
            yield place, found


def fault(found: Any) -> str | None:
    """What is without end in a type, in words."""
    match found:
        case inspect.StrType(max_length=length, pattern=pattern):
            if length is None and (pattern is None or _UNBOUNDED.search(pattern)):
                return "text of any length"
            if any(_takes(found, text) for text in ("\0", "a\0", "\0a", "A\0", "1\0")):
                return "text with NUL, which no database holds"
        case inspect.IntType(ge=least, gt=above, le=most, lt=below):
            if (least is None and above is None) or (most is None and below is None):
                return "a number of any size"
        case inspect.ListType(max_length=length) | inspect.DictType(max_length=length):
            if length is None:
                return "a list or an object of any size"
        case inspect.FloatType() | inspect.AnyType() | inspect.RawType():
            return "a float, or anything"
    return None


def _takes(found: inspect.StrType, text: str) -> bool:
    long_enough = found.min_length is None or len(text) >= found.min_length
    return long_enough and (found.pattern is None or re.search(found.pattern, text) is not None)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_every_field_of_a_body_has_an_end(body: type[Body]) -> None:
    (told,) = inspect.multi_type_info([body])
    faults = {place: said for place, one in leaves(told, body.__name__) if (said := fault(one))}
    assert faults == {}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_every_body_refuses_what_it_does_not_know(body: type[Body]) -> None:
    assert body.__struct_config__.forbid_unknown_fields
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"no_such_field": 1}', type=body)


def test_the_walk_finds_what_is_without_end() -> None:
    class Endless(msgspec.Struct):
        text: str
        number: int
        parts: list[bool]

    (told,) = inspect.multi_type_info([Endless])
    assert len([place for place, one in leaves(told, "") if fault(one)]) == 3
    assert len(BODIES) > 10
