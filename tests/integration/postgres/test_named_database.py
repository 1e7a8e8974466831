"""A database that somebody else runs: what is said when it is not as it should be, and its roles."""

from __future__ import annotations

import psycopg
import pytest

from arcadia_adapters.postgres import roles
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.ports.unit_of_work import DatabaseUnreachable, DatabaseWithoutSchema
from tests.integration.servers import Database, Server
from tests.world import OLGA


def test_a_database_that_cannot_be_reached_is_said_to_be(database: Database) -> None:
    nowhere = database.operator_url.replace(database.name, "no_such_database")
    with (
        Pools(nowhere, nowhere, nowhere) as pools,
        pytest.raises(DatabaseUnreachable, match="no_such_database"),
        PostgresTransactions(pools).begin(OLGA),
    ):
        raise AssertionError("it was reached")


def test_a_database_without_tables_is_said_to_be(empty_database: Database) -> None:
    urls = (empty_database.tenant_url, empty_database.operator_url, empty_database.gateway_url)
    with (
        Pools(*urls) as pools,
        pytest.raises(DatabaseWithoutSchema),
        PostgresTransactions(pools).begin(OLGA) as work,
    ):
        work.catalog.plans()


def test_migrating_makes_the_serving_roles_where_the_owner_may(bare_server: Server) -> None:
    superuser = bare_server.superuser_url
    address = bare_server.address_of("postgres")
    urls = [address.tenant_url, address.operator_url, address.gateway_url]
    assert sorted(roles.create_missing_roles(superuser, urls)) == sorted(roles.SERVING_ROLES)
    assert roles.create_missing_roles(superuser, urls) == []
    for url in urls:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_owner_that_may_make_no_roles_makes_none(server: Server, database: Database) -> None:
    stranger = database.tenant_url.replace(roles.TENANT, roles.GATEWAY)
    assert roles.create_missing_roles(database.owner_url, [stranger]) == []
