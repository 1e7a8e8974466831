"""Settings: what the environment says, read once (SPEC 18). Nobody else reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from arcadia_domain.errors import DomainError

_OWNER = "ARCADIA_DATABASE_OWNER_URL"


class SettingMissing(DomainError):
    code = "setting_missing"
    sentence = "{present} is set, so {missing} must be set as well: each database role has its own address."


@frozen(kw_only=True)
class DatabaseUrls:
    """The addresses of one database for its four roles (libpq URLs). `owner` is needed to migrate only."""

    tenant: str
    operator: str
    gateway: str
    owner: str | None = None


@frozen(kw_only=True)
class Settings:
    """`database` None: the embedded one, in `data_dir` (None: the user's state directory)."""

    database: DatabaseUrls | None = None
    data_dir: Path | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this process. Raises SettingMissing for a database that is named in part."""
    data_dir = environment.get("ARCADIA_DATA_DIR")
    return Settings(
        database=_database(environment),
        data_dir=Path(data_dir).absolute() if data_dir else None,
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
