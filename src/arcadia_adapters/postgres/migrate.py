"""Bringing a database to the definitions, and asking whether it is there.

Owns the order: migrations, what the owner does for others, partitions, guards, walls, the broker's tables,
all in ONE transaction, so that no table is ever seen without its wall. Does not own the roles and the
database itself (`roles`), which need more rights than the owner has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from arcadia_adapters.postgres import broker_schema, guards, owner_acts, walls
from arcadia_adapters.postgres.locks import Lock
from arcadia_adapters.postgres.partitions import ensure_partitions, partition_names
from arcadia_adapters.postgres.pools import engine
from arcadia_adapters.postgres.tables import metadata

_LOCK_TIMEOUT: Final = "5s"

_FOLDER: Final = Path(__file__).with_name("migrations")

# Around the month of the upgrade; what falls outside waits in the DEFAULT partition.
_DAYS_BEFORE: Final = timedelta(days=62)
_DAYS_AFTER: Final = timedelta(days=93)


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions that this code knows: where it brings a database to, and all on the way."""

    head: str
    known: frozenset[str]


def known_revisions() -> Revisions:
    """As the migrations beside this file say."""
    script = ScriptDirectory(str(_FOLDER))
    head = script.get_current_head()
    assert head is not None  # there is at least the first one
    return Revisions(head, frozenset(step.revision for step in script.walk_revisions()))


def upgrade(owner_url: str, months: tuple[date, date] | None = None) -> None:
    """Bring the database behind `owner_url` (libpq, the owner's role) to the definitions.

    `months` are the first and last month to have a partition of their own; by default those
    around the database's own date. May be run again, and by two processes at once.
    """
    with _owner(owner_url) as connection:
        # One upgrade at a time: it waits for another as long as it takes; for a table in use, only briefly.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(Lock.MIGRATION.value)))
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        command.upgrade(config_on(connection), "head")
        owner_acts.apply(connection)
        ensure_partitions(connection, *(months or _months_around(connection)))
        guards.apply(connection)
        walls.apply(connection)
        broker_schema.apply(connection)


def check(owner_url: str) -> list[str]:
    """What the database behind `owner_url` lacks of the definitions, in sentences; [] is well."""
    with _owner(owner_url) as connection:
        return differences(connection)


def differences(connection: sa.Connection) -> list[str]:
    """As `check`, on the owner's connection and in its transaction.

    Covers what `alembic check` sees (tables, columns, keys, indexes) and what it does not: the
    revision, guards, policies and grants. CHECKs and partial predicates are compared in a test.
    """
    head = ScriptDirectory.from_config(config_on(connection)).get_current_head()
    context = MigrationContext.configure(connection, opts=comparison(connection))
    revision = context.get_current_revision()
    return [
        *([] if revision == head else [f"revision {revision} is not the head {head}"]),
        *(f"schema differs: {change}" for change in compare_metadata(context, metadata)),
        *(f"guard differs: {statement}" for statement in guards.differences(connection)),
        *(f"wall differs: {statement}" for statement in walls.differences(connection)),
        *(f"act of the owner differs: {statement}" for statement in owner_acts.differences(connection)),
    ]


def comparison(connection: sa.Connection) -> dict[str, Any]:
    """How alembic compares: types and defaults too, and without the partitions."""
    partitions = partition_names(connection)

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name in partitions)

    return {
        "target_metadata": metadata,
        "compare_type": True,
        "compare_server_default": True,
        "include_name": is_ours,
    }


def _months_around(connection: sa.Connection) -> tuple[date, date]:
    today = connection.execute(sa.text("SELECT (now() AT TIME ZONE 'UTC')::date")).scalar_one()
    return today - _DAYS_BEFORE, today + _DAYS_AFTER


def config_on(connection: sa.Connection) -> Config:
    """Alembic's configuration for its commands to run on this connection, in its transaction."""
    config = Config(attributes={"connection": connection})
    # Config reads % as the start of a variable.
    folder = str(_FOLDER).replace("%", "%%")
    config.set_main_option("script_location", folder)
    return config


@contextmanager
def _owner(url: str) -> Iterator[sa.Connection]:
    owner = engine(url, poolclass=sa.NullPool)
    try:
        with owner.begin() as connection:
            yield connection
    finally:
        owner.dispose()
