"""Rows come in by COPY beside the wall, and pass it by INSERT … SELECT (data_model rule 3)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.staging import BadStagingName, ColumnType, columns_of, stage
from arcadia_adapters.postgres.tables import metadata, usage
from arcadia_adapters.postgres.tables.foundation import Document
from tests.integration.postgres.rows import id_of, insert_rows, row_of

ROW = (
    'ünïcode, "quoted"\n',
    uuid.UUID(int=7),
    date(2026, 4, 10),
    datetime(2026, 4, 10, 23, 59, 59, 999999, tzinfo=UTC),
    2**62,
    Decimal("12345678901234.000001"),
    b"\x00\xff",
    True,
    {"a": [1, None]},
)
COLUMNS: dict[str, ColumnType] = {
    "a_text": sa.Text(),
    "a_uuid": sa.Uuid(),
    "a_day": sa.Date(),
    "an_instant": sa.DateTime(timezone=True),
    "cents": sa.BigInteger(),
    "qty": sa.Numeric(20, 6),
    "bytes": sa.LargeBinary(),
    "flag": sa.Boolean(),
    "document": Document(),
}


def test_every_kind_of_value_comes_back_as_it_went(module_pools: Pools) -> None:
    empty = (None,) * len(ROW)
    with begin(module_pools.operator) as connection:
        staged = stage(connection, "temp_values", COLUMNS, [ROW, empty])
        rows = connection.execute(sa.select(*staged.c)).all()
    assert [tuple(row) for row in rows] == [ROW, empty]


def test_the_temp_table_is_gone_after_the_transaction(module_pools: Pools) -> None:
    with module_pools.operator.connect() as connection:
        for _ in range(2):
            with connection.begin():
                stage(connection, "temp_values", COLUMNS, [ROW])
        with connection.begin():
            assert connection.scalar(sa.text("SELECT to_regclass('temp_values')")) is None


def test_staged_rows_pass_the_wall_by_insert_select(database_with_pilot: Pools) -> None:
    names = ("tenant_id", "deployment_id", "kind", "day", "source")
    daily = usage.usage_daily
    deployment = id_of("cloud_deployments", "pilot")
    rows = [("pilot", deployment, "dns_zones", date(2026, 4, d), "metered") for d in range(1, 31)]
    for pool in (database_with_pilot.operator, database_with_pilot.gateway):
        with pool.connect() as connection, connection.begin() as transaction:
            staged = stage(connection, "temp_daily", columns_of(daily, *names), rows)
            connection.execute(daily.insert().from_select(names, sa.select(*staged.c)))
            assert connection.scalar(sa.select(sa.func.count()).select_from(daily)) == 30
            transaction.rollback()


@pytest.fixture
def database_with_pilot(pools: Pools) -> Pools:
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
    return pools


def test_a_document_staged_as_text_keeps_its_bytes(pools: Pools) -> None:
    canonical = '{"b": 1,  "a": 1.0}'
    inputs = metadata.tables["invoice_inputs"]
    row = row_of("invoice_inputs", "pilot", 2)
    columns = {**columns_of(inputs), "inputs": sa.Text()}
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot")
        values = [tuple({**row, "inputs": canonical}[name] for name in columns)]
        staged = stage(connection, "temp_inputs", columns, values)
        chosen = [
            sa.cast(column, inputs.c.inputs.type) if column.name == "inputs" else column
            for column in staged.c
        ]
        connection.execute(inputs.insert().from_select(list(columns), sa.select(*chosen)))
        kept = connection.scalar(sa.text("SELECT inputs::text FROM invoice_inputs WHERE position = 2"))
    assert kept == canonical


def test_a_value_that_the_column_cannot_hold_stops_the_whole_transaction(
    module_pools: Pools,
) -> None:
    columns = {"qty": sa.Numeric(20, 6)}
    with pytest.raises(psycopg.errors.NumericValueOutOfRange), begin(module_pools.operator) as c:
        stage(c, "temp_qty", columns, [(Decimal(1),), (Decimal(10) ** 14,)])


@pytest.mark.parametrize("name", ["tenants", "temp_", "temp_x; DROP", "TEMP_X", "temp_" + "x" * 60])
def test_a_name_that_could_hide_a_real_table_is_refused(module_pools: Pools, name: str) -> None:
    with pytest.raises(BadStagingName), begin(module_pools.operator) as connection:
        stage(connection, name, COLUMNS, [])


def test_the_tenants_role_stages_nothing(module_pools: Pools) -> None:
    with pytest.raises(sa.exc.ProgrammingError) as refusal, begin(module_pools.tenant, "a") as c:
        stage(c, "temp_values", COLUMNS, [ROW])
    assert isinstance(refusal.value.orig, psycopg.errors.InsufficientPrivilege)


def test_copy_straight_into_a_walled_table_is_refused_by_postgres(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with pytest.raises(psycopg.errors.FeatureNotSupported), raw.cursor() as cursor:
            cursor.execute("COPY tenants FROM STDIN")
