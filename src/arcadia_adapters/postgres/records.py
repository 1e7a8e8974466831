"""A page of rows as one JSON parameter, which a statement reads as a table.

Owns the form. For pages: a temp table costs more to make than a page to write. For what comes by the ten
thousands there is `staged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.documents import encode

_DIALECT: Final = sa.make_url("postgresql+psycopg://").get_dialect()()


def table_of_records(name: str, columns: Mapping[str, sa.types.TypeEngine[Any]]) -> str:
    """What stands after FROM: the rows of the parameter `:<name>_rows`, under a name that is ours."""
    typed = ", ".join(f"{column} {kind.compile(_DIALECT)}" for column, kind in columns.items())
    return f"jsonb_to_recordset(CAST(:{name}_rows AS jsonb)) AS {name} ({typed})"


def records(columns: Mapping[str, sa.types.TypeEngine[Any]], rows: Iterable[Sequence[object]]) -> str:
    """The parameter. Documents go over with all digits of their numbers; None is null in any column."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    for name in (name for name, kind in columns.items() if isinstance(kind, sa.LargeBinary)):
        for row in found:
            row[name] = _written(row[name])
    return encode(found).decode()


def _written(value: object) -> object:
    """Bytes as PostgreSQL writes them: JSON has none."""
    return rf"\x{value.hex()}" if isinstance(value, bytes) else value
