"""The whole schema straight from the definitions, without the migrations.

Owns nothing but the order of the acts. A database is brought up by `migrate`; this one exists so
that a test can build both and compare them, object by object.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import command

from arcadia_adapters.postgres import guards, owner_acts, walls
from arcadia_adapters.postgres.migrate import config_on
from arcadia_adapters.postgres.partitions import ensure_partitions
from arcadia_adapters.postgres.tables import metadata


def create_all(connection: sa.Connection, months: tuple[date, date]) -> None:
    """Create every table, the partitions of `months` (first, last), the guards and the walls."""
    metadata.create_all(connection)
    command.stamp(config_on(connection), "head")
    owner_acts.apply(connection)
    ensure_partitions(connection, *months)
    guards.apply(connection)
    walls.apply(connection)
