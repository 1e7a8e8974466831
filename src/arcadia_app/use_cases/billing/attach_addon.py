"""Attach an addon to a deployment's subscription: its price and quantity are snapshotted now (SPEC 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.scope import locked_deployment, subscription_of, touched
from arcadia_app.use_cases.catalog.offer import offered_addon
from arcadia_domain.billing.deployments import EventKind
from arcadia_domain.billing.subscriptions import SubscriptionAddon
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def attach_addon(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    code: str,
    now: datetime,
    from_day: date | None = None,
) -> SubscriptionAddon:
    """The attached addon, billed from `from_day` (today by default) on.

    Raises DeploymentNotFound, NotSubscribed, DayInThePast, PeriodInvoiced, ChangeBeforeStart,
    SubscriptionCancelled, TooManyAddons, UnknownAddon, MixedCurrencies.
    """
    deployment = locked_deployment(work, by, deployment_id)
    subscription = subscription_of(work, deployment)
    today = now.astimezone(UTC).date()
    day = effective_day(
        work, by, deployment.tenant_id, asked=from_day, today=today, what="The day of attachment"
    )
    subscription.timeline.must_allow_change(day)
    subscription.must_take_addon(today)
    version_id = subscription.version_on(day)
    currency = work.catalog.versions([version_id])[version_id].currency
    addon, addon_id = offered_addon(work, code, currency)
    attached = SubscriptionAddon.snapshot(
        addon, id=work.new_id(), addon_id=addon_id, attached_at=now, from_day=day
    )
    work.subscriptions.attach(subscription, attached)
    details = {"attached": attached.code, "from_day": attached.from_day.isoformat()}
    touched(work, by, deployment, kind=EventKind.ADDON, at=now, details=details)
    return attached
