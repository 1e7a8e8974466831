"""Price a month: the steps that the invoice, the upcoming invoice and the accrual share.

Owns the way from what is stored (subscriptions, usage) to price() and draft(). The rules are the domain's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from arcadia_domain.billing.invoicing import DeploymentBill, Invoice, draft
from arcadia_domain.billing.subscriptions import stretches
from arcadia_domain.billing.tax import TaxRate, tax_on
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.period import Period
from arcadia_domain.ports.catalog import Catalog
from arcadia_domain.ports.month_end import DeploymentMonth, TenantMonth
from arcadia_domain.pricing.catalog import PlanVersion, ResourcePrice
from arcadia_domain.pricing.quoting import Pricing, price


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """What a chunk of tenants is priced on:
    the versions that their subscriptions name, and fallback prices.
    """

    month: Period
    versions: Mapping[UUID, PlanVersion]
    prices: Mapping[str, Sequence[ResourcePrice]]

    @classmethod
    def of(cls, catalog: Catalog, batch: Sequence[TenantMonth], month: Period) -> MonthTerms:
        """Read once for the whole chunk."""
        ids = {
            point.version_id
            for tenant in batch
            for deployment in tenant.deployments
            for subscription in deployment.subscriptions
            for point in subscription.timeline.points
        }
        currencies = {tenant.tenant.currency for tenant in batch}
        return cls(
            month,
            catalog.versions(ids),
            {currency: catalog.prices(currency) for currency in sorted(currencies)},
        )


def price_month(deployment: DeploymentMonth, tenant: Tenant, terms: MonthTerms) -> Pricing:
    """What the deployment's month costs on the usage recorded.

    Raises MixedCurrencies and what price() raises.
    """
    return price(
        stretches(deployment.subscriptions, terms.versions, terms.month),
        deployment.usage,
        terms.prices[tenant.currency],
        month=terms.month,
        currency=tenant.currency,
    )


def draft_month(
    month: TenantMonth, terms: MonthTerms, rates: Sequence[TaxRate], *, as_of: datetime
) -> Invoice | None:
    """The draft invoice of a tenant's month on what is recorded, or None where nothing is to bill. Raises
    MixedCurrencies, NoTaxRate and what price() and draft() raise.
    """
    tenant = month.tenant
    return draft(
        tenant.tenant_id,
        terms.month,
        [
            DeploymentBill(one.deployment_id, price_month(one, tenant, terms), one.llm)
            for one in month.deployments
        ],
        tax=tax_on(terms.month.end - timedelta(days=1), month.tax_profiles, rates),
        currency=tenant.currency,
        as_of=as_of,
    )
