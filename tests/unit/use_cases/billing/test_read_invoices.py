"""read_invoice and list_invoices: a tenant reads its own, operators read all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from arcadia_app.use_cases.billing.read_invoices import InvoiceNotFound, list_invoices, read_invoice
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.identity import Principal
from tests.april import APRIL, pilots, written
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, OLGA


@pytest.fixture
def drafts(shop: FakeTransactions) -> list[Invoice]:
    """Ann's and Bob's of April."""
    pilots(shop, "acme", BOB.tenant_id)
    return written(shop)


def listed(store: FakeTransactions, by: Principal, **asked: Any) -> Sequence[Invoice]:
    with store.begin(by) as work:
        return list_invoices(work, by, after=None, limit=9, **asked)


def test_an_invoice_is_read_whole_by_its_tenant_and_by_operators(
    shop: FakeTransactions, drafts: list[Invoice]
) -> None:
    mine, bobs = drafts
    for by in (ANN, OLGA):
        with shop.begin(by) as work:
            assert read_invoice(work, by, invoice_id=mine.id) == mine
    for by, invoice_id in ((ANN, bobs.id), (OLGA, NOBODYS)):
        with refusal(shop, by, InvoiceNotFound) as work:
            read_invoice(work, by, invoice_id=invoice_id)


def test_a_tenant_lists_its_own_whatever_it_asks_for(shop: FakeTransactions, drafts: list[Invoice]) -> None:
    mine, bobs = (replace(one, inputs=(), billed=()) for one in drafts)
    assert listed(shop, ANN) == listed(shop, ANN, tenant_id=BOB.tenant_id) == [mine]
    assert listed(shop, OLGA) == [bobs, mine]
    assert listed(shop, OLGA, tenant_id="acme") == [mine]


def test_a_list_is_narrowed_by_period_and_status(shop: FakeTransactions, drafts: list[Invoice]) -> None:
    assert [one.tenant_id for one in listed(shop, ANN, period=APRIL, status=InvoiceStatus.DRAFT)] == ["acme"]
    assert listed(shop, ANN, status=InvoiceStatus.PAID) == []
