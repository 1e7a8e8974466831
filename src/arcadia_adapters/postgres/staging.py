"""Bulk writing: COPY into a temp table, from which INSERT … SELECT goes on (data_model rule 3).

COPY into a table with row-level security is refused, so rows come in beside it. Owns the temp
table and the COPY; does not own what is inserted where. Needs the right to make temp tables,
which the operator and gateway roles have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

# The prefix keeps a staged table from hiding a real one: temp tables are found first.
_NAME: Final = re.compile(r"temp_[a-z0-9_]{1,50}")

ColumnType = sa.types.TypeEngine[Any]


class BadStagingName(ValueError):
    """A temp table is called temp_…, in small letters."""

    code = "bad_staging_name"

    def __init__(self, name: str) -> None:
        super().__init__(f"a staged table is named temp_… in small letters, not {name!r}")
        self.name = name


def columns_of(table: sa.Table, *names: str) -> dict[str, ColumnType]:
    """The types of a table's columns (all, or the named ones, in that order), to stage rows in."""
    return {name: table.columns[name].type for name in names or table.columns.keys()}


def stage(
    connection: sa.Connection,
    name: str,
    columns: Mapping[str, ColumnType],
    rows: Iterable[Sequence[object]],
) -> sa.TableClause:
    """COPY `rows` into a new temp table that lives until this transaction ends.

    Returns the table, for use in an INSERT … SELECT. Values go over in binary: Decimal, datetime,
    date, UUID, bytes, int, str; a JSONB column takes dicts and lists; where a document's own bytes
    matter, stage it as text and cast it in the SELECT. Raises `BadStagingName`.
    """
    if not _NAME.fullmatch(name):
        raise BadStagingName(name)
    types = {column: kind.compile(connection.dialect) for column, kind in columns.items()}
    body = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    connection.exec_driver_sql(f"CREATE TEMP TABLE {name} ({body}) ON COMMIT DROP")
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name))
    with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_base(kind) for kind in types.values()])
        for row in rows:
            copy.write_row(row)
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


def _base(kind: str) -> str:
    """The type's name without its length: COPY states the type, the table holds the length."""
    return re.sub(r"\(.*?\)", "", kind).lower()


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw
