"""The monthly partitions of what is cut into months: raw usage events and job history.

Owns finding them, and having them made at an upgrade. How one is made, its rows taken over from the DEFAULT
partition, is `owner_acts`'. Owns no rights: nothing is granted on a partition, which is reached through its
parent only.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.owner_acts import partitioned_tables

_WITHOUT_PLACE: Final = sa.text("SELECT months_without_place(:parent, :first, :last)")
_ADD: Final = sa.text("SELECT add_month(:parent, :month)")


def partition_names(connection: sa.Connection) -> frozenset[str]:
    """The partitions there are, which no definition knows of."""
    names = connection.scalars(
        sa.text("SELECT relname FROM pg_class WHERE relispartition AND relnamespace = 'public'::regnamespace")
    )
    return frozenset(names)


def ensure_partitions(connection: sa.Connection, first_month: date, last_month: date) -> None:
    """Make a partition for each month from `first_month` to `last_month`, and the DEFAULT one.

    Any day of a month names it. Run as the owner, in the caller's transaction, after `owner_acts`; what
    exists is left alone. Rows of a month that waited in the DEFAULT partition move to their own.
    """
    existing = partition_names(connection)
    for table in partitioned_tables():
        if f"{table}_default" not in existing:
            connection.execute(sa.text(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT"))
        for month in months_without_place(connection, table, first_month, last_month):
            if first_month.replace(day=1) <= month <= last_month:  # an upgrade does not wait for what waits
                add_month(connection, table, month)


def months_without_place(connection: sa.Connection, table: str, first: date, last: date) -> list[date]:
    """The months of these, and of the rows in the DEFAULT partition, that have no partition; in order."""
    asked = {"parent": table, "first": first.replace(day=1), "last": last.replace(day=1)}
    return list(connection.scalars(_WITHOUT_PLACE, asked))


def add_month(connection: sa.Connection, table: str, month: date) -> bool:
    """Make the partition of a month; False where it is there."""
    return bool(connection.scalar(_ADD, {"parent": table, "month": month}))
