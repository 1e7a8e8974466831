"""Deployments, subscriptions and their history on the wire (SPEC 18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.billing.read_deployments import DeploymentView, SubscriptionView
from arcadia_app.wire.types import (
    Body,
    Cents,
    Code,
    Currency,
    Decimal,
    Instant,
    Json,
    Kind,
    Name,
    Shape,
    Slug,
    TenantId,
    Text,
)
from arcadia_domain.billing import deployments, subscriptions
from arcadia_domain.billing.deployments import LlmMode, State
from arcadia_domain.pricing.stretch import Status
from arcadia_domain.quantity import plain


class DeploymentEvent(Shape):
    """One entry of a deployment's history. `kind` says what it tells of, `details` the rest of it."""

    id: UUID
    kind: deployments.EventKind
    from_state: State | None
    to_state: State | None
    actor: str
    reason: str | None
    at: Instant
    details: Json

    @classmethod
    def of(cls, event: deployments.DeploymentEvent) -> DeploymentEvent:
        return cls(
            id=event.id,
            kind=event.kind,
            from_state=event.from_state,
            to_state=event.to_state,
            actor=event.actor,
            reason=event.reason,
            at=event.at,
            details=dict(event.details or {}),
        )


class SubscriptionAddon(Shape):
    """An addon as it was when it was attached. It is billed from `from_day` until `to_day`, not included."""

    id: UUID
    code: str
    resource_kind: Kind
    qty: Decimal
    price_cents: Cents
    currency: Currency
    attached_at: Instant
    from_day: date
    to_day: date | None

    @classmethod
    def of(cls, addon: subscriptions.SubscriptionAddon) -> SubscriptionAddon:
        return cls(
            id=addon.id,
            code=addon.code,
            resource_kind=addon.resource_kind,
            qty=plain(addon.qty),
            price_cents=addon.price_cents,
            currency=addon.currency,
            attached_at=addon.attached_at,
            from_day=addon.from_day,
            to_day=addon.to_day,
        )


class Subscription(Shape):
    """A deployment's binding to a plan as it stands today. `current_period_end` is not included."""

    id: UUID
    plan_code: str
    plan_version: int
    status: Annotated[Status, Meta(description="A trial is active.")]
    starts_on: date
    current_period_start: date
    current_period_end: date
    trial_ends_at: Instant | None
    addons: list[SubscriptionAddon]

    @classmethod
    def of(cls, view: SubscriptionView) -> Subscription:
        subscription = view.subscription
        status = Status.ACTIVE if view.status is Status.TRIAL else view.status
        return cls(
            id=subscription.id,
            plan_code=view.version.plan_code,
            plan_version=view.version.version,
            status=status,
            starts_on=subscription.timeline.start,
            current_period_start=view.current_period.start,
            current_period_end=view.current_period.end,
            trial_ends_at=subscription.trial_ends_at,
            addons=[SubscriptionAddon.of(addon) for addon in subscription.addons],
        )


class Deployment(Shape):
    """The billable unit: one app instance of a tenant."""

    id: UUID
    tenant_id: TenantId
    slug: Slug
    display_name: str
    region: str
    state: State
    llm_mode: LlmMode
    billing_action_suspended: bool
    provisioning_state: str
    template_code: str | None
    template_version: int | None
    created_at: Instant
    subscription: Subscription | None
    events: Annotated[
        list[DeploymentEvent],
        Meta(description="Oldest first: the last 20 in a list, the whole history otherwise."),
    ]

    @classmethod
    def of(cls, view: DeploymentView) -> Deployment:
        deployment = view.deployment
        return cls(
            id=deployment.id,
            tenant_id=deployment.tenant_id,
            slug=deployment.slug,
            display_name=deployment.display_name,
            region=deployment.region,
            state=deployment.state,
            llm_mode=deployment.llm_mode,
            billing_action_suspended=deployment.billing_action_suspended,
            provisioning_state=deployment.provisioning_state,
            template_code=deployment.template_code,
            template_version=deployment.template_version,
            created_at=deployment.created_at,
            subscription=None if view.subscription is None else Subscription.of(view.subscription),
            events=[DeploymentEvent.of(event) for event in view.events],
        )


class Deployments(Shape):
    """A page of deployments, newest first."""

    items: list[Deployment]
    next_cursor: str | None


class DeploymentToCreate(Body):
    """`tenant_id` is for platform admins; a tenant's own is known. `state` too: they may start a trial."""

    slug: Slug
    display_name: Name
    region: Name
    llm_mode: LlmMode = LlmMode.GATEWAY
    tenant_id: TenantId | None = None
    state: State = State.ACTIVE


class Transition(Body):
    """The state to move to, and why."""

    to: State
    reason: Text | None = None


class DeploymentEdit(Body):
    """What changes; what is left out stays."""

    display_name: Name | None = None
    llm_mode: LlmMode | None = None
    billing_action_suspended: bool | None = None


class Subscribe(Body):
    """`starts_on` defaults to today; only platform admins name an earlier day, or grant a trial."""

    plan_code: Code
    addons: Annotated[list[Code], Meta(max_length=50)] = []
    starts_on: date | None = None
    trial_ends_at: Instant | None = None


class PlanChange(Body):
    """`from_day` defaults to today; only platform admins name an earlier day."""

    plan_code: Code
    from_day: date | None = None


class AddonToAttach(Body):
    """`from_day` defaults to today; only platform admins name an earlier day."""

    code: Code
    from_day: date | None = None
