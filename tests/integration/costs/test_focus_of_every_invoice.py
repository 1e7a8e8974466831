"""The FOCUS export of 137 invoices back to 2014: BilledCost is what was invoiced, each time (SPEC 10)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.sample.account import sample_resources
from arcadia_adapters.digitalocean.sandbox.billing.history import invoices
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.export_focus import export_focus
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, ingest_invoice
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_app.wire.focus import focus_file
from arcadia_domain.cloud.focus import COLUMNS
from arcadia_domain.period import Period, month_of, parse_month
from arcadia_domain.ports.unit_of_work import Transactions
from tests.unit.domain.cloud.test_focus import ALLOWED, NEVER_NULL
from tests.world import NOW, OLGA, deployed


@pytest.fixture(scope="module")
def store(module_pools: Pools) -> Transactions:
    """Every invoice of the sample account; its droplets change hands in the middle of April 2026."""
    store = PostgresTransactions(module_pools)
    holders = [deployed(store), deployed(store, slug="other")]
    with store.begin(OLGA) as work:
        record_inventory(work, OLGA, account=ACCOUNT, seen=sample_resources(work.new_id, NOW), now=NOW)
        for resource in work.inventory.of_account(ACCOUNT):
            for day, holder in ((3, holders[0]), (17, holders[1])):
                assign_resource(
                    work,
                    OLGA,
                    resource_id=resource.id,
                    deployment_id=holder.id,
                    from_at=datetime(2026, 4, day, tzinfo=UTC),
                    now=NOW,
                )
    for invoice in invoices():
        with store.begin(OLGA) as work:
            ingest_invoice(
                work,
                OLGA,
                lines=invoice_csv.parse(invoice.csv()).lines,
                period=parse_month(invoice.period),
                invoice_uuid=invoice.uuid,
                now=NOW,
            )
    return store


def exported(store: Transactions, period: Period) -> list[dict[str, str]]:
    with store.begin(OLGA) as work, focus_file(export_focus(work, OLGA, period=period)) as file:
        text = file.read().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_billed_cost_is_the_amount_of_each_of_137_invoices(store: Transactions) -> None:
    assert len(invoices()) == 137
    for invoice in invoices():
        rows = exported(store, parse_month(invoice.period))
        assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(invoice.cents) / 100, invoice.period
        assert {row["InvoiceId"] for row in rows} == {invoice.uuid}
        for row in rows:
            assert list(row) == [column.id for column in COLUMNS]
            assert {name for name in NEVER_NULL if not row[name]} == set()
            assert {name for name, words in ALLOWED.items() if row[name] not in words} == set()
            start, end = (datetime.fromisoformat(row[f"ChargePeriod{edge}"]) for edge in ("Start", "End"))
            assert start <= end


def test_the_history_has_every_category_of_charge(store: Transactions) -> None:
    found = {
        row["ChargeCategory"]
        for invoice in invoices()
        for row in exported(store, parse_month(invoice.period))
    }
    assert found == ALLOWED["ChargeCategory"]


def test_a_line_is_split_over_who_held_its_resource_and_the_rest_is_nobodys(store: Transactions) -> None:
    rows = exported(store, parse_month("2026-04"))
    web = [row for row in rows if row["ResourceName"] == "pilot-web-01"]
    assert len(web) == 3
    assert sum(Decimal(row["ConsumedQuantity"]) for row in web) == 720
    assert [row["SubAccountId"] for row in web] == ["acme", "acme", ""]
    assert len({row["Tags"] for row in web}) == 3


def test_a_month_before_the_first_invoice_is_the_header_alone(store: Transactions) -> None:
    first = month_of(datetime(2014, 11, 1).date())
    assert exported(store, first) == []
