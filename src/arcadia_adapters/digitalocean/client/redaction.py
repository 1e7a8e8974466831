"""What DigitalOcean tells that nobody may store: passwords, keys, environments (operations.md).

Owns the removal from what a payload hands on as free JSON. The first wall is the payloads themselves: a field
that they do not name never gets in. This is the second, for what has no fixed shape (the spec of an app).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = frozenset(
    {
        "auth",
        "basic_auth",
        "connection_string",
        "credentials",
        "dsn",
        "env",
        "envs",
        "kubeconfig",
        "log_destinations",
        "secrets",
        "ui_connection",
        "users",
        "webhook_url",
    }
)
_ENDINGS = (
    "access_cert",
    "access_key",
    "api_key",
    "connection",
    "credentials",
    "password",
    "passwd",
    "private_key",
    "secret",
    "secret_key",
    "token",
)
_USER_OF_URL = re.compile(r"(?<=://)[^/?#@\s]*@")


def without_secrets(value: object) -> object:
    """The same JSON, at any depth without the members that hold secrets, and addresses without their user."""
    if isinstance(value, Mapping):
        return {name: without_secrets(member) for name, member in value.items() if not _is_secret(name)}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    if isinstance(value, str) and "://" in value:
        return _USER_OF_URL.sub("", value)
    return value


def _is_secret(name: object) -> bool:
    lower = str(name).lower().replace("-", "_")
    return lower in _NAMES or lower.endswith(_ENDINGS)
