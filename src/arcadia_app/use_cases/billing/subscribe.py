"""Subscribe a deployment to a plan's active version, with addons (SPEC 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.scope import locked_deployment, touched
from arcadia_app.use_cases.catalog.offer import offered_addon, offered_version
from arcadia_domain.billing.deployments import STATUS_OF, Deployment, DeploymentEvent, EventKind, State
from arcadia_domain.billing.moves import holds_from, state_after
from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon, Timeline
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.money import same_currency
from arcadia_domain.period import check_instant, midnight, month_of
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.stretch import Status


class AlreadySubscribed(DomainError):
    code = "already_subscribed"
    sentence = "Deployment {deployment_id} has a subscription already: change its plan instead."


class DeploymentEnded(DomainError):
    code = "deployment_ended"
    sentence = "Deployment {deployment_id} is {state}: it cannot be subscribed any more."


class NoTrialOutOfService(DomainError):
    code = "no_trial_out_of_service"
    sentence = "A trial cannot start on {day}: the deployment is {state} then."
    field = "trial_ends_at"


def subscribe(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    plan_code: str,
    now: datetime,
    addon_codes: Sequence[str] = (),
    starts_on: date | None = None,
    trial_ends_at: datetime | None = None,
) -> Subscription:
    """The new subscription, from `starts_on` (today by default), its addons snapshotted as they are now.

    Raises DeploymentNotFound, DeploymentEnded, DayInThePast, PeriodInvoiced, DateOutOfRange, UnknownPlan,
    NoActiveVersion, UnknownAddon, MixedCurrencies, TrialEndsBeforeStart, NoTrialOutOfService,
    NaiveInstant, OperatorsOnly, AlreadySubscribed.
    """
    if trial_ends_at is not None:
        by.must_be_operator("grant a trial")
        trial_ends_at = check_instant(trial_ends_at, "The end of the trial")
    deployment = locked_deployment(work, by, deployment_id)
    if STATUS_OF[deployment.state] is Status.CANCELLED:
        raise DeploymentEnded(deployment_id=deployment_id, state=deployment.state.value)
    today = now.astimezone(UTC).date()
    day = effective_day(work, by, deployment.tenant_id, asked=starts_on, today=today, what="The start day")
    version, version_id = version_in_currency(work, deployment, plan_code)
    history = work.deployments.events(deployment.id)
    subscription = Subscription(
        id=work.new_id(),
        tenant_id=deployment.tenant_id,
        deployment_id=deployment.id,
        timeline=_from(day, history, version_id, trial_ends_at),
        current_period=month_of(day),
        created_at=now,
        addons=tuple(
            SubscriptionAddon.snapshot(
                addon, id=work.new_id(), addon_id=addon_id, attached_at=now, from_day=day
            )
            for addon, addon_id in (offered_addon(work, code, version.currency) for code in addon_codes)
        ),
        trial_ends_at=trial_ends_at,
    )
    subscription = _standing_since(subscription, history)
    if not work.subscriptions.add(subscription):
        raise AlreadySubscribed(deployment_id=deployment_id)
    record_plan(work, by, deployment, version, from_day=day, now=now)
    return subscription


def version_in_currency(work: Work, deployment: Deployment, plan_code: str) -> tuple[PlanVersion, UUID]:
    """The plan's active version and its id, if the tenant is billed in its currency.

    Raises UnknownPlan, NoActiveVersion, MixedCurrencies.
    """
    version, version_id = offered_version(work, plan_code)
    tenant = work.tenants.get(deployment.tenant_id)
    assert tenant is not None  # its first deployment made the row
    same_currency(tenant.currency, version.currency, f"Plan {plan_code!r}")
    return version, version_id


def record_plan(
    work: Work, by: Principal, deployment: Deployment, version: PlanVersion, *, from_day: date, now: datetime
) -> None:
    """Keep in the deployment's history that it is on this version from that day."""
    details = {
        "plan": version.plan_code,
        "version": version.version,
        "from_day": from_day.isoformat(),
    }
    touched(work, by, deployment, kind=EventKind.PLAN_CHANGE, at=now, details=details)


def _from(
    day: date, history: Sequence[DeploymentEvent], version_id: UUID, trial_ends_at: datetime | None
) -> Timeline:
    """The timeline from `day`, standing as the deployment did, or as it did at first."""
    at_first = (event.to_state for event in history if event.kind is EventKind.STATE)
    state = state_after(day, history) or next(at_first, None) or State.ACTIVE
    if trial_ends_at is None:
        return Timeline.starting(day, version_id, STATUS_OF[state])
    if not STATUS_OF[state].in_service:
        raise NoTrialOutOfService(day=day, state=state.value)
    return Timeline.starting(day, version_id, trial_ends_on=trial_ends_at.date())


def _standing_since(subscription: Subscription, history: Sequence[DeploymentEvent]) -> Subscription:
    """The subscription after every move of its deployment since it started, as if it had been there."""
    since = midnight(subscription.timeline.start + timedelta(days=1))
    replayed = subscription
    for event in history:
        before, to = event.from_state, event.to_state
        if before is None or to is None or event.at < since or STATUS_OF[before] is STATUS_OF[to]:
            continue
        replayed = replayed.standing(holds_from(to, event.at, history), STATUS_OF[to])
    return replace(replayed, revision=subscription.revision)
