"""What a database holds, table by table, for a comparison to the row."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT relispartition ORDER BY 1"
)


def contents(url: str) -> Mapping[str, tuple[int, str]]:
    """How many rows each table has, and a digest of them all. By a role that sees each row."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
        return {table: _digest(connection, table) for table in tables}


def _digest(connection: psycopg.Connection, table: str) -> tuple[int, str]:
    question = sql.SQL(
        "SELECT count(*), md5(coalesce(string_agg(t::text, '\\n' ORDER BY t::text), '')) FROM {} t"
    ).format(sql.Identifier(table))
    row = connection.execute(question).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])
