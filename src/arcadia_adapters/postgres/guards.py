"""What no role may change, the owner included: issued invoices and published plan versions.

Owns the statement-level triggers (data_model rule 9; SPEC 3 and 9) and bringing a database to
exactly these. Row-level triggers would cost twice as much on the COPY path. Each guard looks for
what it allows and refuses the rest, so that a role which sees no row is refused, not let through.
Does not own who may write at all (`walls`).

Whoever issues an invoice (or publishes a version) must first take its row FOR UPDATE: a line
that is being written beside it then waits, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

INVOICE_FROZEN: Final = "invoice_frozen"
PLAN_VERSION_FROZEN: Final = "plan_version_frozen"


@dataclass(frozen=True, slots=True)
class Life:
    """The life of a table's rows: drafts are free, then only moves, each with its own columns.

    `parts` are the tables that belong to a row and are free while it is a draft; `part_key`
    pairs their columns with the key of the row.
    """

    table: str
    constraint: str
    key: tuple[str, ...]
    moves: Mapping[tuple[str, str], tuple[str, ...]]
    parts: tuple[str, ...]
    part_key: tuple[str, ...]


LIVES: Final = (
    Life(
        table="tenant_invoices",
        constraint=INVOICE_FROZEN,
        key=("tenant_id", "id"),
        moves={
            ("draft", "issued"): ("number", "issuer_id", "issued_at", "due_on"),
            ("issued", "paid"): ("paid_at",),
            ("draft", "void"): ("void_reason",),
            ("issued", "void"): ("void_reason",),
        },
        parts=("tenant_invoice_lines", "invoice_inputs", "billed_usage"),
        part_key=("tenant_id", "invoice_id"),
    ),
    Life(
        table="plan_versions",
        constraint=PLAN_VERSION_FROZEN,
        key=("id",),
        moves={("draft", "active"): ("published_at",), ("active", "retired"): ("retired_at",)},
        parts=("plan_items",),
        part_key=("version_id",),
    ),
)

# event -> the rows it touched; an UPDATE has what they became beside it
_TRANSITIONS: Final = {
    "insert": "AFTER INSERT ON public.{} REFERENCING NEW TABLE AS touched",
    "update": "AFTER UPDATE ON public.{} REFERENCING OLD TABLE AS touched NEW TABLE AS became",
    "delete": "AFTER DELETE ON public.{} REFERENCING OLD TABLE AS touched",
    "truncate": "BEFORE TRUNCATE ON public.{}",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger, with its definition as Postgres prints it."""

    table: str
    name: str
    definition: str
    enabled: bool = True


def guarded_tables() -> tuple[str, ...]:
    return tuple(table for life in LIVES for table in (life.table, *life.parts))


def defined_triggers() -> frozenset[Trigger]:
    return frozenset(trigger for life in LIVES for trigger in _triggers(life))


def _triggers(life: Life) -> Iterator[Trigger]:
    for table in (life.table, *life.parts):
        function = _rows_function(life) if table == life.table else _parts_function(life)
        for event, clause in _TRANSITIONS.items():
            name = f"guard_{event}"
            definition = (
                f"CREATE TRIGGER {name} {clause.format(table)}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
            yield Trigger(table, name, definition)


def _rows_function(life: Life) -> str:
    return f"guard_{life.table}"


def _parts_function(life: Life) -> str:
    return f"guard_parts_of_{life.table}"


def defined_functions() -> dict[str, str]:
    """Each trigger function's name, with its body."""
    bodies = {}
    for life in LIVES:
        bodies[_rows_function(life)] = _rows_body(life)
        bodies[_parts_function(life)] = _parts_body(life)
    return bodies


def _rows_body(life: Life) -> str:
    allowed = "\n        OR ".join(_moves(life))
    return f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF EXISTS (
      SELECT FROM touched o LEFT JOIN became n USING ({", ".join(life.key)})
      WHERE (
        {allowed}
      ) IS NOT TRUE
    ) THEN
      {_refuse(life, "only drafts change; what is no draft only moves on")}
    END IF;
  ELSIF TG_OP = 'TRUNCATE' THEN
    {_refuse(life, "no TRUNCATE")}
  ELSIF EXISTS (SELECT FROM touched WHERE status <> 'draft') THEN
    {_refuse(life, "rows begin as drafts, and only drafts are deleted")}
  END IF;
  RETURN NULL;
END
"""


def _moves(life: Life) -> Iterator[str]:
    yield "o.status = 'draft' AND n.status = 'draft'"
    for (before, after), columns in life.moves.items():
        # All columns but these are compared, so that one added later is frozen from its start.
        free = "'{" + ",".join(("status", *columns)) + "}'::text[]"
        yield (
            f"o.status = '{before}' AND n.status = '{after}' AND to_jsonb(o) - {free} = to_jsonb(n) - {free}"
        )


def _parts_body(life: Life) -> str:
    key = ", ".join(life.part_key)
    joined = " AND ".join(
        f"whole.{column} = part.{part}" for column, part in zip(life.key, life.part_key, strict=True)
    )

    def without_a_draft(parts: str) -> str:
        # A scalar subquery is looked up by its key; an anti-join was planned as a scan of all wholes.
        return (
            f"EXISTS (SELECT FROM ({parts}) part WHERE (SELECT whole.status FROM {life.table} whole"
            f" WHERE {joined}) IS DISTINCT FROM 'draft')"
        )

    either = f"SELECT {key} FROM touched UNION SELECT {key} FROM became"
    return f"""
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    {_refuse(life, "no TRUNCATE")}
  ELSIF TG_OP = 'UPDATE' THEN
    IF {without_a_draft(either)} THEN
      {_refuse(life, "only what belongs to a draft changes")}
    END IF;
  ELSIF {without_a_draft(f"SELECT DISTINCT {key} FROM touched")} THEN
    {_refuse(life, "only a draft takes or loses rows")}
  END IF;
  RETURN NULL;
END
"""


def _refuse(life: Life, rule: str) -> str:
    # restrict_violation reaches the caller as an IntegrityError; the constraint says which guard.
    return (
        f"RAISE EXCEPTION USING ERRCODE = 'restrict_violation', CONSTRAINT = '{life.constraint}',"
        f" TABLE = TG_TABLE_NAME, MESSAGE = TG_TABLE_NAME || ': {rule}';"
    )


def differences(connection: sa.Connection) -> list[str]:
    """The statements that would bring this database to the definitions; [] when it is there."""
    defined, standing = defined_triggers(), _standing_triggers(connection)
    bodies, found = defined_functions(), _standing_functions(connection)
    return [
        *(_function(name, body) for name, body in bodies.items() if found.get(name) != body),
        *(f'DROP TRIGGER "{t.name}" ON "{t.table}"' for t in _ordered(standing - defined)),
        *(trigger.definition for trigger in _ordered(defined - standing)),
        *(f"DROP FUNCTION {name}()" for name in sorted(found.keys() - bodies.keys())),
    ]


def apply(connection: sa.Connection) -> list[str]:
    """Bring this database to the definitions, as the owner; returns the statements it ran."""
    statements = differences(connection)
    for statement in statements:
        connection.exec_driver_sql(statement)
    return statements


def _ordered(triggers: frozenset[Trigger]) -> list[Trigger]:
    return sorted(triggers, key=lambda trigger: (trigger.table, trigger.name))


def _function(name: str, body: str) -> str:
    # The path is pinned: a caller's temp table named like ours would answer in its place.
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = pg_catalog, public, pg_temp AS $guard${body}$guard$"
    )


def _standing_triggers(connection: sa.Connection) -> frozenset[Trigger]:
    rows = connection.execute(
        sa.text(
            "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled = 'O'"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
        )
    )
    return frozenset(Trigger(*row) for row in rows)


def _standing_functions(connection: sa.Connection) -> dict[str, str]:
    rows = connection.execute(
        sa.text(
            "SELECT p.proname, CASE WHEN p.proconfig ="
            " ARRAY['search_path=pg_catalog, public, pg_temp'] THEN p.prosrc ELSE '' END AS body"
            " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
            r" AND p.proname LIKE 'guard\_%'"
        )
    )
    return {row.proname: row.body for row in rows}
