"""The four login roles and the rights of a database as a whole.

Owns: the roles' names, making them, making a database for them. Does not own what each role may
do with each table (that stands beside the table, and `walls` applies it). Superuser credentials
come in by argument, are used here only, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, LiteralString, TypeVar

import psycopg
from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from arcadia_adapters.postgres.locks import Lock

OWNER: Final = "arcadia_owner"
TENANT: Final = "arcadia_tenant"
OPERATOR: Final = "arcadia_operator"
GATEWAY: Final = "arcadia_gateway"

ROLES: Final = (OWNER, TENANT, OPERATOR, GATEWAY)
SERVING_ROLES: Final = (TENANT, OPERATOR, GATEWAY)
STAGING_ROLES: Final = (OPERATOR, GATEWAY)

# One cluster-wide act at a time.
_LOCK: Final = Lock.ROLES.value
_ATTEMPTS: Final = 5

_Result = TypeVar("_Result")

# Attributes that no role of ours may have: each would let it step over a wall.
_FORBIDDEN: Final[Mapping[str, LiteralString]] = {
    "rolsuper": "NOSUPERUSER",
    "rolbypassrls": "NOBYPASSRLS",
    "rolcreaterole": "NOCREATEROLE",
    "rolcreatedb": "NOCREATEDB",
    "rolreplication": "NOREPLICATION",
}


class UnknownRole(ValueError):
    """A password was given for a role that is not one of ours, or one of ours has none."""

    code = "unknown_role"

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(f"passwords are needed for exactly {', '.join(ROLES)}; see {sorted(names)}")
        self.names = names


def create_roles(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Make the four login roles, or bring those that exist to the given passwords.

    `superuser_url` is a libpq URL of a role that may create roles; `passwords` has one password
    per role of `ROLES`. May be run again, and by two processes at once. Raises `UnknownRole`.
    """
    if mismatch := frozenset(passwords).symmetric_difference(ROLES):
        raise UnknownRole(mismatch)

    def act(connection: Connection) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            for role in ROLES:
                _create_role(connection, role, passwords[role])

    _retried(superuser_url, act)


def create_missing_roles(owner_url: str, urls: Sequence[str]) -> list[str]:
    """Make the serving roles that these addresses name and the server lacks, with their passwords.

    Only where the owner's role may make roles; else nothing, and granting to a missing role says which. The
    names of those made.
    """
    named = [conninfo_to_dict(url) for url in urls]
    wanted = {
        str(one["user"]): str(one.get("password", "")) for one in named if one.get("user") in SERVING_ROLES
    }

    def act(connection: Connection) -> list[str]:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            may = connection.execute(
                "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
            missing = [role for role in wanted if role not in there] if may and may[0] else []
            for role in missing:
                _create_role(connection, role, wanted[role])
            database = sql.Identifier(connection.info.dbname)
            for role in missing:
                connection.execute(
                    sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role))
                )
                if role in STAGING_ROLES:
                    connection.execute(
                        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, sql.Identifier(role))
                    )
            return missing

    return _retried(owner_url, act)


def _create_role(connection: Connection, role: str, password: str) -> None:
    # The verifier is computed on this side, so that no server log ever shows the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    columns = sql.SQL(", ").join(map(sql.Identifier, _FORBIDDEN))
    found = connection.execute(
        sql.SQL("SELECT {} FROM pg_roles WHERE rolname = %s").format(columns), (role,)
    ).fetchone()
    if found is None:
        act, words = sql.SQL("CREATE ROLE"), list(_FORBIDDEN.values())
    else:
        # Only what differs: naming an attribute needs the right to change it, and a hosted
        # Postgres gives us no superuser.
        act = sql.SQL("ALTER ROLE")
        words = [word for word, has in zip(_FORBIDDEN.values(), found, strict=True) if has]
    parts = [act, sql.Identifier(role), sql.SQL("LOGIN"), *map(sql.SQL, words)]
    connection.execute(sql.SQL(" ").join([*parts, sql.SQL("PASSWORD"), sql.Literal(verifier)]))


def create_database(
    superuser_url: str, name: str, owner: str = OWNER, *, template: str = "template0"
) -> bool:
    """Make a database that `owner` owns and only our roles may enter; True when it is new.

    `template` names a database to copy (a copy keeps its tables and their walls, but not the
    rights of the database as a whole: those are given here again). May be run again.
    """
    database = sql.Identifier(name)

    def create(connection: Connection) -> bool:
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                    database, sql.Identifier(owner), sql.Identifier(template)
                )
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return False
        return True

    def admit(connection: Connection) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            for wording, roles in (
                ("REVOKE ALL ON DATABASE {} FROM PUBLIC", ()),
                ("GRANT CONNECT ON DATABASE {} TO {}", ROLES),
                ("GRANT TEMPORARY ON DATABASE {} TO {}", STAGING_ROLES),
            ):
                names = sql.SQL(", ").join(map(sql.Identifier, roles))
                connection.execute(sql.SQL(wording).format(database, names))

    created = _retried(superuser_url, create)
    _retried(superuser_url, admit)
    _retried(
        superuser_url,
        lambda connection: connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        database=name,
    )
    return created


def rename_database(superuser_url: str, old: str, new: str) -> bool:
    """Give a database that nobody is in another name; False where that name is taken."""
    statement = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        try:
            connection.execute(statement)
        except errors.DuplicateDatabase:
            return False
    return True


def database_exists(superuser_url: str, name: str) -> bool:
    """Whether there is a database of this name, with anything in it or not."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        return found.fetchone() is not None


def drop_database(superuser_url: str, name: str) -> None:
    """Drop a database and whoever is still in it; nothing when there is none."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    _retried(superuser_url, lambda connection: connection.execute(statement))


def _retried(url: str, act: Callable[[Connection], _Result], database: str | None = None) -> _Result:
    """Run `act` on a connection of its own, again when another process changed the same role.

    The advisory lock keeps out those who came through the same database; one who came through
    another is met here, as a duplicate name or as "tuple concurrently updated" (XX000).
    """
    conninfo = make_conninfo(url, dbname=database) if database else url
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                return act(connection)
        except (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError_):
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")
