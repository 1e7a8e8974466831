"""Detach an addon from a deployment's subscription, from a day on: that day is not billed (SPEC 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.scope import locked_deployment, touched
from arcadia_domain.billing.deployments import Deployment, EventKind
from arcadia_domain.billing.subscriptions import AddonEnded, Subscription, SubscriptionAddon
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class SubscriptionAddonNotFound(DomainError):
    code = "subscription_addon_not_found"
    sentence = "The deployment's subscription has no addon {addon_id}."
    field = "addon_id"


def detach_addon(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    addon_id: UUID,
    now: datetime,
    to_day: date | None = None,
) -> Subscription:
    """The subscription, with the addon ending on `to_day`: today by default, or its first day if still ahead.

    An end that is still ahead may be moved. What has ended stays as it ended: the same again is nothing new.
    Raises DeploymentNotFound, SubscriptionAddonNotFound, AddonEnded, DayInThePast, PeriodInvoiced,
    DateOutOfRange, AddonEndsBeforeStart, SubscriptionCancelled.
    """
    deployment = locked_deployment(work, by, deployment_id)
    subscription, addon = _attached(work, deployment, addon_id)
    today = now.astimezone(UTC).date()
    if addon.has_ended(today) and to_day is None:
        return subscription
    asked = max(today, addon.from_day) if to_day is None else to_day
    if asked == addon.to_day:
        return subscription
    if addon.has_ended(today):
        raise AddonEnded(code=addon.code, to_day=addon.to_day)
    day = effective_day(
        work, by, deployment.tenant_id, asked=asked, today=today, what="The day of detachment"
    )
    ended = addon.detached(day)
    subscription.timeline.must_allow_change(day)
    work.subscriptions.detach(subscription, ended)
    details = {"detached": ended.code, "to_day": str(ended.to_day)}
    touched(work, by, deployment, kind=EventKind.ADDON, at=now, details=details)
    return subscription.with_addon(ended)


def _attached(work: Work, deployment: Deployment, addon_id: UUID) -> tuple[Subscription, SubscriptionAddon]:
    subscription = work.subscriptions.of_deployment(deployment.id)
    if subscription is not None:
        for addon in subscription.addons:
            if addon.id == addon_id:
                return subscription, addon
    raise SubscriptionAddonNotFound(addon_id=addon_id)
