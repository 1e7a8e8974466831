"""The accrual: what the current month has come to so far, not yet invoiced (SPEC 14).

Recurring stands whole, as the month's invoice will have it if nothing changes;
usage is what is recorded so far.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.price_month import MonthTerms, price_month
from arcadia_domain.billing.invoicing import llm_line
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.month_end import Existing
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.line import total_cents

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class AccruedDeployment:
    """What one deployment has come to, in cents of `currency`, without tax."""

    tenant_id: str
    deployment_id: UUID
    currency: str
    recurring_cents: int
    overage_cents: int
    llm_cents: int

    @property
    def total_cents(self) -> int:
        return self.recurring_cents + self.overage_cents + self.llm_cents


@dataclass(frozen=True, slots=True)
class Accrual:
    """The current month so far. `failures` names the tenants that could not be priced, with the reason."""

    as_of: datetime
    items: tuple[AccruedDeployment, ...]
    totals: dict[str, int]
    failures: dict[str, str]


def live_accrual(work: Work, by: Principal, *, now: datetime) -> Accrual:
    """Per deployment, by tenant and slug; `totals` by currency. Raises OperatorsOnly."""
    by.must_be_operator("see the accrual")
    month = month_of(now.astimezone(UTC).date())
    items: list[AccruedDeployment] = []
    failures: dict[str, str] = {}
    after = ""
    while batch := work.month_end.due(month, Existing.IGNORE, after=after, limit=_CHUNK):
        terms = MonthTerms.of(work.catalog, batch, month)
        for due in batch:
            tenant = due.tenant
            try:
                for deployment in due.deployments:
                    pricing = price_month(deployment, tenant, terms)
                    llm = llm_line(deployment.llm, tenant.currency).amount_cents if deployment.llm else 0
                    items.append(
                        AccruedDeployment(
                            tenant_id=tenant.tenant_id,
                            deployment_id=deployment.deployment_id,
                            currency=tenant.currency,
                            recurring_cents=total_cents(pricing.recurring),
                            overage_cents=total_cents(pricing.overage),
                            llm_cents=llm,
                        )
                    )
            except DomainError as error:
                failures[tenant.tenant_id] = str(error)
        after = batch[-1].tenant.tenant_id
    totals: Counter[str] = Counter()
    for item in items:
        totals[item.currency] += item.total_cents
    return Accrual(now, tuple(items), dict(totals), failures)
