"""The monthly partitions of the raw usage events.

Owns making them, finding them, and taking rows over from the DEFAULT partition. Owns no rights:
nothing is granted on a partition, which is reached through its parent only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables import metadata

_MONTHS_A_YEAR: Final = 12


def partitioned_tables() -> dict[str, str]:
    """Each partitioned table's name, with the day column that cuts it into months."""
    return {
        table.name: key.removeprefix("RANGE (").removesuffix(")")
        for table in metadata.sorted_tables
        if (key := table.dialect_options["postgresql"]["partition_by"])
    }


def partition_names(connection: sa.Connection) -> frozenset[str]:
    """The partitions there are, which no definition knows of."""
    names = connection.scalars(
        sa.text("SELECT relname FROM pg_class WHERE relispartition AND relnamespace = 'public'::regnamespace")
    )
    return frozenset(names)


def ensure_partitions(connection: sa.Connection, first_month: date, last_month: date) -> None:
    """Make a partition for each month from `first_month` to `last_month`, and the DEFAULT one.

    Any day of a month names it. Run as the owner, in the caller's transaction; what exists is
    left alone. Rows of a month that waited in the DEFAULT partition move to their own.
    """
    existing = partition_names(connection)
    for table, day in partitioned_tables().items():
        default = f"{table}_default"
        if default not in existing:
            connection.execute(sa.text(f"CREATE TABLE {default} PARTITION OF {table} DEFAULT"))
        for month in _months(first_month, last_month):
            name = f"{table}_{month:%Y_%m}"
            if name not in existing:
                _add_month(connection, table, day, name, month)


def _add_month(connection: sa.Connection, table: str, day: str, name: str, month: date) -> None:
    # Postgres refuses a partition whose rows stand in the DEFAULT one: fill it, then attach it.
    rows = f"{day} >= '{month}' AND {day} < '{_next(month)}'"
    bounds = f"FROM ('{month}') TO ('{_next(month)}')"
    moved = f"WITH moved AS (DELETE FROM {table}_default WHERE {rows} RETURNING *)"
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"{moved} INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}",
    ):
        connection.execute(sa.text(statement))


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    years, months = divmod(month.month, _MONTHS_A_YEAR)
    return date(month.year + years, months + 1, 1)
