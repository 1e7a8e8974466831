"""The upcoming invoice: a deployment's month so far, as the month end would bill it (SPEC 9).

Recurring stands whole, as the month will have it if nothing changes; usage and charges are what is recorded
so far. Nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.price_month import MonthTerms, draft_month, price_month
from arcadia_app.use_cases.billing.scope import DeploymentNotFound, visible_deployment
from arcadia_domain.billing.invoicing import Invoice, hash_of_hashes, invoice_id
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.month_end import TenantMonth
from arcadia_domain.ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a month would be billed as, and the invoice that its tenant has for it already."""

    invoice: Invoice
    invoice_id: UUID | None


def upcoming_invoice(
    work: Work, by: Principal, *, deployment_id: UUID, now: datetime, period: Period | None = None
) -> Upcoming:
    """The invoice that the deployment alone would come to in `period` (the current month by default).

    Beside it the id of the tenant's invoice of that month, unless there is none or it is void. Without a line
    where nothing is to bill. Raises DeploymentNotFound, NoTaxRate, MixedCurrencies,
    InvalidQuantity, InvalidCharge, InvoiceTooLarge.
    """
    month = month_of(now.astimezone(UTC).date()) if period is None else period
    of_tenant = month_of_deployment(work, by, deployment_id, month)
    invoice = billed(work, of_tenant, MonthTerms.of(work.catalog, [of_tenant], month), as_of=now)
    return Upcoming(invoice, id_of_invoice(work, of_tenant, month))


def month_of_deployment(work: Work, by: Principal, deployment_id: UUID, month: Period) -> TenantMonth:
    """Everything that the deployment's month is priced from. Raises DeploymentNotFound."""
    visible_deployment(work, by, deployment_id)
    found = work.month_end.of_deployment(deployment_id, month)
    if found is None:
        raise DeploymentNotFound(deployment_id=deployment_id)
    return found


def id_of_invoice(work: Work, month: TenantMonth, period: Period) -> UUID | None:
    """The tenant's invoice of the month that is not void."""
    found = work.invoices.of_period(month.tenant.tenant_id, period.start)
    return None if found is None else found.id


def billed(work: Work, month: TenantMonth, terms: MonthTerms, *, as_of: datetime) -> Invoice:
    """The draft of the month, or an invoice without lines."""
    return draft_month(month, terms, work.tenants.tax_rates(), as_of=as_of) or _nothing(month, terms, as_of)


def _nothing(month: TenantMonth, terms: MonthTerms, as_of: datetime) -> Invoice:
    tenant = month.tenant
    return Invoice(
        id=invoice_id(tenant.tenant_id, terms.month),
        tenant_id=tenant.tenant_id,
        period=terms.month,
        currency=tenant.currency,
        lines=(),
        subtotal_cents=0,
        tax_cents=0,
        quote_hash=hash_of_hashes([price_month(one, tenant, terms).hash() for one in month.deployments]),
        as_of=as_of,
    )
