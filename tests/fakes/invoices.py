"""Invoices in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.identity import Principal
from tests.fakes.state import State, sees

_CLOSED = (InvoiceStatus.ISSUED, InvoiceStatus.PAID)


class FakeInvoices:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def get(self, invoice_id: UUID) -> Invoice | None:
        invoice = self._state.invoices.get(invoice_id)
        return invoice if invoice is not None and sees(self._principal, invoice.tenant_id) else None

    def of_period(self, tenant_id: str, period_start: date) -> Invoice | None:
        return next(
            (
                invoice
                for invoice in self._of(tenant_id)
                if invoice.period.start == period_start and invoice.status is not InvoiceStatus.VOID
            ),
            None,
        )

    def has_overdue(self, tenant_id: str, today: date) -> bool:
        return any(
            invoice.status is InvoiceStatus.ISSUED and self._state.due_days[invoice.id] < today
            for invoice in self._of(tenant_id)
        )

    def closed_until(self, tenant_id: str) -> date | None:
        ends = (invoice.period.end for invoice in self._of(tenant_id) if invoice.status in _CLOSED)
        return max(ends, default=None)

    def _of(self, tenant_id: str) -> Iterator[Invoice]:
        for invoice in self._state.invoices.values():
            if invoice.tenant_id == tenant_id and sees(self._principal, tenant_id):
                yield invoice
