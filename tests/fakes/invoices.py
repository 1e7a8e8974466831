"""Invoices in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.identity import Principal
from arcadia_domain.ports.billing import InvoicePlace
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
            invoice.status is InvoiceStatus.ISSUED and invoice.due_on is not None and invoice.due_on < today
            for invoice in self._of(tenant_id)
        )

    def closed_until(self, tenant_id: str) -> date | None:
        ends = (invoice.period.end for invoice in self._of(tenant_id) if invoice.status in _CLOSED)
        return max(ends, default=None)

    def closed_ends(self, tenant_ids: Collection[str]) -> Mapping[str, date]:
        ends = {tenant_id: self.closed_until(tenant_id) for tenant_id in tenant_ids}
        return {tenant_id: end for tenant_id, end in ends.items() if end is not None}

    def page(
        self,
        *,
        after: InvoicePlace | None,
        limit: int,
        tenant_id: str | None = None,
        period_start: date | None = None,
        status: InvoiceStatus | None = None,
    ) -> Sequence[Invoice]:
        found = [
            replace(invoice, inputs=(), billed=())
            for invoice in self._state.invoices.values()
            if sees(self._principal, invoice.tenant_id)
            and (after is None or _place(invoice) < (after.period_start, after.tenant_id, after.id))
            and tenant_id in (None, invoice.tenant_id)
            and period_start in (None, invoice.period.start)
            and status in (None, invoice.status)
        ]
        return sorted(found, key=_place, reverse=True)[:limit]

    def _of(self, tenant_id: str) -> Iterator[Invoice]:
        for invoice in self._state.invoices.values():
            if invoice.tenant_id == tenant_id and sees(self._principal, tenant_id):
                yield invoice


def _place(invoice: Invoice) -> tuple[date, str, UUID]:
    return invoice.period.start, invoice.tenant_id, invoice.id
