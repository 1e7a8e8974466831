"""The application never connects as a role that owns a table or passes row-level security."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres import roles
from arcadia_adapters.postgres.pools import Pools, begin
from tests.integration.servers import Database, Server

POWERS = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"


def test_no_role_of_ours_has_a_power_over_the_walls(server: Server, module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        found = connection.execute(sa.text(f"SELECT rolname, {POWERS} FROM pg_roles WHERE rolcanlogin"))
        seen = {row[0]: tuple(row[1:]) for row in found}
    # The one that initdb made is for making roles and databases; the application never uses it.
    del seen[server.embedded.superuser]
    assert seen == dict.fromkeys(roles.ROLES, (False, False, False, False, False))


def test_no_role_of_ours_belongs_to_another_role(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        memberships = connection.execute(
            sa.text(
                "SELECT member::regrole, roleid::regrole FROM pg_auth_members"
                " WHERE member::regrole::text LIKE 'arcadia%'"
            )
        ).all()
    assert memberships == []


def test_every_relation_belongs_to_the_owner_alone(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        owners = connection.scalars(
            sa.text(
                "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
            )
        ).all()
        functions = connection.scalars(
            sa.text(
                "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace"
            )
        ).all()
    assert owners == functions == [roles.OWNER]


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_address_connects_as_its_own_role(module_database: Database, role: str) -> None:
    with psycopg.connect(module_database.url_of(role)) as connection:
        assert connection.execute("SELECT session_user, current_user").fetchone() == (role, role)


@pytest.mark.parametrize("role", roles.SERVING_ROLES)
def test_a_serving_role_cannot_become_another(server: Server, module_database: Database, role: str) -> None:
    with psycopg.connect(module_database.url_of(role), autocommit=True) as connection:
        for other in {*roles.ROLES, server.embedded.superuser} - {role}:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SET ROLE {other}")


def test_only_the_roles_that_stage_make_temp_tables(module_database: Database) -> None:
    for role in roles.SERVING_ROLES:
        with psycopg.connect(module_database.url_of(role)) as connection:
            allowed = connection.execute(
                "SELECT has_database_privilege(current_database(), 'TEMPORARY')"
            ).fetchone()
        assert allowed == (role in roles.STAGING_ROLES,), role


def test_a_serving_role_creates_nothing(module_database: Database) -> None:
    for role in roles.SERVING_ROLES:
        with psycopg.connect(module_database.url_of(role), autocommit=True) as connection:
            for statement in ("CREATE TABLE public.mine (x int)", "CREATE SCHEMA mine"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_only_our_roles_enter_the_database(module_pools: Pools) -> None:
    with begin(module_pools.operator) as connection:
        entering = connection.execute(
            sa.text(
                "SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END"
                " FROM pg_database, aclexplode(datacl)"
                " WHERE datname = current_database() AND privilege_type = 'CONNECT'"
            )
        ).scalars()
        assert set(entering) == set(roles.ROLES)


def test_two_at_once_make_the_roles_and_the_database_once(bare_server: Server) -> None:
    url, passwords = bare_server.superuser_url, bare_server.passwords
    with ThreadPoolExecutor(8) as together:
        for made in [together.submit(roles.create_roles, url, passwords) for _ in range(8)]:
            made.result()
        made_new = [together.submit(roles.create_database, url, "shared") for _ in range(8)]
        assert sorted(new.result() for new in made_new) == [False] * 7 + [True]
    for role in roles.ROLES:
        with psycopg.connect(bare_server.address_of("shared").url_of(role)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_a_role_that_was_given_a_power_loses_it_again(bare_server: Server) -> None:
    url = bare_server.superuser_url
    roles.create_roles(url, bare_server.passwords)
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute("ALTER ROLE arcadia_tenant NOLOGIN SUPERUSER BYPASSRLS CREATEROLE")
        roles.create_roles(url, bare_server.passwords)
        found = superuser.execute(
            f"SELECT rolcanlogin, {POWERS} FROM pg_roles WHERE rolname = 'arcadia_tenant'"
        ).fetchone()
    assert found == (True, False, False, False, False, False)


def test_a_new_password_replaces_the_old_one(bare_server: Server) -> None:
    url, passwords = bare_server.superuser_url, bare_server.passwords
    roles.create_roles(url, passwords)
    roles.create_database(url, "renewed")
    roles.create_roles(url, {**passwords, roles.TENANT: "another"})
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(bare_server.address_of("renewed").tenant_url)
    roles.create_roles(url, passwords)
    psycopg.connect(bare_server.address_of("renewed").tenant_url).close()


def test_the_server_never_sees_a_password_in_a_statement(bare_server: Server) -> None:
    with psycopg.connect(bare_server.superuser_url) as superuser:
        roles.create_roles(bare_server.superuser_url, bare_server.passwords)
        kept = superuser.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = ANY(%s)", (list(roles.ROLES),)
        ).fetchall()
    assert len(kept) == 4
    assert all(password.startswith("SCRAM-SHA-256$") for (password,) in kept)


@pytest.mark.parametrize("names", [("arcadia_owner",), (*roles.ROLES, "arcadia_other")])
def test_a_password_too_many_or_too_few_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(roles.UnknownRole):
        roles.create_roles("postgresql://nowhere", dict.fromkeys(names, "x"))
