"""What every table is built from: the one MetaData, the walls, the rights, the column types.

Owns: the naming of constraints, the four kinds of wall and how a table declares its own. Does not
own any table (a file a room, beside this one) nor the SQL of a wall (`walls`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

from arcadia_adapters.postgres.roles import GATEWAY, OPERATOR, TENANT

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Column types (data_model rules 4 to 6). An instant is UTC; a day is a `date` of the UTC calendar.
Text: Final = sa.Text
Uuid: Final = sa.Uuid
Day: Final = sa.Date
Instant: Final = sa.DateTime(timezone=True)
Cents: Final = sa.BigInteger
Quantity: Final = sa.Numeric(20, 6)
Charge: Final = sa.Numeric(20, 8)
Document: Final = postgresql.JSONB


class Wall(enum.Enum):
    """Whose rows a role may see at all, held by row-level security (data_model rule 2)."""

    TENANT = "a tenant sees the rows that carry its own tenant_id"
    OPERATORS = "operators only"
    SHARED = "everybody reads, operators write"
    OPERATORS_AND_OWN = "operators; a tenant reads the rows where tenant_id is its own"


@dataclass(frozen=True, slots=True)
class Right:
    """One privilege on a table, or on the named columns of it."""

    privilege: str
    columns: tuple[str, ...] = ()


SELECT: Final = Right("SELECT")
INSERT: Final = Right("INSERT")
UPDATE: Final = Right("UPDATE")
DELETE: Final = Right("DELETE")


def select_of(*columns: str) -> Right:
    return Right("SELECT", columns)


def insert_of(*columns: str) -> Right:
    return Right("INSERT", columns)


def update_of(*columns: str) -> Right:
    return Right("UPDATE", columns)


Rights = Mapping[str, tuple[Right, ...]]

_OPERATOR_RIGHTS: Final = (SELECT, INSERT, UPDATE, DELETE)


def tenant_table(
    name: str,
    *items: SchemaItem,
    tenant: tuple[Right, ...] = (),
    gateway: tuple[Right, ...] = (),
    **options: Any,
) -> sa.Table:
    """A table whose rows belong to tenants: `tenant_id` is its first column and first key.

    The tenant role reads; `tenant` names what more it may do, `gateway` all the gateway may.
    """
    key = sa.Column("tenant_id", Text, primary_key=True)
    rights = {TENANT: (SELECT, *tenant), GATEWAY: gateway}
    return _table(name, key, *items, wall=Wall.TENANT, rights=rights, **options)


def operators_table(
    name: str,
    *items: SchemaItem,
    gateway: tuple[Right, ...] = (),
    **options: Any,
) -> sa.Table:
    """A table that only operators (and the workers, who are operators) see."""
    return _table(name, *items, wall=Wall.OPERATORS, rights={GATEWAY: gateway}, **options)


def shared_table(name: str, *items: SchemaItem, **options: Any) -> sa.Table:
    """A table that every tenant reads and operators write."""
    return _table(name, *items, wall=Wall.SHARED, rights={TENANT: (SELECT,)}, **options)


def operators_and_own_table(name: str, *items: SchemaItem, **options: Any) -> sa.Table:
    """An operators' table with a nullable `tenant_id`, whose tenant may read its own rows."""
    return _table(name, *items, wall=Wall.OPERATORS_AND_OWN, rights={TENANT: (SELECT,)}, **options)


def _table(name: str, *items: SchemaItem, wall: Wall, rights: Rights, **options: Any) -> sa.Table:
    every = {OPERATOR: _OPERATOR_RIGHTS, **{role: r for role, r in rights.items() if r}}
    table = sa.Table(name, metadata, *items, info={"wall": wall, "rights": every}, **options)
    if "tenant_id" in table.columns:
        # '' is what the setting reads after a commit: no row may ever match it.
        table.append_constraint(sa.CheckConstraint("tenant_id <> ''", name="tenant_id_not_empty"))
    return table


def wall_of(table: sa.Table) -> Wall:
    wall: Wall = table.info["wall"]
    return wall


def rights_of(table: sa.Table) -> Rights:
    rights: Rights = table.info["rights"]
    return rights


def foreign_key(columns: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key in words: `foreign_key("tenant_id deployment_id", "cloud_deployments …")`.

    `target` is the table, then its columns in the same order.
    """
    table, *keys = target.split()
    return sa.ForeignKeyConstraint(columns.split(), [f"{table}.{key}" for key in keys])


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """CHECK that a text column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)
