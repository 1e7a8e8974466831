"""The tables in which Postgres serves as the broker: dramatiq-postgres' own, in a schema of ours.

Owns that they are there and who may use them. What is in them are wake-ups, which may be lost; the jobs are
in `jobs`, behind the walls.
"""

from __future__ import annotations

from typing import Final

import psycopg
import sqlalchemy as sa
from dramatiq_postgres import schema

from arcadia_adapters.brokers import POSTGRES_SCHEMA
from arcadia_adapters.postgres.roles import OPERATOR

_RIGHTS: Final = (
    f"GRANT USAGE ON SCHEMA {POSTGRES_SCHEMA} TO {OPERATOR}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {POSTGRES_SCHEMA} TO {OPERATOR}",
)


def apply(connection: sa.Connection) -> None:
    """Make what is missing, in the caller's transaction, as the owner. Safe to run again."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor:
        schema.init(cursor, schema=POSTGRES_SCHEMA)
        for right in _RIGHTS:
            cursor.execute(right)
