"""Read invoices as they stand (SPEC 9)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.billing import InvoicePlace
from arcadia_domain.ports.unit_of_work import Work


class InvoiceNotFound(DomainError):
    code = "invoice_not_found"
    sentence = "There is no invoice {invoice_id}."
    field = "invoice_id"


def read_invoice(work: Work, by: Principal, *, invoice_id: UUID) -> Invoice:
    """One invoice, with its lines and what proves them. Raises InvoiceNotFound, also for another tenant's."""
    invoice = work.invoices.get(invoice_id)
    if invoice is None or not by.may_see(invoice.tenant_id):
        raise InvoiceNotFound(invoice_id=invoice_id)
    return invoice


def list_invoices(
    work: Work,
    by: Principal,
    *,
    after: InvoicePlace | None,
    limit: int,
    tenant_id: str | None = None,
    period: Period | None = None,
    status: InvoiceStatus | None = None,
) -> Sequence[Invoice]:
    """Invoices that the principal may see, with their lines, the newest period first.

    `tenant_id` narrows an operator's list.
    """
    return work.invoices.page(
        after=after,
        limit=limit,
        tenant_id=tenant_id if by.is_operator else by.tenant_id,
        period_start=None if period is None else period.start,
        status=status,
    )
