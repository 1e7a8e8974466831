"""Discovery: the history and the headers of all invoices, kept once, and what is to be ingested then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from arcadia_app.use_cases.cloud.discover_invoices import discover_invoices
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, ingest_invoice
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.cloud.statements import BillingEntry, NotInCents
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import month_of
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.held import recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, headers, ingested, read
from tests.world import ANN, NOW, OLGA

PAID = BillingEntry(
    type="Payment",
    description="Payment (MC 2026)",
    amount=Decimal("-3.00"),
    at=datetime(2026, 5, 2, 8, tzinfo=UTC),
)


def billed() -> tuple[FakeTransactions, FakeCloudBilling]:
    provider = FakeCloudBilling()
    provider.bill("2026-04", item())
    provider.bill("2026-03", item("2026-03"))
    provider.entries = [PAID, PAID, replace(PAID, amount=Decimal("-3.0"), ordinal=0)]
    return FakeTransactions(), provider


def test_what_the_provider_lists_is_there_and_is_to_be_ingested_oldest_first() -> None:
    store, provider = billed()
    found = discovered(store, provider)
    assert (found.entries, found.new_entries, found.invoices, found.changed) == (3, 3, 2, 2)
    assert [f"{one.month:%Y-%m}" for one in found.to_ingest] == ["2026-04", "2026-03"]
    assert [one.invoice.state for one in headers(store)] == [InvoiceState.DISCOVERED] * 2
    with store.begin(OLGA) as work:
        assert [entry.ordinal for entry in work.statements.entries(ACCOUNT)] == [0, 1, 2]


def test_again_nothing_changes_and_what_adds_up_is_not_ingested_again() -> None:
    store, provider = billed()
    for header in discovered(store, provider).to_ingest:
        ingested(store, provider, str(header.invoice_uuid))
    before = headers(store)
    found = discovered(store, provider)
    assert (found.new_entries, found.changed, found.to_ingest, found.rematched.changed) == (0, 0, (), 0)
    assert headers(store) == before


def test_a_row_that_was_said_once_more_is_new_and_one_that_is_gone_stays() -> None:
    store, provider = billed()
    discovered(store, provider)
    provider.entries = [*provider.entries[1:], PAID, PAID]
    assert discovered(store, provider).new_entries == 1
    provider.entries = []
    assert discovered(store, provider).new_entries == 0
    with store.begin(OLGA) as work:
        assert len(work.statements.entries(ACCOUNT)) == 4


def test_an_invoice_of_the_history_that_is_not_listed_is_named() -> None:
    store, provider = billed()
    provider.entries.append(replace(PAID, type="Invoice", invoice_uuid="u-lost"))
    assert discovered(store, provider).unlisted == ("u-lost",)


def test_a_file_ingested_by_hand_is_adopted_and_then_checked() -> None:
    store, provider = billed()
    uuid = next(uuid for uuid, one in provider.listed.items() if one.period.start.month == 4)
    with store.begin(OLGA) as work:
        by_hand = ingest_invoice(
            work,
            OLGA,
            lines=read(provider.files[uuid]).lines,
            period=month_of(date(2026, 4, 1)),
            now=NOW,
        )
    found = discovered(store, provider)
    assert by_hand.invoice_id in {one.id for one in found.to_ingest}
    done = ingested(store, provider, uuid)
    assert (done.invoice_id, done.invoice.state) == (by_hand.invoice_id, InvoiceState.RECONCILED)
    assert len(headers(store)) == 2


def test_what_the_inventory_learns_later_is_matched_in_the_end() -> None:
    store, provider = billed()
    for header in discovered(store, provider).to_ingest:
        ingested(store, provider, str(header.invoice_uuid))
    recorded(store, resource(account=ACCOUNT))
    assert discovered(store, provider).rematched.changed == 2


@pytest.mark.parametrize("call", ["billing_history", "invoices"])
def test_nothing_is_written_unless_both_lists_are_whole(call: str) -> None:
    store, provider = billed()
    provider.faults[call] = [ProviderListingIncomplete(call="GET", message="cut")]
    before = store.state
    with pytest.raises(ProviderListingIncomplete):
        discovered(store, provider)
    assert store.state is before


def test_an_amount_finer_than_a_cent_is_refused_before_anything_is_written() -> None:
    store, provider = billed()
    before = store.state
    provider.entries.append(replace(PAID, amount=Decimal("0.001")))
    with pytest.raises(NotInCents):
        discovered(store, provider)
    assert store.state is before


def test_only_operators_discover() -> None:
    store, provider = billed()
    with pytest.raises(OperatorsOnly):
        discover_invoices(store, provider, ANN, now=NOW)
