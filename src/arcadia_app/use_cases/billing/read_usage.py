"""Usage so far: what a deployment used of each kind in a month, and what is included (SPEC 5, 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.price_month import MonthTerms, price_month
from arcadia_app.use_cases.billing.upcoming_invoice import month_of_deployment
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.usage import KindUsage


@dataclass(frozen=True, slots=True)
class UsageSoFar:
    """A month's usage by kind, in the registry's order."""

    period: Period
    items: Sequence[KindUsage]


def read_usage(
    work: Work, by: Principal, *, deployment_id: UUID, now: datetime, period: Period | None = None
) -> UsageSoFar:
    """The usage of `period` (the current month by default), with what overage is measured against.

    Raises DeploymentNotFound, MixedCurrencies, InvalidQuantity.
    """
    month = month_of(now.astimezone(UTC).date()) if period is None else period
    of_tenant = month_of_deployment(work, by, deployment_id, month)
    [deployment] = of_tenant.deployments
    terms = MonthTerms.of(work.catalog, [of_tenant], month)
    return UsageSoFar(month, price_month(deployment, of_tenant.tenant, terms).usage())
