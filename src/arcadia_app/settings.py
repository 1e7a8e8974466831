"""Settings: what the environment says, read once (SPEC 18). Nobody else reads the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from attrs import field, frozen

from arcadia_domain.errors import DomainError
from arcadia_domain.ports.doors import Rate

ANY_TOKEN: Final = "any-token-of-a-local-digitalocean"

_OWNER: Final = "ARCADIA_DATABASE_OWNER_URL"
_SECRET: Final = "ARCADIA_JWT_SECRET"
_SECRET_BEFORE: Final = "ARCADIA_JWT_SECRET_PREVIOUS"
_RATE: Final = "ARCADIA_RATE_LIMIT"
_PORT: Final = "ARCADIA_PORT"
_ORIGINS: Final = "ARCADIA_CORS_ORIGINS"
DO_TOKEN: Final = "ARCADIA_DO_TOKEN"
DO_URL: Final = "ARCADIA_DO_URL"
SPACES_KEY: Final = "ARCADIA_SPACES_KEY"
SPACES_SECRET: Final = "ARCADIA_SPACES_SECRET"
_SPACES: Final = (SPACES_KEY, SPACES_SECRET)

_ISSUER: Final = "arcadia"
_WINDOWS: Final = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
}
_RATE_TEXT: Final = re.compile(r"(?P<limit>[1-9][0-9]{0,5})(?:/(?P<window>second|minute|hour))?")
_URL: Final = re.compile(r"https?://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")
_THIS_MACHINE: Final = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|\[::1\]")
_ORIGIN: Final = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class SettingMissing(DomainError):
    code = "setting_missing"
    sentence = "{present} is set, so {missing} must be set as well: each database role has its own address."


class HalfASetting(DomainError):
    code = "setting_missing"
    sentence = "{present} is set, so {missing} must be set as well."


class SecretMissing(DomainError):
    code = "setting_missing"
    sentence = (
        f"{_SECRET} must be set: the secret that the issuer of the tokens signs them with. "
        "(For one machine, 'arcadia serve' makes one.)"
    )


class SettingInvalid(DomainError):
    code = "setting_invalid"
    sentence = "{name} is {value!r}: {expected}."


@frozen(kw_only=True)
class DatabaseUrls:
    """The addresses of one database for its four roles (libpq URLs). `owner` is needed to migrate only."""

    tenant: str = field(repr=False)
    operator: str = field(repr=False)
    gateway: str = field(repr=False)
    owner: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class TokenSettings:
    """Whose tokens are taken. `secret` None: none was set; `previous` is the one it replaces, if any."""

    secret: str | None = field(default=None, repr=False)
    previous: str | None = field(default=None, repr=False)
    issuer: str = _ISSUER
    audience: str = _ISSUER


@frozen(kw_only=True)
class DoorSettings:
    """Where the HTTP door is, and how often each may call. Port 0: any free one. `rate` None: no limit."""

    host: str = "127.0.0.1"
    port: int = 4005
    rate: Rate | None = None
    origins: tuple[str, ...] = ()


@frozen(kw_only=True)
class CloudSettings:
    """How DigitalOcean is reached. `url` None: at its own address; Spaces are asked at `url` too."""

    token: str = field(repr=False)
    url: str | None = None
    spaces_key: str | None = field(default=None, repr=False)
    spaces_secret: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Settings:
    """`database` None: the embedded one, in `data_dir` (None: the user's state directory). `cloud` None: no
    account of DigitalOcean is named. `broker_url` None: the same Postgres.
    """

    database: DatabaseUrls | None = None
    data_dir: Path | None = None
    tokens: TokenSettings = TokenSettings()
    door: DoorSettings = DoorSettings()
    cloud: CloudSettings | None = None
    broker_url: str | None = field(default=None, repr=False)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this process; an empty variable is one that is not set.

    Raises SettingMissing for a database that is named in part, SettingInvalid for text that says nothing.
    """
    data_dir = environment.get("ARCADIA_DATA_DIR")
    return Settings(
        database=_database(environment),
        data_dir=Path(data_dir).absolute() if data_dir else None,
        tokens=_tokens(environment),
        door=_door(environment),
        cloud=_cloud(environment),
        broker_url=environment.get("ARCADIA_BROKER_URL") or None,
    )


def _database(environment: Mapping[str, str]) -> DatabaseUrls | None:
    names = {
        "tenant": "ARCADIA_DATABASE_URL",
        "operator": "ARCADIA_DATABASE_OPERATOR_URL",
        "gateway": "ARCADIA_DATABASE_GATEWAY_URL",
    }
    owner = environment.get(_OWNER) or None
    urls = {role: environment[name] for role, name in names.items() if environment.get(name)}
    if not urls and owner is None:
        return None
    for role, name in names.items():
        if role not in urls:
            raise SettingMissing(present=next((names[r] for r in urls), _OWNER), missing=name)
    return DatabaseUrls(**urls, owner=owner)


def _tokens(environment: Mapping[str, str]) -> TokenSettings:
    issuer = environment.get("ARCADIA_JWT_ISSUER") or _ISSUER
    return TokenSettings(
        secret=environment.get(_SECRET) or None,
        previous=environment.get(_SECRET_BEFORE) or None,
        issuer=issuer,
        audience=environment.get("ARCADIA_JWT_AUDIENCE") or issuer,
    )


def _cloud(environment: Mapping[str, str]) -> CloudSettings | None:
    """A local DigitalOcean takes any token, so none need be named for one on this machine."""
    token, url = environment.get(DO_TOKEN) or None, environment.get(DO_URL) or None
    spaces_key, spaces_secret = (environment.get(name) or None for name in _SPACES)
    if (spaces_key is None) != (spaces_secret is None):
        present, missing = _SPACES if spaces_secret is None else _SPACES[::-1]
        raise HalfASetting(present=present, missing=missing)
    if url is not None:
        found = _URL.fullmatch(url)
        if found is None:
            expected = "an address is a scheme and a host, as in https://api.digitalocean.com, and no user"
            raise SettingInvalid(name=DO_URL, value=_without_user(url), expected=expected)
        if token is None and not _THIS_MACHINE.fullmatch(found["host"]):
            raise HalfASetting(present=DO_URL, missing=DO_TOKEN)
    if token is None and url is None:
        return None
    return CloudSettings(
        token=token or ANY_TOKEN, url=url, spaces_key=spaces_key, spaces_secret=spaces_secret
    )


def _without_user(url: str) -> str:
    """The address as it may be shown: what stands before the last @, or after a ?, may be a secret."""
    return re.sub(r"\A(https?://)?.*@", r"\1…@", url, flags=re.DOTALL).partition("?")[0]


def _door(environment: Mapping[str, str]) -> DoorSettings:
    default = DoorSettings()
    return DoorSettings(
        host=environment.get("ARCADIA_HOST") or default.host,
        port=_port(environment.get(_PORT) or str(default.port)),
        rate=_rate(environment.get(_RATE, "")),
        origins=_origins(environment.get(_ORIGINS, "")),
    )


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise SettingInvalid(name=_PORT, value=text, expected="a port is a number from 0 to 65535")
    return int(text)


def _rate(text: str) -> Rate | None:
    """`600/minute`, `10/second`, `100/hour`; a number alone is per minute; nothing: no limit."""
    if not text:
        return None
    found = _RATE_TEXT.fullmatch(text)
    if found is None:
        expected = "as in 600/minute, 10/second or 100/hour; the number is from 1 to 999999"
        raise SettingInvalid(name=_RATE, value=text, expected=expected)
    return Rate(int(found["limit"]), _WINDOWS[found["window"] or "minute"])


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            expected = "an origin is a scheme and a host, as in https://console.example.com, without a path"
            raise SettingInvalid(name=_ORIGINS, value=origin, expected=expected)
    return origins
