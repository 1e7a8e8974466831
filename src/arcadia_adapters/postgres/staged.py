"""A staged table for the length of a block: an act that stages may run twice in one transaction.

Owns only the end of the temp table's life; making and filling it is `staging`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from arcadia_adapters.postgres.staging import stage

ColumnTypes = Mapping[str, sa.types.TypeEngine[Any]]


@contextmanager
def staged(
    connection: sa.Connection, name: str, columns: ColumnTypes, rows: Iterable[Sequence[object]]
) -> Iterator[sa.TableClause]:
    """The rows in a temp table that is dropped when the block ends. Raises BadStagingName.

    A block that raises leaves it: the transaction is lost then, and the table goes with it.
    """
    table = stage(connection, name, columns, rows)
    yield table
    drop(connection, name)


def drop(connection: sa.Connection, name: str) -> None:
    """Drop a temp table of this transaction, and no other table of that name."""
    connection.exec_driver_sql(f"DROP TABLE pg_temp.{name}")
