"""Tenant B, with the WHERE left out and by a hand-made foreign key, touches nothing of tenant A.

The tables and the keys are enumerated from the database; each needs a case in `rows`. The tests
run with every right given to the tenant's role, so that what holds is the wall and not a right
that happens to be missing (the rights have their own tests, in `test_walls`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg import errors

from arcadia_adapters.postgres.pools import EmptyTenant, Pools, begin, engine
from arcadia_adapters.postgres.roles import TENANT
from arcadia_adapters.postgres.tables import metadata
from arcadia_adapters.postgres.tables.foundation import Wall, wall_of
from tests.integration.postgres.rows import CASES, Row, insert_rows, row_of
from tests.integration.servers import Database, Server

A, B = "tenant-a", "tenant-b"


@pytest.fixture
def database(own_database: Database) -> Database:
    """These tests change more than rows."""
    return own_database


@dataclass(frozen=True, slots=True)
class ForeignKey:
    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@pytest.fixture(scope="module")
def walled(server: Server) -> Iterator[Pools]:
    """Rows of A and B in every table, and every right on every table for the tenant's role."""
    with server.database() as database:
        yield from _walled(database)


def _walled(database: Database) -> Iterator[Pools]:
    owner = engine(database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.text(f"GRANT ALL ON {table.name} TO {TENANT}"))
    with Pools(database.tenant_url, database.operator_url, database.gateway_url) as pools:
        with begin(pools.operator) as connection:
            insert_rows(connection, A)
            insert_rows(connection, B)
        yield pools


def tables_with_tenants(connection: sa.Connection) -> list[str]:
    """Every table of the database with a tenant_id, partitions aside, parents first."""
    found = set(
        connection.scalars(
            sa.text(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
                " AND NOT c.relispartition AND a.attname = 'tenant_id'"
            )
        )
    )
    assert found == {t.name for t in metadata.tables.values() if "tenant_id" in t.columns}
    return [table.name for table in metadata.sorted_tables if table.name in found]


def foreign_keys_of_tenants(connection: sa.Connection) -> list[ForeignKey]:
    """Every foreign key of the database that starts or ends at a table with a tenant_id."""
    tenants = set(tables_with_tenants(connection))
    rows = connection.execute(
        sa.text(
            "SELECT k.conname, c.relname, f.relname,"
            " ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)"
            "  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),"
            " ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)"
            "  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)"
            " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " JOIN pg_class f ON f.oid = k.confrelid"
            " WHERE k.contype = 'f' AND k.conparentid = 0"
            " AND c.relnamespace = 'public'::regnamespace ORDER BY k.conname"
        )
    )
    keys = [ForeignKey(name, a, tuple(ac), b, tuple(bc)) for name, a, b, ac, bc in rows]
    return [key for key in keys if {key.table, key.target} & tenants]


def snapshot(connection: sa.Connection, tables: list[str]) -> dict[str, Sequence[Any]]:
    """A's rows with their physical versions: a mere touch would show."""
    return {
        table: connection.execute(
            sa.text(f"SELECT ctid::text, xmin::text, t.* FROM {table} t WHERE tenant_id = '{A}'")
        ).all()
        for table in tables
    }


@pytest.fixture
def untouched(walled: Pools) -> Iterator[list[str]]:
    """The tables with tenants; whatever the test does, A's rows are the same after it."""
    with begin(walled.operator) as connection:
        tables = tables_with_tenants(connection)
        before = snapshot(connection, tables)
    assert all(before.values()), [table for table, rows in before.items() if not rows]
    yield tables
    with begin(walled.operator) as connection:
        assert snapshot(connection, tables) == before


def test_every_table_has_a_case(walled: Pools) -> None:
    with begin(walled.operator) as connection:
        names = connection.scalars(
            sa.text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition"
                " AND relname <> 'alembic_version'"
            )
        )
        assert set(names) == set(CASES)


def test_without_a_where_b_reads_nothing_of_a(walled: Pools, untouched: list[str]) -> None:
    with begin(walled.tenant, B) as connection:
        for table in untouched:
            seen = connection.scalars(sa.text(f"SELECT tenant_id FROM {table}")).all()
            assert A not in seen, table


def test_b_reads_its_own_rows_in_every_table_of_tenants(walled: Pools) -> None:
    with begin(walled.tenant, B) as connection:
        seen = {
            table
            for table in tables_with_tenants(connection)
            if connection.scalars(sa.text(f"SELECT tenant_id FROM {table}")).all() == [B]
        }
    operators_only = {"ingest_keys", "billing_run_conflicts", "billing_run_failures", "cost_attributions"}
    assert seen == {t for t in CASES if "tenant_id" in row_of(t, B)} - operators_only


def test_without_a_where_b_updates_nothing_of_a(walled: Pools, untouched: list[str]) -> None:
    touched = 0
    for table in untouched:
        with begin(walled.tenant, B) as connection:
            result = connection.execute(sa.text(f"UPDATE {table} SET tenant_id = tenant_id"))
            assert result.rowcount <= 1, table
            touched += result.rowcount
    assert touched > 10  # B's own rows: the statement does work


def test_without_a_where_b_deletes_nothing_of_a(walled: Pools, untouched: list[str]) -> None:
    with walled.tenant.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.text(f"SELECT set_config('arcadia.tenant', '{B}', true)"))
        deleted = sum(_deleted(connection, table) for table in reversed(untouched))
        assert deleted > 10
        transaction.rollback()


def _deleted(connection: sa.Connection, table: str) -> int:
    """How many rows went; none where an operator's row of B still refers to them."""
    with suppress(sa.exc.IntegrityError), connection.begin_nested():
        return connection.execute(sa.text(f"DELETE FROM {table}")).rowcount
    return 0


def test_b_cannot_hand_a_row_to_a(walled: Pools, untouched: list[str]) -> None:
    for table in untouched:
        statement = sa.text(f"UPDATE {table} SET tenant_id = '{A}'")
        if wall_of(metadata.tables[table]) is Wall.TENANT:
            with pytest.raises(sa.exc.DBAPIError) as refusal, begin(walled.tenant, B) as connection:
                connection.execute(statement)
            assert isinstance(refusal.value.orig, errors.InsufficientPrivilege), table
        else:
            with begin(walled.tenant, B) as connection:
                assert connection.execute(statement).rowcount == 0, table


def test_b_cannot_insert_a_row_of_a(walled: Pools, untouched: list[str]) -> None:
    for table in untouched:
        with pytest.raises(sa.exc.DBAPIError) as refusal:
            _insert(walled.tenant, B, table, row_of(table, A, 2))
        assert isinstance(refusal.value.orig, errors.InsufficientPrivilege), table


def test_a_hand_made_foreign_key_to_a_is_refused(walled: Pools, untouched: list[str]) -> None:
    with begin(walled.operator) as connection:
        keys = foreign_keys_of_tenants(connection)
    forged = 0
    for key in keys:
        row = _forged(key)
        if row is None:
            continue
        # With B's own tenant_id: the key holds both columns, so A's parent is not found by
        # anybody, not even by the operator, whom no policy stops.
        with pytest.raises(sa.exc.IntegrityError) as missing:
            _insert(walled.operator, None, key.table, row)
        assert isinstance(missing.value.orig, errors.ForeignKeyViolation), key
        assert missing.value.orig.diag.constraint_name == key.name
        with pytest.raises(sa.exc.DBAPIError) as refusal:
            _insert(walled.tenant, B, key.table, row)
        refusals = (errors.ForeignKeyViolation, errors.InsufficientPrivilege)
        assert isinstance(refusal.value.orig, refusals), key
        # With A's tenant_id the parent is there, and the wall refuses the row.
        with pytest.raises(sa.exc.DBAPIError) as refusal:
            _insert(walled.tenant, B, key.table, {**row, "tenant_id": A})
        assert isinstance(refusal.value.orig, errors.InsufficientPrivilege), key
        forged += 1
    assert forged >= 15


def test_every_foreign_key_to_a_tenants_table_carries_the_tenant(walled: Pools) -> None:
    with begin(walled.operator) as connection:
        keys = foreign_keys_of_tenants(connection)
        own = {
            table
            for table in tables_with_tenants(connection)
            if next(iter(metadata.tables[table].primary_key.columns)).name == "tenant_id"
        }
    to_tenants = [key for key in keys if key.target in own]
    assert len(to_tenants) >= 20
    for key in to_tenants:
        pairs = dict(zip(key.columns, key.target_columns, strict=True))
        assert pairs.get("tenant_id") == "tenant_id", key
    # The others end at what belongs to no tenant, or at a resource or its project, which no tenant writes.
    assert {key.target for key in keys} - own == {
        "addons", "billing_runs", "cloud_invoices", "cloud_projects", "cloud_resources", "issuers",
        "plan_versions",
    }  # fmt: skip


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_tenant_nothing_is_seen(walled: Pools, untouched: list[str], setting: str | None) -> None:
    with walled.tenant.begin() as connection:
        if setting is not None:
            connection.execute(sa.text("SELECT set_config('arcadia.tenant', '', true)"))
        _sees_nothing(connection, untouched)
        for table in untouched:
            assert connection.execute(sa.text(f"DELETE FROM {table}")).rowcount == 0, table


def test_after_the_commit_the_same_connection_sees_nothing(walled: Pools, untouched: list[str]) -> None:
    with walled.tenant.connect() as connection:
        with connection.begin():
            connection.execute(sa.text(f"SELECT set_config('arcadia.tenant', '{B}', true)"))
            seen = connection.scalars(sa.text("SELECT tenant_id FROM cloud_deployments")).all()
            assert seen == [B]
            process = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        with connection.begin():
            assert connection.scalar(sa.text("SELECT pg_backend_pid()")) == process
            _sees_nothing(connection, untouched)


def test_a_transaction_for_the_tenant_named_nothing_is_refused(walled: Pools) -> None:
    with pytest.raises(EmptyTenant), begin(walled.tenant, ""):
        pass


def test_no_row_can_belong_to_the_tenant_named_nothing(walled: Pools) -> None:
    with begin(walled.operator) as connection:
        tables = tables_with_tenants(connection)
    for table in tables:
        with pytest.raises(sa.exc.IntegrityError) as refusal:
            _insert(walled.operator, None, table, {**row_of(table, B, 2), "tenant_id": ""})
        assert isinstance(refusal.value.orig, errors.CheckViolation), table


def test_the_operator_sees_all(walled: Pools, untouched: list[str]) -> None:
    with begin(walled.operator) as connection:
        for table in untouched:
            seen = connection.scalars(sa.text(f"SELECT tenant_id FROM {table}")).all()
            assert sorted(seen) == [A, B], table


def test_a_backfill_of_the_owner_touches_every_row(database: Database, pools: Pools) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, A)
        insert_rows(connection, B)
        tables = tables_with_tenants(connection)
    owner = engine(database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        for table in tables:
            result = connection.execute(sa.text(f"UPDATE {table} SET tenant_id = tenant_id"))
            assert result.rowcount == 2, table


def _sees_nothing(connection: sa.Connection, tables: list[str]) -> None:
    for table in tables:
        seen = connection.execute(sa.text(f"SELECT 1 FROM {table}")).all()
        assert seen == [], table


def _insert(pool: sa.Engine, tenant: str | None, table: str, row: Row) -> None:
    with begin(pool, tenant) as connection:
        connection.execute(metadata.tables[table].insert(), row)


def _forged(key: ForeignKey) -> Row | None:
    """B's row that points at A's parent by hand; None where nothing but the tenant points."""
    pointing = [column for column in key.columns if column != "tenant_id"]
    if not pointing or "tenant_id" not in key.columns:
        return None
    row = row_of(key.table, B, 2)
    parent = row_of(key.target, A)
    for column, target in zip(key.columns, key.target_columns, strict=True):
        if column != "tenant_id":
            row[column] = parent[target]
    assert row["tenant_id"] == B
    assert row != row_of(key.table, B, 2)
    return row
