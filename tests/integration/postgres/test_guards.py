"""Issued invoices and published plan versions never change, whoever asks (SPEC 3 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg import errors

from arcadia_adapters.postgres import guards
from arcadia_adapters.postgres.pools import Pools, begin, engine
from arcadia_adapters.postgres.tables import catalog, invoices, metadata
from tests.integration.postgres.rows import id_of, insert_rows, row_of
from tests.integration.servers import Database

T = "pilot"
NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
PARTS = ("tenant_invoice_lines", "invoice_inputs", "billed_usage")

INVOICE = invoices.tenant_invoices
VERSION = catalog.plan_versions

ISSUED: dict[str, Any] = {
    "status": "issued",
    "issuer_id": id_of("issuers", T),
    "number": "INV-000001",
    "issued_at": NOW,
    "due_on": date(2026, 5, 15),
}
PAID: dict[str, Any] = {"status": "paid", "paid_at": NOW}
VOID: dict[str, Any] = {"status": "void", "void_reason": "wrong plan"}
ACTIVE: dict[str, Any] = {"status": "active", "published_at": NOW}
RETIRED: dict[str, Any] = {"status": "retired", "retired_at": NOW}


@pytest.fixture
def database(own_database: Database) -> Database:
    """These tests change more than rows."""
    return own_database


@pytest.fixture(params=["operator", "owner"])
def writer(
    request: pytest.FixtureRequest, module_database: Database, module_pools: Pools
) -> Iterator[sa.Connection]:
    """Either of the two roles that may write invoices, with one draft and all that belongs to it.

    Everything is rolled back after the test.
    """
    owner = engine(module_database.owner_url, poolclass=sa.NullPool)
    role = owner if request.param == "owner" else module_pools.operator
    with role.connect() as connection, connection.begin() as transaction:
        insert_rows(connection, T)
        yield connection
        transaction.rollback()


def move(writer: sa.Connection, table: sa.Table, *moves: dict[str, Any]) -> None:
    for values in moves:
        assert writer.execute(sa.update(table).values(values)).rowcount == 1


def refused(writer: sa.Connection, statement: sa.Executable, constraint: str = guards.INVOICE_FROZEN) -> None:
    with pytest.raises(sa.exc.IntegrityError) as refusal, writer.begin_nested():
        writer.execute(statement)
    assert isinstance(refusal.value.orig, errors.RestrictViolation)
    assert refusal.value.orig.diag.constraint_name == constraint


def taken(writer: sa.Connection, statement: sa.Executable) -> None:
    """Refused by a unique key."""
    with pytest.raises(sa.exc.IntegrityError) as refusal, writer.begin_nested():
        writer.execute(statement)
    assert isinstance(refusal.value.orig, errors.UniqueViolation)


def test_a_draft_and_its_parts_are_free(writer: sa.Connection) -> None:
    writer.execute(INVOICE.update().values(subtotal_cents=1, tax_cents=0, total_cents=1))
    for name in PARTS:
        part = metadata.tables[name]
        writer.execute(part.update().values(tenant_id=part.c.tenant_id))
        writer.execute(part.insert(), row_of(name, T, 2))
        assert writer.execute(part.delete()).rowcount == 2
    assert writer.execute(INVOICE.delete()).rowcount == 1


@pytest.mark.parametrize("moves", [[ISSUED], [ISSUED, PAID], [ISSUED, VOID], [VOID]])
def test_the_allowed_moves_pass_and_then_nothing_changes(
    writer: sa.Connection, moves: list[dict[str, Any]]
) -> None:
    move(writer, INVOICE, *moves)
    refused(writer, INVOICE.update().values(quote_hash="ff"))
    refused(writer, INVOICE.update().values(status=INVOICE.c.status))
    for name in PARTS:
        part = metadata.tables[name]
        refused(writer, part.insert().values(row_of(name, T, 2)))
        refused(writer, part.update().values(tenant_id=T))
        refused(writer, part.delete())


def test_an_issued_invoice_is_not_deleted_even_when_nothing_belongs_to_it(
    writer: sa.Connection,
) -> None:
    for name in PARTS:
        writer.execute(metadata.tables[name].delete())
    move(writer, INVOICE, ISSUED)
    refused(writer, INVOICE.delete())


def test_the_key_of_an_issued_invoice_does_not_change_either(writer: sa.Connection) -> None:
    for name in PARTS:
        writer.execute(metadata.tables[name].delete())
    move(writer, INVOICE, ISSUED)
    refused(writer, INVOICE.update().values(id=id_of("tenant_invoices", T, 2)))


DRAFT_AGAIN: dict[str, Any] = {
    "status": "draft",
    "number": None,
    "issued_at": None,
    "paid_at": None,
    "void_reason": None,
}
NOT_VOID: dict[str, Any] = {**ISSUED, "void_reason": None}
NOT_PAID: dict[str, Any] = {"status": "issued", "paid_at": None}


@pytest.mark.parametrize(
    ("before", "move_not_allowed"),
    [
        ([], {**ISSUED, **PAID}),
        ([ISSUED], DRAFT_AGAIN),
        ([ISSUED, PAID], NOT_PAID),
        ([ISSUED, PAID], {**VOID, "paid_at": None}),
        ([VOID], DRAFT_AGAIN),
        ([VOID], NOT_VOID),
        ([ISSUED, VOID], {"status": "issued", "void_reason": None}),
    ],
)
def test_no_other_move_passes(
    writer: sa.Connection, before: list[dict[str, Any]], move_not_allowed: dict[str, Any]
) -> None:
    move(writer, INVOICE, *before)
    refused(writer, INVOICE.update().values(move_not_allowed))


FREE_OF = {
    "issued": {"status", "number", "issuer_id", "issued_at", "due_on"},
    "paid": {"status", "paid_at"},
    "void": {"status", "void_reason"},
}


@pytest.mark.parametrize(
    ("before", "allowed"), [([], ISSUED), ([ISSUED], PAID), ([], VOID), ([ISSUED], VOID)]
)
def test_a_move_brings_its_own_columns_and_no_other(
    writer: sa.Connection, before: list[dict[str, Any]], allowed: dict[str, Any]
) -> None:
    move(writer, INVOICE, *before)
    others = {
        "period_start": date(2026, 3, 1),
        "period_end": date(2026, 7, 1),
        "generation": 1,
        "currency": "USD",
        "issuer_id": id_of("issuers", "other"),
        "due_on": date(2027, 1, 1),
        "replaces_id": id_of("tenant_invoices", T),
        "rules_version": 2,
        "quote_hash": "ff",
        "as_of": NOW,
        "created_at": NOW,
    }
    writer.execute(metadata.tables["issuers"].insert(), row_of("issuers", "other"))
    for column in others.keys() - FREE_OF[allowed["status"]]:
        changed = INVOICE.update().values({**allowed, column: others[column]})
        refused(writer, changed)
    amounts = {"subtotal_cents": 6423, "tax_cents": 641}
    refused(writer, INVOICE.update().values({**allowed, **amounts}))
    move(writer, INVOICE, allowed)


def test_one_frozen_row_in_a_statement_refuses_the_whole_statement(writer: sa.Connection) -> None:
    move(writer, INVOICE, ISSUED)
    draft = row_of("tenant_invoices", T, 2)
    line = {**row_of("tenant_invoice_lines", T, 2), "invoice_id": draft["id"]}
    writer.execute(INVOICE.insert(), draft)
    writer.execute(metadata.tables["tenant_invoice_lines"].insert(), line)
    refused(writer, INVOICE.update().values(as_of=NOW))
    lines = metadata.tables["tenant_invoice_lines"]
    refused(writer, lines.delete())


def test_a_line_moves_neither_into_nor_out_of_an_issued_invoice(writer: sa.Connection) -> None:
    move(writer, INVOICE, ISSUED)
    issued, draft = id_of("tenant_invoices", T), id_of("tenant_invoices", T, 2)
    lines = metadata.tables["tenant_invoice_lines"]
    line = {**row_of("tenant_invoice_lines", T, 2), "invoice_id": draft}
    writer.execute(INVOICE.insert(), row_of("tenant_invoices", T, 2))
    writer.execute(lines.insert(), line)
    of = lines.c.invoice_id
    into = lines.update().where(of == draft).values(invoice_id=issued)
    out = lines.update().where(of == issued).values(invoice_id=draft)
    refused(writer, into)
    refused(writer, out)


def test_an_upsert_does_not_slip_past(writer: sa.Connection) -> None:
    move(writer, INVOICE, ISSUED)
    upsert = sa.text(
        "INSERT INTO tenant_invoice_lines SELECT * FROM tenant_invoice_lines"
        " ON CONFLICT (tenant_id, invoice_id, line_no) DO UPDATE SET amount_cents = 1"
    )
    refused(writer, upsert)


def test_an_invoice_begins_as_a_draft(writer: sa.Connection) -> None:
    row = {**row_of("tenant_invoices", T, 2), **ISSUED}
    refused(writer, INVOICE.insert().values(row))


def test_a_replacement_names_the_void_invoice_it_replaces(writer: sa.Connection) -> None:
    move(writer, INVOICE, ISSUED, VOID)
    again = {
        **row_of("tenant_invoices", T),
        "id": id_of("tenant_invoices", T, 2),
        "generation": 1,
        "replaces_id": id_of("tenant_invoices", T),
    }
    writer.execute(INVOICE.insert(), again)


def test_a_period_has_one_invoice_that_is_not_void(writer: sa.Connection) -> None:
    again = {**row_of("tenant_invoices", T), "id": id_of("tenant_invoices", T, 2)}
    taken(writer, INVOICE.insert().values(again))
    move(writer, INVOICE, VOID)
    writer.execute(INVOICE.insert(), again)


@pytest.mark.parametrize("table", guards.guarded_tables())
def test_truncate_is_refused_though_nothing_is_issued(module_database: Database, table: str) -> None:
    of_plan = table in ("plan_versions", "plan_items")
    constraint = guards.PLAN_VERSION_FROZEN if of_plan else guards.INVOICE_FROZEN
    owner = engine(module_database.owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        refused(connection, sa.text(f"TRUNCATE {table} CASCADE"), constraint)


def test_a_temp_table_of_the_same_name_does_not_answer_for_the_invoice(
    writer: sa.Connection,
) -> None:
    move(writer, INVOICE, ISSUED)
    writer.execute(
        sa.text(
            "CREATE TEMP TABLE tenant_invoices ON COMMIT DROP AS"
            " SELECT tenant_id, id, 'draft'::text AS status FROM public.tenant_invoices"
        )
    )
    refused(writer, sa.text("DELETE FROM tenant_invoice_lines"))


def test_a_line_written_beside_the_issue_waits_and_is_refused(pools: Pools) -> None:
    line = metadata.tables["tenant_invoice_lines"].insert()
    values = row_of("tenant_invoice_lines", T, 2)
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
    with begin(pools.operator) as issuing:
        issuing.execute(sa.select(INVOICE.c.id).with_for_update())
        with begin(pools.operator) as writing:
            writing.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError) as waiting, writing.begin_nested():
                writing.execute(line, values)
        assert isinstance(waiting.value.orig, errors.LockNotAvailable)
        issuing.execute(INVOICE.update().values(ISSUED))
    with begin(pools.operator) as connection:
        refused(connection, line.values(values))


def test_a_draft_version_and_its_items_are_free(writer: sa.Connection) -> None:
    items = catalog.plan_items
    writer.execute(VERSION.update().values(base_price_cents=1))
    writer.execute(items.update().values(included_qty=1))
    writer.execute(items.insert(), row_of("plan_items", T, 2))
    assert writer.execute(items.delete()).rowcount == 2
    writer.execute(VERSION.insert(), row_of("plan_versions", T, 2))
    second = VERSION.c.id == id_of("plan_versions", T, 2)
    assert writer.execute(VERSION.delete().where(second)).rowcount == 1


@pytest.mark.parametrize("moves", [[ACTIVE], [ACTIVE, RETIRED]])
def test_a_published_version_and_its_items_never_change(
    writer: sa.Connection, moves: list[dict[str, Any]]
) -> None:
    move(writer, VERSION, *moves)
    items = catalog.plan_items
    for statement in (
        VERSION.update().values(base_price_cents=1),
        VERSION.update().values(published_at=NOW),
        VERSION.update().values(status="draft", published_at=None, retired_at=None),
        items.insert().values(row_of("plan_items", T, 2)),
        items.update().values(included_qty=1),
        items.delete(),
    ):
        refused(writer, statement, guards.PLAN_VERSION_FROZEN)


def test_a_published_version_is_not_deleted_even_without_items(writer: sa.Connection) -> None:
    bare = VERSION.c.id == id_of("plan_versions", T, 2)
    writer.execute(VERSION.insert(), row_of("plan_versions", T, 2))
    writer.execute(VERSION.update().where(bare).values(ACTIVE))
    refused(writer, VERSION.delete().where(bare), guards.PLAN_VERSION_FROZEN)


@pytest.mark.parametrize(
    ("before", "values"),
    [
        ([], {**ACTIVE, **RETIRED}),
        ([], {**ACTIVE, "base_price_cents": 1}),
        ([ACTIVE], {**RETIRED, "base_price_cents": 1}),
        ([ACTIVE, RETIRED], {"status": "active", "retired_at": None}),
    ],
)
def test_a_version_only_moves_from_draft_to_active_to_retired(
    writer: sa.Connection, before: list[dict[str, Any]], values: dict[str, Any]
) -> None:
    move(writer, VERSION, *before)
    refused(writer, VERSION.update().values(values), guards.PLAN_VERSION_FROZEN)


def test_a_version_begins_as_a_draft(writer: sa.Connection) -> None:
    row = {**row_of("plan_versions", T, 2), **ACTIVE}
    refused(writer, VERSION.insert().values(row), guards.PLAN_VERSION_FROZEN)


def test_a_plan_has_one_active_version(writer: sa.Connection) -> None:
    move(writer, VERSION, ACTIVE)
    second = VERSION.c.id == id_of("plan_versions", T, 2)
    writer.execute(VERSION.insert(), row_of("plan_versions", T, 2))
    taken(writer, VERSION.update().where(second).values(ACTIVE))
