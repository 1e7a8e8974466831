"""The second wall (SPEC 16): row-level security and rights, generated from the tables.

Owns the policies and the grants, and bringing a database to exactly these: what the definitions
do not name is dropped. Does not own what each table declares (`tables`), nor the roles (`roles`).
Applied after each upgrade, in its transaction; where nothing differs, no statement is run, so
that an upgrade takes no lock it does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.roles import GATEWAY, OPERATOR, OWNER, TENANT
from arcadia_adapters.postgres.tables import metadata
from arcadia_adapters.postgres.tables.foundation import Wall, rights_of, wall_of

TENANT_SETTING: Final = "arcadia.tenant"

# Alembic's own table, which holds no tenant's row: who serves asks it whether the schema is theirs.
_VERSION: Final = "alembic_version"

_Quote = Callable[[str], str]

_EVERY_ROW: Final = "true"
# Written the way Postgres prints it, so that the catalog can be compared with it as text; printed
# otherwise by some version, the policy would only be made anew at each upgrade.
_OWN_ROWS: Final = f"(tenant_id = NULLIF(current_setting('{TENANT_SETTING}'::text, true), ''::text))"


@dataclass(frozen=True, slots=True, order=True)
class Policy:
    """A permissive policy; where a role may write, what it writes is held to the same rows."""

    table: str
    name: str
    command: str
    roles: tuple[str, ...]
    rows: str
    written: str = ""
    permissive: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A privilege on a relation, or on one column of it ('' means the whole relation)."""

    relation: str
    role: str
    privilege: str
    column: str = ""
    grantable: bool = False


@dataclass(frozen=True, slots=True)
class Walls:
    """All that stands around the tables of a database."""

    forced: frozenset[str]
    policies: frozenset[Policy]
    grants: frozenset[Grant]


def defined_walls() -> Walls:
    """What the definitions ask for."""
    tables = metadata.sorted_tables
    return Walls(
        forced=frozenset(table.name for table in tables),
        policies=frozenset(policy for table in tables for policy in _policies(table)),
        grants=frozenset(
            [Grant(_VERSION, OPERATOR, "SELECT"), *(grant for table in tables for grant in _grants(table))]
        ),
    )


def _policies(table: sa.Table) -> Iterator[Policy]:
    # The owner too: without it its backfills would touch no row and say nothing, and a foreign
    # key would be validated over rows that it cannot see.
    yield _all_rows(table, "operators", (OPERATOR, OWNER))
    if GATEWAY in rights_of(table):
        yield _all_rows(table, "gateway", (GATEWAY,))
    match wall_of(table):
        case Wall.TENANT:
            yield Policy(table.name, "tenant", "ALL", (TENANT,), _OWN_ROWS, _OWN_ROWS)
        case Wall.OPERATORS_AND_OWN:
            yield Policy(table.name, "tenant", "SELECT", (TENANT,), _OWN_ROWS)
        case Wall.SHARED:
            yield Policy(table.name, "tenant", "SELECT", (TENANT,), _EVERY_ROW)
        case Wall.OPERATORS:
            pass


def _all_rows(table: sa.Table, name: str, roles: tuple[str, ...]) -> Policy:
    return Policy(table.name, name, "ALL", roles, _EVERY_ROW, _EVERY_ROW)


def _grants(table: sa.Table) -> Iterator[Grant]:
    for role, rights in rights_of(table).items():
        for right in rights:
            for column in right.columns or ("",):
                yield Grant(table.name, role, right.privilege, column)


def standing_walls(connection: sa.Connection) -> Walls:
    """What stands in this database, in schema public, whoever put it there."""
    return Walls(
        forced=frozenset(connection.scalars(sa.text(_FORCED))),
        policies=frozenset(
            Policy(table, name, command, tuple(roles), rows or "", written or "", permissive)
            for table, name, command, roles, rows, written, permissive in connection.execute(
                sa.text(_POLICIES)
            )
        ),
        grants=frozenset(Grant(*row) for row in connection.execute(sa.text(_GRANTS))),
    )


_FORCED: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND relforcerowsecurity
"""

_POLICIES: Final = """
SELECT c.relname, p.polname,
       CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
                     WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END,
       ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END
             FROM unnest(p.polroles) AS r ORDER BY 1),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
       p.polpermissive
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = 'public'::regnamespace
"""

# What the owner may do with its own table is no grant of ours.
_GRANTS: Final = """
SELECT held.relation, CASE held.grantee WHEN 0 THEN 'PUBLIC'
                      ELSE pg_get_userbyid(held.grantee)::text END,
       held.privilege, held.attribute, held.grantable
FROM (
    SELECT c.relname AS relation, c.relowner, a.grantee, a.privilege_type AS privilege,
           '' AS attribute, a.is_grantable AS grantable
    FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.relname, c.relowner, a.grantee, a.privilege_type, t.attname, a.is_grantable
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'public'::regnamespace
) AS held
WHERE held.grantee <> held.relowner
"""


def differences(connection: sa.Connection) -> list[str]:
    """The statements that would bring this database to the definitions; [] when it is there."""
    defined, standing = defined_walls(), standing_walls(connection)
    quote = connection.dialect.identifier_preparer.quote_identifier
    return [
        *_row_security(defined, standing, quote),
        *_policy_changes(defined, standing, quote),
        *_grant_changes(defined, standing, quote),
    ]


def apply(connection: sa.Connection) -> list[str]:
    """Bring this database to the definitions, as the owner; returns the statements it ran."""
    statements = differences(connection)
    for statement in statements:
        connection.exec_driver_sql(statement)
    return statements


def _row_security(defined: Walls, standing: Walls, quote: _Quote) -> Iterator[str]:
    for table in sorted(defined.forced - standing.forced):
        yield f"ALTER TABLE {quote(table)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"


def _policy_changes(defined: Walls, standing: Walls, quote: _Quote) -> Iterator[str]:
    for policy in sorted(standing.policies - defined.policies):
        yield f"DROP POLICY {quote(policy.name)} ON {quote(policy.table)}"
    for policy in sorted(defined.policies - standing.policies):
        roles = ", ".join(map(quote, policy.roles))
        check = f" WITH CHECK ({policy.written})" if policy.written else ""
        yield (
            f"CREATE POLICY {quote(policy.name)} ON {quote(policy.table)}"
            f" FOR {policy.command} TO {roles} USING ({policy.rows}){check}"
        )


def _grant_changes(defined: Walls, standing: Walls, quote: _Quote) -> Iterator[str]:
    # A role's rights on a table are given again as a whole: to revoke a privilege on a table
    # revokes it on each of its columns too.
    changed = {(grant.relation, grant.role) for grant in defined.grants ^ standing.grants}
    present = {(grant.relation, grant.role) for grant in standing.grants}
    for relation, role in sorted(changed):
        grantee = role if role == "PUBLIC" else quote(role)
        if (relation, role) in present:
            yield f"REVOKE ALL ON {quote(relation)} FROM {grantee}"
        for grant in sorted(defined.grants):
            if (grant.relation, grant.role) == (relation, role):
                columns = f" ({quote(grant.column)})" if grant.column else ""
                yield f"GRANT {grant.privilege}{columns} ON {quote(relation)} TO {grantee}"
