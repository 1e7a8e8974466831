"""Texts that nobody can store: with NUL in them, or half of a surrogate pair.

Owns the finding of them in what the provider says, so that one such name spoils its own object and no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

_ESCAPED_NUL = rb"\u0000"
# A pair is one character, and a backslash that is itself escaped begins nothing.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)


def with_nul_for_half_pairs(body: bytes) -> bytes:
    """JSON in which each half of a surrogate pair is NUL: with it in, the decoder would read none of it."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _ESCAPE.sub(lambda found: _ESCAPED_NUL if found[1] else found[0], body)


def may_hold_nul(raw: bytes) -> bool:
    """Whether JSON is worth a look: NUL stands in it only escaped."""
    return _ESCAPED_NUL in raw


def holds_nul(value: object) -> bool:
    """Whether a text of what was decoded holds NUL, however deep."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(holds_nul(part) for item in value.items() for part in item)
    if isinstance(value, list | tuple):
        return any(map(holds_nul, value))
    payload: type[object] = type(value)
    if attrs.has(payload):
        return any(holds_nul(getattr(value, one.name)) for one in attrs.fields(payload))
    return False
