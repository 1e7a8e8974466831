"""Golden 5 whole: 137 invoices back to 2014, discovered and ingested from a provider on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from arcadia_adapters.digitalocean.sample.account import sample_resources
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.cloud.provider_invoices import InvoiceSource, InvoiceState
from arcadia_domain.period import month_of
from tests.clouds.connected import cloud_of
from tests.clouds.running import NOW
from tests.integration.costs.books import Books
from tests.world import OLGA

APRIL = month_of(date(2026, 4, 1))


@pytest.fixture(scope="module")
def books(module_pools: Pools) -> Iterator[Books]:
    """The sample account, and every invoice of it ingested."""
    with cloud_of(content.sample(SandboxClock(at=NOW))) as cloud:
        books = Books(cloud, PostgresTransactions(module_pools))
        books.ingest_all(books.discover())
        yield books


def test_every_invoice_since_2014_is_there_and_adds_up(books: Books) -> None:
    headers = books.headers()
    assert [f"{header.month:%Y-%m}" for header in headers] == [
        invoice.period for invoice in books.cloud.account.invoices
    ]
    assert len(headers) == 137
    for header, invoice in zip(headers, books.cloud.account.invoices, strict=True):
        assert header.invoice.state is InvoiceState.RECONCILED
        assert header.invoice.source is InvoiceSource.DISCOVERY
        assert (header.invoice_uuid, header.invoice.invoice_number) == (invoice.uuid, invoice.number)
        assert header.invoice.amount_cents == header.invoice.stated_cents == invoice.cents
        assert header.lines == len(invoice.rows)


def test_again_nothing_changes(books: Books) -> None:
    before, lines = books.headers(), books.charges()
    found = books.discover()
    assert (found.entries, found.new_entries, found.invoices, found.changed) == (
        len(books.cloud.account.billing_history), 0, 137, 0,
    )  # fmt: skip
    assert found.to_ingest == ()
    assert found.unlisted == ()
    for month in ("2014-12", "2020-07", "2026-04"):
        again = books.ingest(month)
        assert (again.changed, again.problems) == (False, ())
    assert (books.headers(), books.charges()) == (before, lines)


def test_the_lines_come_to_what_was_charged_and_none_of_it_is_lost(books: Books) -> None:
    charged = books.charges()
    assert sum(one.line.amount_cents for one in charged) == sum(
        invoice.cents for invoice in books.cloud.account.invoices
    )
    assert all(one.reason is not None for one in charged)  # no resource of the account has been seen yet


def test_every_row_of_the_history_is_kept_the_equal_ones_too(books: Books) -> None:
    with books.store.begin(OLGA) as work:
        kept = work.statements.entries(ACCOUNT)
    assert len(kept) == len(books.cloud.account.billing_history)
    assert max(entry.ordinal for entry in kept) == 1
    assert sum(entry.amount for entry in kept) == 0


def test_every_line_with_an_id_has_it_from_the_items(books: Books) -> None:
    told = sorted(
        (row.description, row.resource_id or row.resource_uuid)
        for invoice in books.cloud.account.invoices
        for row in invoice.rows
        if row.resource_id or row.resource_uuid
    )
    kept = [(one.line.description, one.line.provider_id) for one in books.charges() if one.line.provider_id]
    assert sorted(kept) == told
    assert len(told) > 1000


def test_the_resources_of_the_account_once_seen_have_their_lines_by_id(books: Books) -> None:
    with books.store.begin(OLGA) as work:
        record_inventory(work, OLGA, account=ACCOUNT, seen=sample_resources(work.new_id, NOW), now=NOW)
    assert books.discover().rematched.changed > 6
    april = books.charges(APRIL)
    assert (len(april), sum(one.line.amount_cents for one in april)) == (33, 8692)
    own = [one for one in april if one.resource is not None]
    assert len(own) == 6
    assert {one.line.provider_id for one in own} == {one.resource.provider_id for one in own if one.resource}
    assert books.ingest("2026-04").matched == 6
