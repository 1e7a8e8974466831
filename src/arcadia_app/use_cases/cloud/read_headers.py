"""Read which invoices the provider can be asked for (SPEC 10)."""

from __future__ import annotations

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.unit_of_work import Work


def listed_invoices(
    work: Work, by: Principal, *, period: Period | None, account: str = ACCOUNT
) -> tuple[InvoiceHeader, ...]:
    """The invoices, of a month or all, that the provider has listed. Raises OperatorsOnly."""
    by.must_be_operator("ingest an invoice")
    return tuple(
        header
        for header in work.costs.headers(account)
        if header.invoice_uuid is not None and (period is None or header.month == period.start)
    )
