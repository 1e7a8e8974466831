"""Preview a change of plan: what its month costs as things stand, and with the change (SPEC 15).

Both are upcoming invoices, on the usage recorded so far: what the month end would bill. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.change_plan_version import plan_change
from arcadia_app.use_cases.billing.price_month import MonthTerms
from arcadia_app.use_cases.billing.scope import visible_deployment
from arcadia_app.use_cases.billing.upcoming_invoice import (
    Upcoming,
    billed,
    id_of_invoice,
    month_of_deployment,
)
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.month_end import TenantMonth
from arcadia_domain.ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PlanChangePreview:
    """The month of `from_day` before and after the change."""

    from_day: date
    before: Upcoming
    after: Upcoming

    @property
    def difference_cents(self) -> int:
        """What the month costs more, tax included; less than 0 where it costs less."""
        return self.after.invoice.total_cents - self.before.invoice.total_cents


def preview_plan_change(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    plan_code: str,
    now: datetime,
    from_day: date | None = None,
) -> PlanChangePreview:
    """What change_plan_version() would make of the month of `from_day` (today by default).

    Refused as that would be: raises what it raises, and what upcoming_invoice() raises.
    """
    deployment = visible_deployment(work, by, deployment_id)
    change = plan_change(work, by, deployment, plan_code=plan_code, now=now, from_day=from_day)
    month = month_of(change.from_day)
    before = month_of_deployment(work, by, deployment_id, month)
    after = _with(before, {change.subscription.id: change.subscription})
    terms = MonthTerms.of(work.catalog, [before, after], month)
    invoice_id = id_of_invoice(work, before, month)
    return PlanChangePreview(
        from_day=change.from_day,
        before=Upcoming(billed(work, before, terms, as_of=now), invoice_id),
        after=Upcoming(billed(work, after, terms, as_of=now), invoice_id),
    )


def _with(month: TenantMonth, changed: Mapping[UUID, Subscription]) -> TenantMonth:
    """The month with the changed subscriptions in place of what they were."""
    return replace(
        month,
        deployments=tuple(
            replace(one, subscriptions=tuple(changed.get(held.id, held) for held in one.subscriptions))
            for one in month.deployments
        ),
    )
