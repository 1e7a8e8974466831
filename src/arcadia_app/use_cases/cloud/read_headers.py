"""Read which invoices there are, and which the provider can be asked for (SPEC 10)."""

from __future__ import annotations

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.cloud.provider_invoices import InvoiceHeader, InvoiceState
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.unit_of_work import Work


def has_invoice(work: Work, by: Principal, *, period: Period, account: str = ACCOUNT) -> bool:
    """Whether an invoice of that month is ingested: without one, nothing is charged and all looks clean.

    Raises OperatorsOnly.
    """
    by.must_be_operator("read what the provider charged")
    return any(
        header.month == period.start and header.invoice.state is not InvoiceState.DISCOVERED
        for header in work.costs.headers(account)
    )


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
