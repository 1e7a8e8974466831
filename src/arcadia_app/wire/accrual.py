"""The accrual of the current month on the wire (SPEC 14, 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.billing import live_accrual
from arcadia_app.use_cases.billing.margin_summary import REVENUE_CURRENCY
from arcadia_app.wire.types import Cents, Currency, Instant, Shape, TenantId


class AccruedDeployment(Shape):
    """What one deployment has come to, without tax. `recurring_cents` stands for the whole month."""

    tenant_id: TenantId
    deployment_id: UUID
    currency: Currency
    recurring_cents: Cents
    overage_cents: Cents
    llm_cents: Cents
    total_cents: Cents

    @classmethod
    def of(cls, item: live_accrual.AccruedDeployment) -> AccruedDeployment:
        return cls(
            tenant_id=item.tenant_id,
            deployment_id=item.deployment_id,
            currency=item.currency,
            recurring_cents=item.recurring_cents,
            overage_cents=item.overage_cents,
            llm_cents=item.llm_cents,
            total_cents=item.total_cents,
        )


class AccruedTotal(Shape):
    """What all deployments of one currency have come to."""

    currency: Currency
    total_cents: Cents


class AccrualFailure(Shape):
    """A tenant that cannot be priced, and why. Its deployments are not in the items."""

    tenant_id: TenantId
    detail: str


class Accrual(Shape):
    """The current month so far, not yet invoiced."""

    as_of: Instant
    currency: Currency
    items: list[AccruedDeployment]
    total_cents: Annotated[Cents, Meta(description="Of the items in `currency`, in whole cents.")]
    totals: Annotated[list[AccruedTotal], Meta(description="Of all items, by currency.")]
    failures: list[AccrualFailure]

    @classmethod
    def of(cls, accrual: live_accrual.Accrual) -> Accrual:
        return cls(
            as_of=accrual.as_of,
            currency=REVENUE_CURRENCY,
            items=[AccruedDeployment.of(item) for item in accrual.items],
            total_cents=accrual.totals.get(REVENUE_CURRENCY, 0),
            totals=[
                AccruedTotal(currency=currency, total_cents=cents)
                for currency, cents in sorted(accrual.totals.items())
            ],
            failures=[
                AccrualFailure(tenant_id=tenant, detail=reason)
                for tenant, reason in sorted(accrual.failures.items())
            ],
        )
