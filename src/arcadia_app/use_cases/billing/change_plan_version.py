"""Move a subscription to a plan's active version from a day on: another plan, or a newer version (SPEC 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.scope import locked_deployment, subscription_of
from arcadia_app.use_cases.billing.subscribe import record_plan, version_in_currency
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def change_plan_version(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    plan_code: str,
    now: datetime,
    from_day: date | None = None,
) -> Subscription:
    """The subscription with its new timeline. The day of the change belongs to the new version.

    The last change of a day replaces the earlier ones; the history keeps all. Raises DeploymentNotFound,
    NotSubscribed, DayInThePast, PeriodInvoiced, UnknownPlan, NoActiveVersion, MixedCurrencies,
    ChangeBeforeStart, SubscriptionCancelled.
    """
    deployment = locked_deployment(work, by, deployment_id)
    subscription = subscription_of(work, deployment)
    today = now.astimezone(UTC).date()
    day = effective_day(
        work, by, deployment.tenant_id, asked=from_day, today=today, what="The day of the change"
    )
    version, version_id = version_in_currency(work, deployment, plan_code)
    changed = subscription.with_timeline(subscription.timeline.with_version(day, version_id))
    work.subscriptions.save(changed, today)
    record_plan(work, by, deployment, version, from_day=day, now=now)
    return changed
