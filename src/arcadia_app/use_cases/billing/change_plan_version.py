"""Move a subscription to a plan's active version from a day on: another plan, or a newer version (SPEC 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.scope import locked_deployment, subscription_of
from arcadia_app.use_cases.billing.subscribe import record_plan, version_in_currency
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanVersion


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

    The last change of a day replaces the earlier ones; the history keeps all. A change to what is bound from
    that day on anyway changes nothing, and is not recorded.

    Raises DeploymentNotFound, NotSubscribed, DayInThePast, PeriodInvoiced, UnknownPlan, NoActiveVersion,
    MixedCurrencies, ChangeBeforeStart, SubscriptionCancelled.
    """
    deployment = locked_deployment(work, by, deployment_id)
    change = plan_change(work, by, deployment, plan_code=plan_code, now=now, from_day=from_day)
    if change.changes_nothing:
        return change.subscription
    work.subscriptions.save(change.subscription, now.astimezone(UTC).date())
    record_plan(work, by, deployment, change.version, from_day=change.from_day, now=now)
    return change.subscription


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change that may be made, not made yet: the subscription as it would stand."""

    from_day: date
    version: PlanVersion
    subscription: Subscription
    changes_nothing: bool


def plan_change(
    work: Work,
    by: Principal,
    deployment: Deployment,
    *,
    plan_code: str,
    now: datetime,
    from_day: date | None,
) -> PlanChange:
    """The change that is asked for. Raises what change_plan_version() raises, but DeploymentNotFound."""
    subscription = subscription_of(work, deployment)
    today = now.astimezone(UTC).date()
    day = effective_day(
        work, by, deployment.tenant_id, asked=from_day, today=today, what="The day of the change"
    )
    version, version_id = version_in_currency(work, deployment, plan_code)
    timeline = subscription.timeline.with_version(day, version_id)
    if timeline == subscription.timeline:
        return PlanChange(day, version, subscription, changes_nothing=True)
    return PlanChange(day, version, subscription.with_timeline(timeline), changes_nothing=False)
