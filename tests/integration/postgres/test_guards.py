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


@pytest.fixture(params=["operator", "owner"])
def writer(
    request: pytest.FixtureRequest, database: Database, pools: Pools
) -> Iterator[sa.Engine]:
    """Either of the two roles that may write invoices, on a database with one draft and parts."""
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
    if request.param == "operator":
        yield pools.operator
        return
    owner = engine(database.owner_url)
    yield owner
    owner.dispose()


def move(writer: sa.Engine, table: sa.Table, *moves: dict[str, Any]) -> None:
    for values in moves:
        with begin(writer) as connection:
            assert connection.execute(sa.update(table).values(values)).rowcount == 1


def refused(writer: sa.Engine, statement: sa.Executable, constraint: str) -> None:
    with pytest.raises(sa.exc.IntegrityError) as refusal, begin(writer) as connection:
        connection.execute(statement)
    assert isinstance(refusal.value.orig, errors.RestrictViolation)
    assert refusal.value.orig.diag.constraint_name == constraint


def test_a_draft_and_its_parts_are_free(writer: sa.Engine) -> None:
    with begin(writer) as connection:
        connection.execute(INVOICE.update().values(subtotal_cents=1, tax_cents=0, total_cents=1))
        for name in PARTS:
            part = metadata.tables[name]
            connection.execute(part.update().values(tenant_id=part.c.tenant_id))
            connection.execute(part.insert(), row_of(name, T, 2))
            assert connection.execute(part.delete()).rowcount == 2
        assert connection.execute(INVOICE.delete()).rowcount == 1


@pytest.mark.parametrize("moves", [[ISSUED], [ISSUED, PAID], [ISSUED, VOID], [VOID]])
def test_the_allowed_moves_pass_and_then_nothing_changes(
    writer: sa.Engine, moves: list[dict[str, Any]]
) -> None:
    move(writer, INVOICE, *moves)
    refused(writer, INVOICE.update().values(quote_hash="ff"), guards.INVOICE_FROZEN)
    refused(writer, INVOICE.update().values(status=INVOICE.c.status), guards.INVOICE_FROZEN)
    refused(writer, INVOICE.delete(), guards.INVOICE_FROZEN)
    for name in PARTS:
        part = metadata.tables[name]
        refused(writer, part.insert().values(row_of(name, T, 2)), guards.INVOICE_FROZEN)
        refused(writer, part.update().values(tenant_id=T), guards.INVOICE_FROZEN)
        refused(writer, part.delete(), guards.INVOICE_FROZEN)


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
    writer: sa.Engine, before: list[dict[str, Any]], move_not_allowed: dict[str, Any]
) -> None:
    move(writer, INVOICE, *before)
    refused(writer, INVOICE.update().values(move_not_allowed), guards.INVOICE_FROZEN)


FREE_OF = {
    "issued": {"status", "number", "issuer_id", "issued_at", "due_on"},
    "paid": {"status", "paid_at"},
    "void": {"status", "void_reason"},
}


@pytest.mark.parametrize(
    ("before", "allowed"), [([], ISSUED), ([ISSUED], PAID), ([], VOID), ([ISSUED], VOID)]
)
def test_a_move_brings_its_own_columns_and_no_other(
    writer: sa.Engine, before: list[dict[str, Any]], allowed: dict[str, Any]
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
    with begin(writer) as connection:
        connection.execute(metadata.tables["issuers"].insert(), row_of("issuers", "other"))
    for column in others.keys() - FREE_OF[allowed["status"]]:
        changed = INVOICE.update().values({**allowed, column: others[column]})
        refused(writer, changed, guards.INVOICE_FROZEN)
    amounts = {"subtotal_cents": 6423, "tax_cents": 641}
    refused(writer, INVOICE.update().values({**allowed, **amounts}), guards.INVOICE_FROZEN)
    move(writer, INVOICE, allowed)


def test_one_frozen_row_in_a_statement_refuses_the_whole_statement(writer: sa.Engine) -> None:
    move(writer, INVOICE, ISSUED)
    draft = row_of("tenant_invoices", T, 2)
    line = {**row_of("tenant_invoice_lines", T, 2), "invoice_id": draft["id"]}
    with begin(writer) as connection:
        connection.execute(INVOICE.insert(), draft)
        connection.execute(metadata.tables["tenant_invoice_lines"].insert(), line)
    refused(writer, INVOICE.update().values(as_of=NOW), guards.INVOICE_FROZEN)
    refused(writer, INVOICE.delete(), guards.INVOICE_FROZEN)
    lines = metadata.tables["tenant_invoice_lines"]
    refused(writer, lines.delete(), guards.INVOICE_FROZEN)


def test_a_line_moves_neither_into_nor_out_of_an_issued_invoice(writer: sa.Engine) -> None:
    move(writer, INVOICE, ISSUED)
    issued, draft = id_of("tenant_invoices", T), id_of("tenant_invoices", T, 2)
    lines = metadata.tables["tenant_invoice_lines"]
    line = {**row_of("tenant_invoice_lines", T, 2), "invoice_id": draft}
    with begin(writer) as connection:
        connection.execute(INVOICE.insert(), row_of("tenant_invoices", T, 2))
        connection.execute(lines.insert(), line)
    of = lines.c.invoice_id
    into = lines.update().where(of == draft).values(invoice_id=issued)
    out = lines.update().where(of == issued).values(invoice_id=draft)
    refused(writer, into, guards.INVOICE_FROZEN)
    refused(writer, out, guards.INVOICE_FROZEN)


def test_an_upsert_does_not_slip_past(writer: sa.Engine) -> None:
    move(writer, INVOICE, ISSUED)
    upsert = sa.text(
        "INSERT INTO tenant_invoice_lines SELECT * FROM tenant_invoice_lines"
        " ON CONFLICT (tenant_id, invoice_id, line_no) DO UPDATE SET amount_cents = 1"
    )
    refused(writer, upsert, guards.INVOICE_FROZEN)


def test_an_invoice_begins_as_a_draft(writer: sa.Engine) -> None:
    row = {**row_of("tenant_invoices", T, 2), **ISSUED}
    refused(writer, INVOICE.insert().values(row), guards.INVOICE_FROZEN)


def test_a_replacement_names_the_void_invoice_it_replaces(writer: sa.Engine) -> None:
    move(writer, INVOICE, ISSUED, VOID)
    again = {
        **row_of("tenant_invoices", T),
        "id": id_of("tenant_invoices", T, 2),
        "generation": 1,
        "replaces_id": id_of("tenant_invoices", T),
    }
    with begin(writer) as connection:
        connection.execute(INVOICE.insert(), again)


def test_a_period_has_one_invoice_that_is_not_void(writer: sa.Engine) -> None:
    again = {**row_of("tenant_invoices", T), "id": id_of("tenant_invoices", T, 2)}
    with pytest.raises(sa.exc.IntegrityError) as refusal, begin(writer) as connection:
        connection.execute(INVOICE.insert(), again)
    assert isinstance(refusal.value.orig, errors.UniqueViolation)
    move(writer, INVOICE, VOID)
    with begin(writer) as connection:
        connection.execute(INVOICE.insert(), again)


@pytest.mark.parametrize("table", guards.guarded_tables())
def test_truncate_is_refused_though_nothing_is_issued(
    database: Database, pools: Pools, table: str
) -> None:
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
    owner = engine(database.owner_url, poolclass=sa.NullPool)
    is_part_of_plan = table in ("plan_versions", "plan_items")
    constraint = guards.PLAN_VERSION_FROZEN if is_part_of_plan else guards.INVOICE_FROZEN
    refused(owner, sa.text(f"TRUNCATE {table} CASCADE"), constraint)


def test_a_temp_table_of_the_same_name_does_not_answer_for_the_invoice(writer: sa.Engine) -> None:
    move(writer, INVOICE, ISSUED)
    with pytest.raises(sa.exc.IntegrityError) as refusal, begin(writer) as connection:
        connection.execute(
            sa.text(
                "CREATE TEMP TABLE tenant_invoices ON COMMIT DROP AS"
                " SELECT tenant_id, id, 'draft'::text AS status FROM public.tenant_invoices"
            )
        )
        connection.execute(sa.text("DELETE FROM tenant_invoice_lines"))
    assert isinstance(refusal.value.orig, errors.RestrictViolation)


def test_a_line_written_beside_the_issue_waits_and_is_refused(pools: Pools) -> None:
    line = metadata.tables["tenant_invoice_lines"].insert()
    with begin(pools.operator) as connection:
        insert_rows(connection, T)
    with begin(pools.operator) as issuing:
        issuing.execute(sa.select(INVOICE.c.id).with_for_update())
        with pytest.raises(sa.exc.OperationalError) as waiting, begin(pools.operator) as writing:
            writing.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            writing.execute(line, row_of("tenant_invoice_lines", T, 2))
        assert isinstance(waiting.value.orig, errors.LockNotAvailable)
        issuing.execute(INVOICE.update().values(ISSUED))
    refused(
        pools.operator, line.values(row_of("tenant_invoice_lines", T, 2)), guards.INVOICE_FROZEN
    )


def test_a_draft_version_and_its_items_are_free(writer: sa.Engine) -> None:
    items = catalog.plan_items
    with begin(writer) as connection:
        connection.execute(VERSION.update().values(base_price_cents=1))
        connection.execute(items.update().values(included_qty=1))
        connection.execute(items.insert(), row_of("plan_items", T, 2))
        assert connection.execute(items.delete()).rowcount == 2
        connection.execute(VERSION.insert(), row_of("plan_versions", T, 2))
        second = VERSION.c.id == id_of("plan_versions", T, 2)
        assert connection.execute(VERSION.delete().where(second)).rowcount == 1


@pytest.mark.parametrize("moves", [[ACTIVE], [ACTIVE, RETIRED]])
def test_a_published_version_and_its_items_never_change(
    writer: sa.Engine, moves: list[dict[str, Any]]
) -> None:
    move(writer, VERSION, *moves)
    items = catalog.plan_items
    for statement in (
        VERSION.update().values(base_price_cents=1),
        VERSION.update().values(published_at=NOW),
        VERSION.update().values(status="draft", published_at=None, retired_at=None),
        VERSION.delete(),
        items.insert().values(row_of("plan_items", T, 2)),
        items.update().values(included_qty=1),
        items.delete(),
    ):
        refused(writer, statement, guards.PLAN_VERSION_FROZEN)


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
    writer: sa.Engine, before: list[dict[str, Any]], values: dict[str, Any]
) -> None:
    move(writer, VERSION, *before)
    refused(writer, VERSION.update().values(values), guards.PLAN_VERSION_FROZEN)


def test_a_version_begins_as_a_draft(writer: sa.Engine) -> None:
    row = {**row_of("plan_versions", T, 2), **ACTIVE}
    refused(writer, VERSION.insert().values(row), guards.PLAN_VERSION_FROZEN)


def test_a_plan_has_one_active_version(writer: sa.Engine) -> None:
    move(writer, VERSION, ACTIVE)
    second = VERSION.c.id == id_of("plan_versions", T, 2)
    with begin(writer) as connection:
        connection.execute(VERSION.insert(), row_of("plan_versions", T, 2))
    with pytest.raises(sa.exc.IntegrityError) as refusal, begin(writer) as connection:
        connection.execute(VERSION.update().where(second).values(ACTIVE))
    assert isinstance(refusal.value.orig, errors.UniqueViolation)
