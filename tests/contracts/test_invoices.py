"""What every Invoices must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.billing import InvoicePlace
from arcadia_domain.ports.unit_of_work import Transactions
from tests.april import APRIL, drafts_of, pilots, written
from tests.contracts.facts import moved
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, seeded

ACME = ANN.tenant_id
MAY = month_of(date(2026, 5, 1))


@pytest.fixture
def store(transactions: Transactions) -> Transactions:
    return seeded(transactions)


@pytest.fixture
def invoice(store: Transactions) -> Invoice:
    """Ann's draft of April; Bob has one too."""
    pilots(store, ACME, BOB.tenant_id)
    mine, _ = written(store)
    return mine


def test_a_tenant_reads_its_own_invoice_and_no_other(store: Transactions, invoice: Invoice) -> None:
    for principal in (ANN, OLGA):
        with store.begin(principal) as work:
            assert work.invoices.get(invoice.id) == invoice
            assert work.invoices.of_period(ACME, APRIL.start) == invoice
    with store.begin(BOB) as work:
        assert work.invoices.get(invoice.id) is None
        assert work.invoices.of_period(ACME, APRIL.start) is None
        assert work.invoices.closed_until(ACME) is None


def test_a_line_keeps_its_number_also_beyond_what_two_bytes_hold(store: Transactions) -> None:
    pilots(store, ACME)
    with store.begin(OLGA) as work:
        (made,) = drafts_of(work)
        whole = replace(made, lines=(*made.lines[:-1], replace(made.lines[-1], line_no=40_000)))
        work.month_end.write([whole], [], period=APRIL, force=False)
    with store.begin(ANN) as work:
        assert work.invoices.get(made.id) == whole


def test_what_is_not_there_is_none(store: Transactions, invoice: Invoice) -> None:
    with store.begin(OLGA) as work:
        assert work.invoices.get(NOBODYS) is None
        assert work.invoices.of_period(ACME, date(2026, 5, 1)) is None
        assert work.invoices.of_period("nobody", APRIL.start) is None
        assert work.invoices.closed_until("nobody") is None
        assert not work.invoices.has_overdue("nobody", date(2026, 6, 1))


@pytest.mark.parametrize(
    ("status", "is_found", "is_closed"),
    [
        (InvoiceStatus.ISSUED, True, True),
        (InvoiceStatus.PAID, True, True),
        (InvoiceStatus.VOID, False, False),
    ],
)
def test_the_invoice_of_a_period_is_the_one_that_is_not_void_and_closes_it_once_issued(
    store: Transactions, invoice: Invoice, status: InvoiceStatus, is_found: bool, is_closed: bool
) -> None:
    with store.begin(ANN) as work:
        assert work.invoices.closed_until(ACME) is None
    moved(store, invoice, status)
    with store.begin(ANN) as work:
        stored = work.invoices.get(invoice.id)
        assert stored is not None
        assert stored.status is status
        assert (stored.number is None) is (status is InvoiceStatus.VOID)
        assert work.invoices.of_period(ACME, APRIL.start) == (stored if is_found else None)
        assert work.invoices.closed_until(ACME) == (date(2026, 5, 1) if is_closed else None)
        assert work.invoices.closed_ends([ACME, "nobody"]) == ({ACME: date(2026, 5, 1)} if is_closed else {})


def test_an_invoice_is_overdue_when_it_is_issued_and_its_due_day_is_past(
    store: Transactions, invoice: Invoice
) -> None:
    due_on = date(2026, 5, 15)
    with store.begin(ANN) as work:
        assert not work.invoices.has_overdue(ACME, date(2027, 1, 1))  # a draft is no debt
    moved(store, invoice, InvoiceStatus.ISSUED, due_on=due_on)
    with store.begin(ANN) as work:
        assert not work.invoices.has_overdue(ACME, due_on)
        assert work.invoices.has_overdue(ACME, date(2026, 5, 16))
    with store.begin(BOB) as work:
        assert not work.invoices.has_overdue(BOB.tenant_id, date(2026, 5, 16))


def test_an_issued_invoice_says_when_it_was_issued_and_when_it_is_due(
    store: Transactions, invoice: Invoice
) -> None:
    due_on = date(2026, 5, 15)
    moved(store, invoice, InvoiceStatus.ISSUED, due_on=due_on)
    with store.begin(ANN) as work:
        issued = work.invoices.get(invoice.id)
    assert issued is not None
    assert (issued.issued_at, issued.due_on) == (NOW, due_on)
    assert (invoice.issued_at, invoice.due_on) == (None, None)


def test_what_is_paid_is_not_overdue(store: Transactions, invoice: Invoice) -> None:
    moved(store, invoice, InvoiceStatus.PAID)
    with store.begin(OLGA) as work:
        assert not work.invoices.has_overdue(ACME, date(2027, 1, 1))


def place(invoice: Invoice) -> InvoicePlace:
    return InvoicePlace(invoice.period.start, invoice.tenant_id, invoice.id)


def listed(invoice: Invoice) -> Invoice:
    """An invoice as a page shows it."""
    return replace(invoice, inputs=(), billed=())


def paged(
    store: Transactions, by: Principal = OLGA, *, after: Invoice | None = None, limit: int = 200, **asked: Any
) -> Sequence[Invoice]:
    with store.begin(by) as work:
        return work.invoices.page(after=None if after is None else place(after), limit=limit, **asked)


def test_a_page_holds_whole_invoices_the_newest_period_first(store: Transactions) -> None:
    pilots(store, ACME, BOB.tenant_id, slugs=("pilot", "second"), addon_codes=["storage_50gb"])
    april = written(store)
    may = written(store, MAY)
    expected = [listed(one) for one in [*may[::-1], *april[::-1]]]
    assert [one.tenant_id for one in expected] == [BOB.tenant_id, ACME] * 2
    assert all(len(one.lines) > 4 for one in expected)
    assert paged(store) == expected
    assert paged(store, limit=3) == expected[:3]
    assert [paged(store, after=one, limit=1) for one in expected] == [[one] for one in expected[1:]] + [[]]


def test_a_page_is_narrowed_by_tenant_period_and_status(store: Transactions) -> None:
    pilots(store, ACME, BOB.tenant_id)
    april = {one.tenant_id: listed(one) for one in written(store)}
    may = {one.tenant_id: listed(one) for one in written(store, MAY)}
    moved(store, april[ACME], InvoiceStatus.VOID)
    void = replace(april[ACME], status=InvoiceStatus.VOID)
    assert paged(store, tenant_id=ACME) == [may[ACME], void]
    assert paged(store, period_start=APRIL.start) == [april[BOB.tenant_id], void]
    assert paged(store, status=InvoiceStatus.VOID) == [void]
    assert paged(store, status=InvoiceStatus.PAID) == []
    assert paged(store, tenant_id=ACME, period_start=APRIL.start, status=InvoiceStatus.DRAFT) == []
    assert paged(store, after=may[ACME], tenant_id=ACME) == [void]


def test_a_page_shows_a_tenant_its_own_invoices_only(store: Transactions, invoice: Invoice) -> None:
    assert paged(store, ANN) == [listed(invoice)]
    assert paged(store, ANN, tenant_id=BOB.tenant_id) == []
