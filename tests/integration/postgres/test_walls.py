"""Every table has its wall, each role has the rights the spec names, and nothing else stands."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from psycopg import errors

from arcadia_adapters.postgres import migrate, roles, walls
from arcadia_adapters.postgres.pools import Pools, begin, engine
from arcadia_adapters.postgres.tables import deployments, metadata, tenants, usage
from tests.integration.postgres.rows import CASES, id_of, insert_rows, row_of
from tests.integration.servers import MONTHS, Database

T, OTHER = "pilot", "other"
EVERYTHING = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}

# Written out, not read from the definitions: what a tenant may do beyond reading …
KEPT = {"body_sha256", "status", "headers", "response", "expires_at"}
TENANT_WRITES = {
    "tenants": {"INSERT": {"tenant_id", "currency", "country", "terms_days", "shard", "created_at"}},
    "cloud_deployments": {"INSERT": {"*"}, "UPDATE": {"state", "revision"}},
    "cloud_deployment_events": {"INSERT": {"*"}},
    "subscriptions": {
        "INSERT": {"*"},
        "UPDATE": {
            "plan_version_id",
            "status",
            "current_period_start",
            "current_period_end",
            "revision",
        },
    },
    "subscription_changes": {"INSERT": {"*"}, "UPDATE": {"*"}, "DELETE": {"*"}},
    "subscription_addons": {"INSERT": {"*"}, "UPDATE": {"to_day"}},
    "idempotency_keys": {"INSERT": {"*"}, "UPDATE": KEPT},
    "rate_limits": {"INSERT": {"*"}, "UPDATE": {"free_at"}},
}
# … which tables it does not even read …
HIDDEN_FROM_TENANTS = {
    "issuers",
    "number_counters",
    "fx_rates",
    "jobs",
    "job_history",
    "schedule",
    "ingest_keys",
    "billing_runs",
    "billing_run_failures",
    "billing_run_conflicts",
    "billing_run_shards",
    "cloud_accounts",
    "cloud_projects",
    "cloud_resource_events",
    "cloud_invoices",
    "cloud_cost_lines",
    "cost_attributions",
    "resource_meters",
    "sync_runs",
    "sync_scopes",
    "cloud_balance_snapshots",
    "cloud_billing_entries",
}
# … and all that the gateway may do.
GATEWAY_RIGHTS = {
    "ingest_keys": {"SELECT": {"*"}, "INSERT": {"*"}},
    "llm_usage_events": {"INSERT": {"*"}},
    "usage_events": {"INSERT": {"*"}},
    "usage_daily": {"SELECT": {"*"}, "INSERT": {"*"}},
    "usage_deltas": {"SELECT": {"*"}, "INSERT": {"*"}},
    "cloud_deployments": {"SELECT": {"*"}},
    "llm_modes": {"SELECT": {"*"}},
    "tenants": {"SELECT": {"tenant_id", "currency"}},
    "idempotency_keys": {"SELECT": {"*"}, "INSERT": {"*"}, "UPDATE": KEPT},
}


@pytest.fixture
def database(own_database: Database) -> Database:
    """These tests change more than rows."""
    return own_database


def rights_held(connection: sa.Connection, role: str) -> dict[str, dict[str, set[str]]]:
    """table -> privilege -> columns ('*' for the whole table), as Postgres itself answers."""
    held: dict[str, dict[str, set[str]]] = {}
    whole = sa.text("SELECT has_table_privilege(:role, :table, :privilege)")
    single = sa.text("SELECT has_column_privilege(:role, :table, :column, :privilege)")
    for name, table in metadata.tables.items():
        for privilege in sorted(EVERYTHING):
            asked = {"role": role, "table": name, "privilege": privilege}
            if connection.scalar(whole, asked):
                held.setdefault(name, {})[privilege] = {"*"}
            elif privilege in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
                columns = {
                    column.name
                    for column in table.columns
                    if connection.scalar(single, {**asked, "column": column.name})
                }
                if columns:
                    held.setdefault(name, {})[privilege] = columns
    return held


def test_the_tenants_role_reads_and_writes_only_what_is_named(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        held = rights_held(connection, roles.TENANT)
    readable = metadata.tables.keys() - HIDDEN_FROM_TENANTS
    assert held == {name: {"SELECT": {"*"}, **TENANT_WRITES.get(name, {})} for name in readable}


def test_the_gateway_has_the_named_rights_and_no_other(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        held = rights_held(connection, roles.GATEWAY)
    assert held == GATEWAY_RIGHTS


def test_the_operator_reads_and_writes_rows_everywhere_and_no_more(module_pools: Pools) -> None:
    rows = {privilege: {"*"} for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")}
    with begin(module_pools.operator) as connection:
        assert rights_held(connection, roles.OPERATOR) == dict.fromkeys(metadata.tables, rows)


def test_everybody_else_has_no_right_at_all(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        granted = {grant.role for grant in walls.standing_walls(connection).grants}
    assert granted == set(roles.SERVING_ROLES)


def test_every_table_forces_row_level_security_and_has_a_policy(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        unwalled = connection.scalars(
            sa.text(
                "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT"
                " (relrowsecurity AND relforcerowsecurity"
                "  AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"
            )
        ).all()
    assert unwalled == ["alembic_version"]


def test_the_policies_are_those_of_the_data_model(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        standing = walls.standing_walls(connection).policies
    own = "(tenant_id = NULLIF(current_setting('arcadia.tenant'::text, true), ''::text))"
    tenant = {p for p in standing if p.name == "tenant"}
    assert {p.rows for p in tenant if p.table in TENANT_WRITES} == {own}
    assert all(p.written in ("", p.rows) for p in standing)
    operators = {p for p in standing if p.name == "operators"}
    assert {(p.roles, p.rows, p.written) for p in operators} == {
        ((roles.OPERATOR, roles.OWNER), "true", "true")
    }
    assert {p.table for p in operators} == set(metadata.tables)
    assert {p.table for p in standing if p.name == "gateway"} == set(GATEWAY_RIGHTS)


def test_nothing_is_granted_on_a_partition(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        partitions = connection.scalars(
            sa.text("SELECT oid::regclass::text FROM pg_class WHERE relispartition")
        ).all()
        tables = {name for name in partitions if not name.endswith("_pkey") and "_idx" not in name}
        assert {"llm_usage_events_default", "usage_events_2026_04"} <= tables
        for role in roles.SERVING_ROLES:
            for table in tables:
                assert not connection.scalar(
                    sa.text("SELECT has_table_privilege(:r, :t, 'SELECT, INSERT, UPDATE, DELETE')"),
                    {"r": role, "t": table},
                ), (role, table)


def test_a_tenant_changes_the_state_of_its_deployment_but_not_its_slug(pools: Pools) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, T, "tenants", "cloud_deployments")
    table = deployments.cloud_deployments
    with begin(pools.tenant, T) as connection:
        assert connection.execute(table.update().values(state="paused", revision=2)).rowcount == 1
    for column in set(table.columns.keys()) - {"state", "revision"}:
        values = {column: row_of(table.name, OTHER, 2).get(column)}
        refused(pools.tenant, T, table.update().values(values))


def test_a_tenants_row_is_made_by_its_first_deployment_in_its_own_role(pools: Pools) -> None:
    with begin(pools.tenant, T) as connection:
        insert_rows(connection, T, "tenants", "cloud_deployments", "cloud_deployment_events")
        made = connection.execute(sa.select(tenants.tenants)).one()
    assert (made.currency, made.country, made.terms_days) == ("AUD", "AU", 14)
    named = {**row_of("tenants", OTHER), "legal_name": "Somebody Pty Ltd"}
    refused(pools.tenant, OTHER, tenants.tenants.insert().values(named))


def test_the_gateway_stores_usage_of_every_tenant_and_reads_their_deployments(
    pools: Pools,
) -> None:
    with begin(pools.operator) as connection:
        for tenant in (T, OTHER):
            insert_rows(connection, tenant, "tenants", "cloud_deployments")
    written = ("ingest_keys", "llm_usage_events", "usage_events", "usage_daily", "usage_deltas")
    with begin(pools.gateway) as connection:
        seen = connection.scalars(sa.select(deployments.cloud_deployments.c.tenant_id)).all()
        assert sorted(seen) == [OTHER, T]
        for tenant in (T, OTHER):
            insert_rows(connection, tenant, *written)
    with begin(pools.operator) as connection:
        for name in written:
            table = metadata.tables[name]
            assert sorted(connection.scalars(sa.select(table.c.tenant_id))) == [OTHER, T]


def test_the_same_ingest_key_again_is_seen_whoever_sent_it_first(pools: Pools) -> None:
    keys = usage.ingest_keys
    first = row_of("ingest_keys", T)
    again = {**first, "tenant_id": OTHER, "payload_sha256": b"\x01" * 32}
    insert = sa.text(
        "INSERT INTO ingest_keys (source, key, payload_sha256, tenant_id, at)"
        " VALUES (:source, :key, :payload_sha256, :tenant_id, :at)"
        " ON CONFLICT (source, key) DO NOTHING RETURNING key"
    )
    with begin(pools.gateway) as connection:
        assert connection.scalars(insert, first).all() == [first["key"]]
    with begin(pools.gateway) as connection:
        assert connection.scalars(insert, again).all() == []
        kept = connection.execute(sa.select(keys)).one()
    assert (kept.tenant_id, kept.payload_sha256) == (T, first["payload_sha256"])


def test_a_tenant_sees_the_resources_that_are_its_own(pools: Pools) -> None:
    unowned = {**row_of("cloud_resources", "nobody"), "tenant_id": None, "deployment_id": None}
    with begin(pools.operator) as connection:
        for tenant in (T, OTHER):
            insert_rows(connection, tenant)
        connection.execute(metadata.tables["cloud_resources"].insert(), unowned)
    for name in ("cloud_resources", "resource_assignments"):
        with begin(pools.tenant, T) as connection:
            seen = connection.scalars(sa.select(metadata.tables[name].c.tenant_id)).all()
        assert seen == [T]


def test_a_tenant_reads_the_catalogue_and_writes_none_of_it(pools: Pools) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
    for name in ("plans", "plan_versions", "plan_items", "addons", "resource_prices"):
        table = metadata.tables[name]
        with begin(pools.tenant, OTHER) as connection:
            assert len(connection.execute(sa.select(table)).all()) == 1
        refused(pools.tenant, OTHER, table.insert().values(row_of(name, OTHER, 2)))
        refused(pools.tenant, OTHER, table.delete())


def test_a_deployment_of_an_unknown_tenant_is_refused(pools: Pools) -> None:
    with pytest.raises(sa.exc.IntegrityError) as refusal, begin(pools.tenant, T) as connection:
        insert_rows(connection, T, "cloud_deployments")
    assert isinstance(refusal.value.orig, errors.ForeignKeyViolation)


def test_applied_again_nothing_is_to_do(module_database: Database) -> None:
    owner = engine(module_database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        assert walls.apply(connection) == []
    assert migrate.check(module_database.owner_url) == []


@pytest.mark.parametrize(
    "spoiling",
    [
        "CREATE POLICY stray ON tenants USING (true)",
        "ALTER POLICY tenant ON tenants USING (true)",
        "ALTER POLICY tenant ON tenants TO PUBLIC",
        "DROP POLICY operators ON usage_daily",
        "ALTER TABLE tenant_invoices NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE cloud_invoices DISABLE ROW LEVEL SECURITY",
        "GRANT SELECT ON tenants TO PUBLIC",
        "GRANT SELECT ON alembic_version TO arcadia_tenant",
        "GRANT SELECT ON usage_events_2026_04 TO arcadia_tenant",
        "GRANT UPDATE (slug) ON cloud_deployments TO arcadia_tenant",
        "GRANT UPDATE ON cloud_deployments TO arcadia_tenant",
        "GRANT SELECT ON plans TO arcadia_tenant WITH GRANT OPTION",
        "REVOKE INSERT ON cloud_deployments FROM arcadia_tenant",
        "REVOKE UPDATE (state) ON cloud_deployments FROM arcadia_tenant",
    ],
)
def test_what_the_definitions_do_not_say_is_named_and_put_right_by_the_next_upgrade(
    module_database: Database, spoiling: str
) -> None:
    owner = engine(module_database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        before = walls.standing_walls(connection)
        connection.execute(sa.text(spoiling))
    found = migrate.check(module_database.owner_url)
    assert found
    assert all(difference.startswith("wall differs: ") for difference in found)
    migrate.upgrade(module_database.owner_url, MONTHS)
    assert migrate.check(module_database.owner_url) == []
    with owner.begin() as connection:
        assert walls.standing_walls(connection) == before


def test_every_row_maker_makes_a_row_that_the_operator_may_write(pools: Pools) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
        for name in CASES:
            count = sa.select(sa.func.count()).select_from(metadata.tables[name])
            assert connection.scalar(count) == 1, name
        key = connection.scalar(sa.select(deployments.cloud_deployments.c.id))
    assert key == id_of("cloud_deployments", T)


def refused(pool: sa.Engine, tenant: str, statement: sa.Executable) -> None:
    with pytest.raises(sa.exc.DBAPIError) as refusal, begin(pool, tenant) as connection:
        connection.execute(statement)
    assert isinstance(refusal.value.orig, errors.InsufficientPrivilege)
