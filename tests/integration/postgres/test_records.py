"""A page of rows as one parameter: what goes over comes out as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.records import records, table_of_records
from arcadia_adapters.postgres.staging import ColumnType
from arcadia_adapters.postgres.tables.foundation import Document

COLUMNS: dict[str, ColumnType] = {
    "id": sa.Uuid(),
    "name": sa.Text(),
    "at": sa.DateTime(timezone=True),
    "told": Document(),
    "hash": sa.LargeBinary(),
    "yes": sa.Boolean(),
}
READ = sa.text(f"SELECT * FROM {table_of_records('page', COLUMNS)}").columns(
    *(sa.column(name, kind) for name, kind in COLUMNS.items())
)
AT = datetime(2026, 5, 3, 12, 0, 0, 123456, tzinfo=UTC)


def read_back(module_pools: Pools, *rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    with begin(module_pools.operator) as connection:
        found = connection.execute(READ, {"page_rows": records(COLUMNS, rows)})
        return [tuple(row) for row in found]


def test_every_type_comes_out_as_it_went_in(module_pools: Pools) -> None:
    told = {"a": [1, Decimal("0.10000000000000000001"), None, "é\\\"'{}"], "b": {}}
    row = (UUID(int=7), 'it\'s \\ "quoted"\n', AT, told, bytes(range(256)), True)
    assert read_back(module_pools, row) == [row]


def test_none_is_null_in_every_column(module_pools: Pools) -> None:
    assert read_back(module_pools, (None,) * len(COLUMNS)) == [(None,) * len(COLUMNS)]


def test_an_instant_of_another_zone_is_the_same_instant(module_pools: Pools) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    assert read_back(module_pools, (None, None, elsewhere, None, None, None))[0][2] == AT


def test_no_rows_are_no_rows(module_pools: Pools) -> None:
    assert read_back(module_pools) == []


def test_a_row_that_does_not_fit_the_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        records(COLUMNS, [(UUID(int=1),)])
