"""Settings: what the environment says, read once (SPEC 18). Nobody else reads the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import field, frozen

from arcadia_domain.errors import DomainError
from arcadia_domain.ports.doors import Rate
from arcadia_domain.ports.upkeep import Retention

ANY_TOKEN: Final = "any-token-of-a-local-digitalocean"

_OWNER: Final = "ARCADIA_DATABASE_OWNER_URL"
_SECRET: Final = "ARCADIA_JWT_SECRET"
_SECRET_BEFORE: Final = "ARCADIA_JWT_SECRET_PREVIOUS"
_RATE: Final = "ARCADIA_RATE_LIMIT"
_PORT: Final = "ARCADIA_PORT"
METRICS_PORT: Final = "ARCADIA_METRICS_PORT"
_ORIGINS: Final = "ARCADIA_CORS_ORIGINS"
_DRAIN: Final = "ARCADIA_DRAIN_SECONDS"
_CLOCK: Final = "ARCADIA_CLOCK"
DO_TOKEN: Final = "ARCADIA_DO_TOKEN"
DO_URL: Final = "ARCADIA_DO_URL"
SPACES_KEY: Final = "ARCADIA_SPACES_KEY"
SPACES_SECRET: Final = "ARCADIA_SPACES_SECRET"
_SPACES: Final = (SPACES_KEY, SPACES_SECRET)

_KEEP: Final = {
    "events_months": "ARCADIA_KEEP_EVENTS_MONTHS",
    "history_months": "ARCADIA_KEEP_HISTORY_MONTHS",
    "jobs_days": "ARCADIA_KEEP_JOBS_DAYS",
    "syncs_days": "ARCADIA_KEEP_SYNCS_DAYS",
}

AT_ONCE: Final = 2
"""Jobs of each queue that a process runs at a time, unless it is told otherwise."""

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
    """Where the HTTP door is, and how often each may call. Port 0: any free one. `rate` None: no limit.

    `drain`: for how long a process that was asked to stop says that it is not ready and still answers.
    `metrics_port`: where a worker or a scheduler, which have no door, say how they are; None: nowhere.
    """

    host: str = "127.0.0.1"
    port: int = 4005
    rate: Rate | None = None
    origins: tuple[str, ...] = ()
    drain: timedelta = timedelta()
    metrics_port: int | None = None


@frozen(kw_only=True)
class CloudSettings:
    """How DigitalOcean is reached. `url` None: at its own address; Spaces are asked at `url` too. `paced`: we
    keep to its limits of calls; a local one may have none.
    """

    token: str = field(repr=False)
    url: str | None = None
    spaces_key: str | None = field(default=None, repr=False)
    spaces_secret: str | None = field(default=None, repr=False)
    paced: bool = True


@frozen(kw_only=True)
class Settings:
    """`database` None: the embedded one, in `data_dir` (None: the user's state directory). `cloud` None: no
    account of DigitalOcean is named. `broker_url` None: the same Postgres. `clock`: the instant at which the
    time of `serve` begins, for tests and demonstrations; None: the machine's time.
    """

    database: DatabaseUrls | None = None
    data_dir: Path | None = None
    tokens: TokenSettings = TokenSettings()
    door: DoorSettings = DoorSettings()
    cloud: CloudSettings | None = None
    broker_url: str | None = field(default=None, repr=False)
    retention: Retention = field(factory=Retention)
    clock: datetime | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this process; an empty variable is one that is not set.

    Raises SettingMissing for a database that is named in part, SettingInvalid for text that says nothing.
    """
    data_dir = environment.get("ARCADIA_DATA_DIR")
    cloud = _cloud(environment)
    return Settings(
        database=_database(environment),
        data_dir=Path(data_dir).absolute() if data_dir else None,
        tokens=_tokens(environment),
        door=_door(environment),
        cloud=cloud,
        broker_url=environment.get("ARCADIA_BROKER_URL") or None,
        retention=_retention(environment),
        clock=_clock(environment.get(_CLOCK, ""), cloud),
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


def _retention(environment: Mapping[str, str]) -> Retention:
    named = {what: (name, environment.get(name)) for what, name in _KEEP.items()}
    return Retention(**{what: _kept(name, text) for what, (name, text) in named.items() if text})


def _kept(name: str, text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise SettingInvalid(name=name, value=text, expected="a whole number, from 1 to 9999")
    return int(text)


def _without_user(url: str) -> str:
    """The address as it may be shown: what stands before the last @, or after a ?, may be a secret."""
    return re.sub(r"\A(https?://)?.*@", r"\1…@", url, flags=re.DOTALL).partition("?")[0]


def _door(environment: Mapping[str, str]) -> DoorSettings:
    default = DoorSettings()
    metrics = environment.get(METRICS_PORT)
    return DoorSettings(
        host=environment.get("ARCADIA_HOST") or default.host,
        port=_port(_PORT, environment.get(_PORT) or str(default.port)),
        rate=_rate(environment.get(_RATE, "")),
        origins=_origins(environment.get(_ORIGINS, "")),
        drain=_drain(environment.get(_DRAIN) or "0"),
        metrics_port=_port(METRICS_PORT, metrics) if metrics else None,
    )


def _clock(text: str, cloud: CloudSettings | None) -> datetime | None:
    """A made-up time never meets a real account: what is recorded of it would be wrong for good."""
    if not text:
        return None
    if cloud is not None:
        expected = f"a time is set for the local DigitalOcean of serve only, without {DO_TOKEN} and {DO_URL}"
        raise SettingInvalid(name=_CLOCK, value=text, expected=expected)
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        expected = "an instant has a date, a time and a zone, as in 2026-05-20T00:00:00Z"
        raise SettingInvalid(name=_CLOCK, value=text, expected=expected) from None


def _port(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise SettingInvalid(name=name, value=text, expected="a port is a number from 0 to 65535")
    return int(text)


def _drain(text: str) -> timedelta:
    if not re.fullmatch("[0-9]{1,3}", text):
        raise SettingInvalid(name=_DRAIN, value=text, expected="whole seconds, from 0 to 999")
    return timedelta(seconds=int(text))


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
