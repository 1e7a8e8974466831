"""A tenant with an invoice, for the acts that depend on one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.period import month_of
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW


def invoiced(
    store: FakeTransactions,
    month: date,
    *,
    due_on: date,
    status: InvoiceStatus = InvoiceStatus.ISSUED,
    tenant_id: str = "acme",
) -> None:
    """Put an invoice for the month that holds a day into the store."""
    invoice = Invoice(
        id=UUID(int=0xB111),
        tenant_id=tenant_id,
        period=month_of(month),
        currency="AUD",
        lines=(),
        subtotal_cents=100,
        tax_cents=10,
        quote_hash="",
        as_of=NOW,
        status=status,
        due_on=due_on,
    )
    store.state.invoices[invoice.id] = invoice
