"""Discovery: the history and the headers of all invoices, kept once, and what is to be ingested then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_app.use_cases.cloud.attribute_line import attribute_line
from arcadia_app.use_cases.cloud.discover_invoices import discover_invoices
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, ingest_invoice
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.cloud.statements import BillingEntry, NotInCents
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import month_of
from arcadia_domain.ports.charges import ChargesAsked
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.state import State
from tests.fakes.transactions import FakeTransactions
from tests.held import recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, headers, ingested, read
from tests.world import ANN, NOW, OLGA

A, B = "0a0a0a0a-0000-4000-8000-00000000000a", "0b0b0b0b-0000-4000-8000-00000000000b"
APRIL = month_of(date(2026, 4, 1))
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
    assert found.add_up == found.invoices == 2
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


def by_hand(store: FakeTransactions, provider: FakeCloudBilling, uuid: str, named: str | None = None) -> UUID:
    """An invoice's CSV, ingested as a file of April's."""
    lines = read(provider.files[uuid]).lines
    with store.begin(OLGA) as work:
        done = ingest_invoice(work, OLGA, lines=lines, period=APRIL, now=NOW, invoice_uuid=named)
    return done.invoice_id


def of_april(store: FakeTransactions) -> dict[str | None, tuple[UUID, int]]:
    of_month = (one for one in headers(store) if one.month == APRIL.start)
    return {one.invoice_uuid: (one.id, one.invoice.amount_cents) for one in of_month}


def two_of_april(*amounts: str) -> tuple[FakeTransactions, FakeCloudBilling]:
    provider = FakeCloudBilling()
    for uuid, amount in zip((A, B), amounts, strict=True):
        provider.bill("2026-04", item(description=f"web-{amount} (s-1vcpu-1gb)", amount=amount), uuid=uuid)
    return FakeTransactions(), provider


def test_of_two_invoices_of_a_month_the_one_of_its_amount_adopts_the_file_and_nothing_counts_twice() -> None:
    store, provider = two_of_april("1.00", "86.92")
    file = by_hand(store, provider, B)
    with store.begin(OLGA) as work:
        [charge] = work.charges.each(ChargesAsked(period=APRIL))
        ruled = attribute_line(
            work, OLGA, line_id=charge.id, tenant_id=None, deployment_id=None, reason="ours", now=NOW
        )
    found = discovered(store, provider)
    assert found.undecided == ()
    for header in found.to_ingest:
        ingested(store, provider, str(header.invoice_uuid))
    assert {uuid: cents for uuid, (_, cents) in of_april(store).items()} == {A: 100, B: 8692}
    assert of_april(store)[B][0] == file
    with store.begin(OLGA) as work:
        charges = list(work.charges.each(ChargesAsked(period=APRIL)))
    assert sum(one.line.amount_cents for one in charges) == 8792
    assert [one.ruling for one in charges if one.line.amount_cents == 8692] == [ruled.ruling]


@pytest.mark.parametrize("amounts", [("1.00", "2.00"), ("6.00", "6.00")])
def test_a_file_that_may_be_any_of_its_month_stays_and_the_others_wait_for_a_word(
    amounts: tuple[str, str],
) -> None:
    store, provider = two_of_april(*amounts)
    hand = FakeCloudBilling()
    hand.bill("2026-04", item(amount="6.00"), uuid=B)
    file = by_hand(store, hand, B)
    for _ in range(2):
        found = discovered(store, provider)
        [undecided] = found.undecided
        assert (undecided.by_hand.id, [one.invoice_uuid for one in undecided.listed]) == (file, [A, B])
        assert found.to_ingest == ()
        assert of_april(store) == {None: (file, 600)}
    assert by_hand(store, hand, B, named=B) == file
    found = discovered(store, provider)
    assert found.undecided == ()
    assert {one.invoice_uuid for one in found.to_ingest} == {A, B}
    assert of_april(store)[B] == (file, 600)


def test_an_invoice_that_is_listed_twice_is_one() -> None:
    store, provider = billed()
    uuid, one = next(iter(provider.listed.items()))
    provider.listed["again"] = replace(one, invoice_uuid=uuid.upper())
    found = discovered(store, provider)
    assert (found.invoices, found.changed, len(headers(store))) == (2, 2, 2)


def test_an_invoice_that_is_listed_twice_with_two_amounts_is_refused() -> None:
    store, provider = billed()
    one = next(iter(provider.listed.values()))
    provider.listed["again"] = replace(one, amount=Decimal("5.99"))
    with pytest.raises(ProviderListingIncomplete, match="twice, and not with the same figures"):
        discovered(store, provider)
    assert headers(store) == []


def test_a_uuid_is_known_in_any_spelling() -> None:
    store, provider = two_of_april("6.00", "7.00")
    by_hand(store, provider, A, named=A.upper())
    provider.listed[A] = replace(provider.listed[A], invoice_uuid=A.upper())
    provider.entries.append(replace(PAID, type="Invoice", invoice_uuid=A.replace("-", "")))
    found = discovered(store, provider)
    assert (found.invoices, found.unlisted, len(headers(store))) == (2, (), 2)


def test_what_the_inventory_learns_later_is_matched_in_the_end() -> None:
    store, provider = billed()
    for header in discovered(store, provider).to_ingest:
        ingested(store, provider, str(header.invoice_uuid))
    recorded(store, resource(account=ACCOUNT))
    assert discovered(store, provider).rematched.changed == 2


def bound(store: FakeTransactions, provider: FakeCloudBilling) -> State:
    """The store once it is known whose account it holds."""
    same_account(store, provider, OLGA, account=ACCOUNT, now=NOW)
    return store.state


def nothing_is_kept(store: FakeTransactions) -> bool:
    with store.begin(OLGA) as work:
        return not headers(store) and not work.statements.entries(ACCOUNT)


@pytest.mark.parametrize("call", ["billing_history", "invoices"])
def test_nothing_is_written_unless_both_lists_are_whole(call: str) -> None:
    store, provider = billed()
    provider.faults[call] = [ProviderListingIncomplete(call="GET", message="cut")]
    before = bound(store, provider)
    with pytest.raises(ProviderListingIncomplete):
        discovered(store, provider)
    assert store.state == before


def test_an_amount_finer_than_a_cent_is_refused_before_anything_is_written() -> None:
    store, provider = billed()
    before = bound(store, provider)
    provider.entries.append(replace(PAID, amount=Decimal("0.001")))
    with pytest.raises(NotInCents):
        discovered(store, provider)
    assert store.state == before


def test_only_operators_discover() -> None:
    store, provider = billed()
    with pytest.raises(OperatorsOnly):
        discover_invoices(store, provider, ANN, now=NOW)
