"""A page of rows as one JSON parameter, which a statement reads as a table.

Owns the form: an array of arrays, columns by their place. Names in every row would have to be written, sent
and looked up. For pages: a temp table costs more to make than a page to write. For what comes by the ten
thousands there is `staged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.documents import encode

_DIALECT: Final = sa.make_url("postgresql+psycopg://").get_dialect()()

Columns = Mapping[str, sa.types.TypeEngine[Any]]


def table_of_records(name: str, columns: Columns) -> str:
    """What stands after FROM: the rows of the parameter `:<name>_rows`, under a name that is ours."""
    read = ", ".join(f"{_read(at, kind)} AS {column}" for at, (column, kind) in enumerate(columns.items()))
    return f"(SELECT {read} FROM jsonb_array_elements(CAST(:{name}_rows AS jsonb)) AS told) AS {name}"


def records(columns: Columns, rows: Iterable[Sequence[object]]) -> str:
    """The parameter. Documents go over with all digits of their numbers; None is null in any column.

    Raises ValueError for a row that does not fit the columns.
    """
    found = list(rows)
    if any(len(row) != len(columns) for row in found):
        raise ValueError("a row is shorter or longer than the columns")
    return encode(found).decode()


def _read(at: int, kind: sa.types.TypeEngine[Any]) -> str:
    """A column of a row. Bytes are base64 in it: JSON has none."""
    if isinstance(kind, sa.JSON):
        return f"nullif(told -> {at}, 'null')"
    if isinstance(kind, sa.LargeBinary):
        return f"decode(told ->> {at}, 'base64')"
    return f"CAST(told ->> {at} AS {kind.compile(_DIALECT)})"
