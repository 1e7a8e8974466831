"""The migrated schema is the defined one, object by object, and keeps the rules of the model."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic import command
from psycopg import errors

from arcadia_adapters.postgres import migrate, schema
from arcadia_adapters.postgres.partitions import ensure_partitions, partition_names
from arcadia_adapters.postgres.pools import Pools, begin, engine
from arcadia_adapters.postgres.tables import metadata, usage
from arcadia_adapters.postgres.tables.foundation import Wall, wall_of
from tests.integration.postgres.rows import DAY, insert_rows, row_of
from tests.integration.servers import MONTHS, Database, Server

# What pg_catalog says of every object of ours, as text without object ids. Index, constraint and
# trigger texts are Postgres's own, so that predicates and CHECKs are compared as it reads them.
CATALOG = {
    "relations": """
        SELECT c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
               pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), c.relacl::text,
               pg_get_userbyid(c.relowner), c.reloptions
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace""",
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity, a.attgenerated, a.attacl::text, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid),
               condeferrable, convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace""",
    "functions": """
        SELECT pg_get_functiondef(oid), proacl::text, pg_get_userbyid(proowner) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "policies": "SELECT to_jsonb(p)::text FROM pg_policies p WHERE schemaname = 'public'",
    "schema": "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'",
}

Catalog = dict[str, set[tuple[object, ...]]]


@pytest.fixture
def database(own_database: Database) -> Database:
    """These tests change more than rows."""
    return own_database


def catalog_of(connection: sa.Connection) -> Catalog:
    """Everything of ours in the database; alembic's own table aside."""
    return {
        kind: {
            tuple(map(str, row))
            for row in connection.execute(sa.text(query))
            if not any("alembic_version" in str(value) for value in row)
        }
        for kind, query in CATALOG.items()
    }


@pytest.fixture
def owner(module_database: Database) -> Iterator[sa.Connection]:
    """The owner on a migrated database; rolled back after the test."""
    with (
        engine(module_database.owner_url, poolclass=sa.NullPool).connect() as connection,
        connection.begin() as transaction,
    ):
        yield connection
        transaction.rollback()


@pytest.fixture
def defined(empty_database: Database) -> Catalog:
    """The catalog of a database made from the definitions, without a migration."""
    with engine(empty_database.owner_url, poolclass=sa.NullPool).begin() as connection:
        schema.create_all(connection, MONTHS)
        return catalog_of(connection)


def test_the_migrated_schema_is_the_defined_one(owner: sa.Connection, defined: Catalog) -> None:
    migrated = catalog_of(owner)
    for kind, objects in defined.items():
        assert migrated[kind] - objects == set(), f"{kind} only in the migrated one"
        assert objects - migrated[kind] == set(), f"{kind} only in the defined one"
        assert objects, f"no {kind} compared"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("ALTER TABLE addons DROP CONSTRAINT ck_addons_qty_positive", "constraints"),
        ("ALTER TABLE addons ALTER qty TYPE numeric(20,5)", "columns"),
        ("ALTER TABLE addons ALTER qty DROP NOT NULL", "columns"),
        ("ALTER TABLE tenants ALTER terms_days SET DEFAULT 30", "columns"),
        ("DROP INDEX uq_plan_versions_active", "indexes"),
        ("DROP TRIGGER guard_insert ON plan_items", "triggers"),
        ("ALTER TABLE plan_items DISABLE TRIGGER guard_insert", "triggers"),
        ("ALTER FUNCTION guard_plan_versions() RESET search_path", "functions"),
        ("DROP POLICY operators ON plans", "policies"),
        ("GRANT UPDATE (name) ON plans TO arcadia_tenant", "columns"),
        ("GRANT UPDATE ON plans TO arcadia_tenant", "relations"),
        ("DROP TABLE usage_events_2026_04", "relations"),
        ("ALTER TABLE usage_daily NO FORCE ROW LEVEL SECURITY", "relations"),
    ],
)
def test_the_comparison_sees_a_difference_of_each_kind(owner: sa.Connection, change: str, kind: str) -> None:
    before = catalog_of(owner)
    owner.execute(sa.text(change))
    assert catalog_of(owner)[kind] != before[kind]


def test_alembic_itself_finds_nothing_to_do(owner: sa.Connection) -> None:
    command.check(migrate.config_on(owner))


def test_the_check_finds_nothing_after_an_upgrade(module_database: Database) -> None:
    assert migrate.check(module_database.owner_url) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("ALTER TABLE addons DROP COLUMN name", "schema differs"),
        ("CREATE TABLE stray (x int)", "schema differs"),
        ("ALTER TABLE addons ALTER qty TYPE numeric(20,5)", "schema differs"),
        ("UPDATE alembic_version SET version_num = 'elsewhere'", "revision elsewhere"),
        ("DROP TRIGGER guard_delete ON billed_usage", "guard differs"),
        ("ALTER TABLE billed_usage DISABLE TRIGGER guard_delete", "guard differs"),
        ("ALTER FUNCTION guard_tenant_invoices() RESET search_path", "guard differs"),
    ],
)
def test_the_check_names_what_is_not_as_defined(owner: sa.Connection, change: str, named: str) -> None:
    owner.execute(sa.text(change))
    assert named in " ".join(migrate.differences(owner))


def test_an_upgrade_puts_spoiled_guards_right(database: Database) -> None:
    owner = engine(database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        before = catalog_of(connection)
        for change in (
            "DROP TRIGGER guard_delete ON billed_usage",
            "ALTER TABLE tenant_invoices DISABLE TRIGGER guard_update",
            "CREATE TRIGGER stray BEFORE TRUNCATE ON plans EXECUTE FUNCTION guard_plan_versions()",
            "ALTER FUNCTION guard_tenant_invoices() RESET search_path",
            "CREATE FUNCTION guard_stray() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        ):
            connection.execute(sa.text(change))
    migrate.upgrade(database.owner_url, MONTHS)
    with owner.begin() as connection:
        assert catalog_of(connection) == before


def test_two_upgrades_at_once_are_one(server: Server, defined: Catalog) -> None:
    with server.database(migrated=False) as fresh, ThreadPoolExecutor(2) as together:
        for done in [together.submit(migrate.upgrade, fresh.owner_url, MONTHS) for _ in range(2)]:
            done.result()
        with engine(fresh.owner_url, poolclass=sa.NullPool).begin() as connection:
            assert catalog_of(connection) == defined


def test_an_upgrade_that_fails_leaves_no_table_without_its_wall(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_connection: sa.Connection) -> list[str]:
        raise RuntimeError("killed before the walls")

    monkeypatch.setattr("arcadia_adapters.postgres.walls.apply", broken)
    with pytest.raises(RuntimeError):
        migrate.upgrade(empty_database.owner_url, MONTHS)
    with engine(empty_database.owner_url, poolclass=sa.NullPool).begin() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_an_upgrade_makes_the_months_around_today(database: Database) -> None:
    migrate.upgrade(database.owner_url)
    with engine(database.owner_url, poolclass=sa.NullPool).begin() as connection:
        now = connection.execute(sa.text("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"))
        assert f"llm_usage_events_{now.scalar_one()}" in partition_names(connection)


def test_rows_that_waited_in_the_default_partition_move_to_their_month(
    database: Database, pools: Pools
) -> None:
    late = {**row_of("usage_events", "pilot"), "occurred_day": date(2025, 12, 31)}
    later = {**row_of("usage_events", "pilot", 2), "occurred_day": date(2026, 1, 1)}
    place = sa.text("SELECT event_id, tableoid::regclass::text FROM usage_events")
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
        connection.execute(usage.usage_events.insert(), [late, later])
    with engine(database.owner_url, poolclass=sa.NullPool).begin() as connection:
        before: dict[str, str] = dict(connection.execute(place).all())
        ensure_partitions(connection, date(2025, 12, 15), date(2025, 12, 15))
        after: dict[str, str] = dict(connection.execute(place).all())
    assert set(before.values()) == {"usage_events_default"}
    assert after == {"e-1": "usage_events_2025_12", "e-2": "usage_events_default"}


def test_months_cut_the_year_without_gap_or_overlap(database: Database, pools: Pools) -> None:
    with engine(database.owner_url, poolclass=sa.NullPool).begin() as connection:
        ensure_partitions(connection, date(2027, 11, 30), date(2028, 3, 1))
    days = [date(2027, 11, 30), date(2027, 12, 31), date(2028, 1, 1), date(2028, 2, 29)]
    rows = [{**row_of("usage_events", "pilot"), "occurred_day": day} for day in days]
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
        connection.execute(usage.usage_events.insert(), rows)
        found = connection.execute(
            sa.text("SELECT tableoid::regclass::text FROM usage_events ORDER BY occurred_day")
        )
        assert found.scalars().all() == [f"usage_events_{day:%Y_%m}" for day in days]


@pytest.mark.parametrize("wrong", [Decimal("NaN"), Decimal("-0.00000001")])
def test_a_charge_is_a_number_and_not_negative(pools: Pools, wrong: Decimal) -> None:
    row = {**row_of("llm_usage_events", "pilot"), "charge": wrong}
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
        with pytest.raises(sa.exc.IntegrityError) as refusal, connection.begin_nested():
            connection.execute(usage.llm_usage_events.insert(), row)
    assert isinstance(refusal.value.orig, errors.CheckViolation)


def test_the_first_source_claims_the_day(pools: Pools) -> None:
    """ADR 0004: the second claim does nothing and reads the first one's source."""
    claim = sa.text(
        "INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source)"
        " VALUES (:tenant_id, :deployment_id, :kind, :day, :source) ON CONFLICT DO NOTHING"
    )
    row = row_of("usage_daily", "pilot")
    with begin(pools.operator) as connection:
        insert_rows(connection, "pilot", "tenants", "cloud_deployments")
        for source in ("metered", "pushed"):
            connection.execute(claim, {**row, "source": source})
        assert connection.scalar(sa.select(usage.usage_daily.c.source)) == "metered"


def test_every_key_of_a_tenants_table_starts_with_the_tenant(owner: sa.Connection) -> None:
    keys = owner.execute(
        sa.text(
            "SELECT conrelid::regclass::text, a.attname FROM pg_constraint k JOIN pg_attribute a"
            " ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] WHERE contype = 'p'"
        )
    )
    first: dict[str, str] = dict(keys.all())
    own = [table.name for table in metadata.tables.values() if wall_of(table) is Wall.TENANT]
    assert {first[table] for table in own} == {"tenant_id"}


def test_every_foreign_key_has_an_index_that_starts_with_its_columns(owner: sa.Connection) -> None:
    without = owner.scalars(
        sa.text(
            "SELECT k.conname FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0"
            " AND k.connamespace = 'public'::regnamespace AND NOT EXISTS ("
            "  SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL"
            "  AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)"
        )
    ).all()
    assert without == []


def test_no_column_is_a_float_or_an_instant_without_zone(owner: sa.Connection) -> None:
    types = {
        column_type
        for _, _, column_type, *_ in (
            row for row in catalog_of(owner)["columns"] if row[0] in metadata.tables
        )
    }
    allowed = {
        "text", "uuid", "date", "timestamp with time zone", "bigint", "integer", "smallint",
        "boolean", "bytea", "json", "jsonb", "numeric(9,6)", "numeric(20,2)", "numeric(20,6)",
        "numeric(20,8)", "numeric(20,10)", "numeric(29,8)", "numeric(29,9)",
    }  # fmt: skip
    assert types == allowed


def test_what_counts_up_has_room_for_more_than_32767(owner: sa.Connection) -> None:
    small = {
        row[:2] for row in catalog_of(owner)["columns"] if row[2] == "smallint" and row[0] in metadata.tables
    }
    assert small == {("tenants", "shard"), ("idempotency_keys", "status")}


def test_a_day_of_a_row_maker_lies_in_a_month_that_has_a_partition() -> None:
    assert MONTHS[0] <= DAY <= MONTHS[1]
