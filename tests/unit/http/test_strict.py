"""Bodies are decoded strictly, and every bad field is named (SPEC 15; issue B)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Meta

from arcadia_app.http.refusals import InvalidBody, MalformedRequest
from arcadia_app.http.strict import MOST_FAULTS, decoded
from arcadia_app.wire.types import Body, Code, Qty, Slug, Text
from arcadia_domain.billing.deployments import State


class Part(Body):
    slug: Slug
    count: Annotated[int, Meta(ge=0, le=9)] = 0


class Whole(Body):
    """Every way in which a body of ours nests."""

    id: UUID
    state: State
    note: Text | None = None
    day: date | None = None
    part: Part | None = None
    parts: Annotated[list[Part], Meta(max_length=5)] = msgspec.field(default_factory=list)
    codes: list[Code] | None = None
    usage: dict[str, Qty] = msgspec.field(default_factory=dict)
    named: Annotated[dict[Code, list[Part]], Meta(max_length=5)] = msgspec.field(default_factory=dict)


class Pair(Body):
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class HoldsPair(Body):
    pair: Pair


GOOD: dict[str, Any] = {
    "id": "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b",
    "state": "active",
    "note": "text",
    "day": "2026-05-20",
    "part": {"slug": "pilot", "count": 3},
    "parts": [{"slug": "a"}, {"slug": "b", "count": 9}],
    "codes": ["studio", "pro"],
    "usage": {"droplet_hours": "12.5", "dns_zones": "3"},
    "named": {"first": [{"slug": "c"}], "second": []},
}

Place = tuple[str | int, ...]


def fields_of(body: Any, shape: Any = Whole) -> list[str]:
    """The fields that the refusal of a body names."""
    with pytest.raises(InvalidBody) as refused:
        decoded(json.dumps(body).encode(), shape)
    return [error.field for error in refused.value.errors]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place of a value below its top."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in parts:
        yield (*at, name)
        yield from places(one, (*at, name))


def written(place: Place) -> str:
    """A place as a refusal names it."""
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place).removeprefix(".")


def parent_of(body: Any, place: Place) -> Any:
    for one in place[:-1]:
        body = body[one]
    return body


BAD_EVERYWHERE = True
"""No field of Whole is a flag, and no item of its lists or objects."""

PLACES = sorted(places(GOOD), key=written)
OBJECTS = [(), ("part",), ("parts", 0), ("parts", 1), ("named", "first", 0)]
REQUIRED = [("id",), ("state",), ("part", "slug"), ("parts", 1, "slug"), ("named", "first", 0, "slug")]


def apart(chosen: list[Place]) -> bool:
    """Whether no place lies in another one, where its own fault could not be seen."""
    return not any(a != b and b[: len(a)] == a for a in chosen for b in chosen)


@given(st.lists(st.sampled_from(PLACES), min_size=1, unique=True))
def test_each_value_of_a_wrong_type_is_named_and_nothing_else(chosen: list[Place]) -> None:
    assume(apart(chosen))
    body = copy.deepcopy(GOOD)
    for place in chosen:
        parent_of(body, place)[place[-1]] = BAD_EVERYWHERE
    assert sorted(fields_of(body)) == sorted(written(place) for place in chosen)


@given(
    st.lists(st.sampled_from(OBJECTS), unique=True),
    st.lists(st.sampled_from(REQUIRED), unique=True),
)
def test_each_unknown_and_each_missing_field_is_named(strays: list[Place], missing: list[Place]) -> None:
    assume(strays or missing)
    body = copy.deepcopy(GOOD)
    for place in strays:
        parent_of(body, (*place, "stray"))["stray"] = 1
    for place in missing:
        del parent_of(body, place)[place[-1]]
    expected = [written((*place, "stray")) for place in strays] + [written(place) for place in missing]
    assert sorted(fields_of(body)) == sorted(expected)


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(), inner, max_size=7),
    max_leaves=8,
)


def outcome(source: bytes, shape: Any) -> Any:
    """What msgspec alone makes of a body, or the kind of its refusal."""
    try:
        return msgspec.json.decode(source, type=shape)
    except msgspec.ValidationError:
        return InvalidBody
    except (msgspec.DecodeError, UnicodeDecodeError):
        return MalformedRequest


@given(st.dictionaries(st.sampled_from(PLACES), JSON_VALUES, min_size=1, max_size=4))
def test_a_changed_body_is_what_msgspec_makes_of_it_or_only_what_changed_is_named(
    changes: dict[Place, Any],
) -> None:
    assume(apart(list(changes)))
    body = copy.deepcopy(GOOD)
    for place, value in changes.items():
        parent_of(body, place)[place[-1]] = value
    source = json.dumps(body).encode()
    match outcome(source, Whole):
        case type() as refusal if refusal is MalformedRequest:
            with pytest.raises(MalformedRequest):
                decoded(source, Whole)
        case type():
            named = fields_of(body)
            assert named
            assert all(any(field.startswith(written(place)) for place in changes) for field in named)
        case expected:
            assert decoded(source, Whole) == expected


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"parts": [{"slug": "a"}] * 6}, ["parts"]),
        ({"parts": [{"slug": "A!"}] * 6}, ["parts", *(f"parts[{i}].slug" for i in range(6))]),
        ({"part": {"slug": "a", "count": 10}}, ["part.count"]),
        ({"part": []}, ["part"]),
        ({"part": None, "codes": None, "note": None}, []),
        ({"parts": None}, ["parts"]),
        ({"codes": ["studio", None, "a b"]}, ["codes[1]", "codes[2]"]),
        ({"usage": {"droplet_hours": "1e5", "dns_zones": 3}}, ["usage.droplet_hours", "usage.dns_zones"]),
        ({"usage": [["droplet_hours", "1"]]}, ["usage"]),
        ({"named": {"not a code": []}}, ["named.not a code"]),
        ({"named": {"a": [{"slug": "?"}, 7]}}, ["named.a[0].slug", "named.a[1]"]),
        ({"named": {str(n): [] for n in range(6)}}, ["named"]),
        ({"day": "2026-02-30", "id": "1"}, ["id", "day"]),
        ({"day": "2026-05-20T00:00:00Z", "state": "Active"}, ["state", "day"]),
    ],
)
def test_what_is_wrong_inside_lists_and_objects_is_named_where_it_is(
    change: dict[str, Any], named: list[str]
) -> None:
    body = {**GOOD, **change}
    if named:
        assert fields_of(body) == named
    else:
        assert decoded(json.dumps(body).encode(), Whole) == msgspec.convert(body, Whole)


def test_a_body_that_is_no_object_is_refused_as_a_whole() -> None:
    for body in ([], "text", 5, None, [GOOD]):
        assert fields_of(body) == [""]


def test_what_a_shape_refuses_of_itself_is_said_when_its_fields_are_good() -> None:
    with pytest.raises(InvalidBody) as refused:
        decoded(b'{"pair": {"low": 2, "high": 1}}', HoldsPair)
    assert [(one.field, one.message) for one in refused.value.errors] == [("pair", "low is above high")]


def test_a_refusal_names_no_more_fields_than_a_reader_needs() -> None:
    assert len(fields_of({**GOOD, "codes": [0] * 5000})) == MOST_FAULTS
    assert len(fields_of({**GOOD, **{f"stray{n}": 0 for n in range(5000)}})) == MOST_FAULTS


def test_a_name_given_twice_counts_as_the_last_one_says() -> None:
    assert decoded(b'{"slug": "first", "slug": "last"}', Part) == Part(slug="last")
    with pytest.raises(InvalidBody):
        decoded(b'{"slug": "good", "slug": 1}', Part)


def deep(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"slug": "a"',
        b'{"slug": "a"} trailing',
        b'{"slug": 1, !!!',  # a bad field first, and then no JSON
        b'{"slug": 1, "more": ' + deep(100_000) + b"}",
        b'{"slug": "a", "count": NaN}',
        b'{"slug": "a", "count": Infinity}',
        b'{"slug": "a", "count": -Infinity}',
        b'{"slug": 1, "count": 1e400}',
        b"{'slug': 'a'}",
        b'{"slug": "\xff"}',
        b'{"slug": "\\ud800"}',
        b'{"slug": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"slug": "a"}',
        '{"slug": "a"}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decoded(body, Part)


@pytest.mark.parametrize("kind", [Part, Whole, list[Part], dict[str, list[Part]]])
@pytest.mark.parametrize("depth", [500, 5_000, 500_000])
def test_a_body_nested_without_end_is_refused_and_breaks_nothing(kind: Any, depth: int) -> None:
    with pytest.raises((InvalidBody, MalformedRequest)):
        decoded(b'{"slug": ' + deep(depth) + b"}", kind)


@pytest.mark.parametrize("digits", [20, 400, 5_000])
def test_a_number_of_any_length_is_refused(digits: int) -> None:
    with pytest.raises((InvalidBody, MalformedRequest)):
        decoded(b'{"slug": "a", "count": ' + b"9" * digits + b"}", Part)


@given(st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_at_all_are_decoded_or_refused_as_msgspec_does(body: bytes) -> None:
    expected = outcome(body, Part)
    if isinstance(expected, Part):
        assert decoded(body, Part) == expected
    else:
        with pytest.raises((InvalidBody, MalformedRequest)):
            decoded(body, Part)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"codes": ["a b"]},
            "must be: Letters, digits, dots, hyphens and underscores, with a letter or digit first.",
        ),
        ({"usage": {"droplet_hours": "1e5"}}, "must be: A decimal string in the kind's base unit."),
        ({"note": "\0"}, "must be: Without NUL characters."),
        (
            {"named": {"a b": []}},
            "must be: Letters, digits, dots, hyphens and underscores, with a letter or digit first.",
        ),
        ({"codes": ["a" * 101]}, "expected `str` of length <= 100"),
    ],
)
def test_what_a_pattern_refuses_is_told_in_the_words_of_its_type(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidBody) as refused:
        decoded(json.dumps({**GOOD, **change}).encode(), Whole)
    assert [one.message for one in refused.value.errors] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "\\ud800",
        "\\uDBFFx",
        "\\udc00",
        "\\ud800\\n",
        "\\ud800\\u0041",
        "\\\\\\ud800",
        "\\ud83d\\ude00\\udfff",
    ],
)
def test_half_of_a_pair_of_surrogates_is_named_as_such(text: str) -> None:
    with pytest.raises(MalformedRequest, match="surrogate pair"):
        decoded(f'{{"slug": "{text}"}}'.encode(), Part)


@pytest.mark.parametrize("text", ["\\ud83d\\ude00", "\\\\ud800", "ud800"])
def test_a_whole_pair_is_text_and_a_body_that_ends_is_told_to_end(text: str) -> None:
    with pytest.raises(MalformedRequest) as refused:
        decoded(f'{{"slug": "{text}"'.encode(), Part)
    assert "surrogate" not in str(refused.value)
