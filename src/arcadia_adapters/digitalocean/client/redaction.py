"""What DigitalOcean tells that nobody may store: passwords, keys, environments (operations.md).

Owns the removal from the JSON that a payload hands on. The first wall is the payloads themselves: a field
that they do not name never gets in, none names free text, and of the spec of an app app_spec says what is
kept. This is the second, behind them, for what may stand inside a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any

_SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|pgpass|credential|authori[sz]ation|bearer|webhook|headers|kubeconfig"
    r"|connection_(?:string|ur[il])|(?:api|access|private|secret|ssh|signing)_?key|access_cert|basic_auth"
    r"|log_destinations|(?:^|_)(?:auth|connection|dsn|envs?|keys|users)$"
)
_USER_OF_URL = re.compile(r"(?<=://).*@", re.DOTALL)
"""To the last @: what stands before an earlier one may be a password that nobody has escaped."""
_QUERY_OF_URL = re.compile(r"((?:://|\A/)[^\s?#]*)[?#]\S*")

_NUMBERS = frozenset({int, bool, Decimal, NoneType})


def without_secrets(value: object) -> object:
    """The same JSON, at any depth without the members whose names tell of secrets or of what people write
    freely, and addresses without their user, query and fragment.
    """
    return _redacted(value) if needs_redaction([value]) else value


def needs_redaction(values: Iterable[object]) -> bool:
    """Whether anything in them may have to go. Of ten thousand droplets nothing has, and to copy them all the
    same would take as long as to decode them.
    """
    waiting: list[Any] = list(values)
    for part in waiting:  # which grows meanwhile
        kind = type(part)
        if kind is str:
            if "/" in part:
                return True
        elif kind is dict:
            if _any_left_out(tuple(part)):
                return True
            waiting.extend(part.values())
        elif kind is list:
            waiting.extend(part)
        elif kind not in _NUMBERS:
            return True  # of a type that the decoder does not make
    return False


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return _without_user_and_query(value) if "/" in value else value
    if isinstance(value, Mapping):
        return {name: _redacted(member) for name, member in value.items() if not _is_left_out(name)}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value


def _without_user_and_query(text: str) -> str:
    return _QUERY_OF_URL.sub(r"\1", _USER_OF_URL.sub("", text))


@lru_cache(maxsize=4096)
def _any_left_out(names: tuple[object, ...]) -> bool:
    return any(map(_is_left_out, names))


@lru_cache(maxsize=4096)
def _is_left_out(name: object) -> bool:
    lower = str(name).lower().replace("-", "_")
    return lower == "description" or _SECRET_NAME.search(lower) is not None
