"""Read deployments as they stand: each with its subscription and its history (SPEC 5).

Owns what is read together. A constant number of statements, however many deployments are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.billing.scope import visible_deployment
from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, State
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.stretch import Status

LISTED_EVENTS: Final = 20
"""How many of its last events a deployment has with it in a list."""

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription as it stands on a day, with the version bound then."""

    subscription: Subscription
    version: PlanVersion
    status: Status
    current_period: Period


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """A deployment with its subscription (None: not subscribed) and its history, oldest first."""

    deployment: Deployment
    subscription: SubscriptionView | None
    events: Sequence[DeploymentEvent]


def read_deployment(work: Work, by: Principal, *, deployment_id: UUID, now: datetime) -> DeploymentView:
    """One deployment with its whole history. Raises DeploymentNotFound, also for another tenant's."""
    return deployment_views(work, [visible_deployment(work, by, deployment_id)], now)[0]


def list_deployments(
    work: Work,
    by: Principal,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
    tenant_id: str | None = None,
    state: State | None = None,
) -> list[DeploymentView]:
    """Deployments that the principal may see, newest first, each with its last LISTED_EVENTS events.

    `tenant_id` narrows an operator's list.
    """
    whose = tenant_id if by.is_operator else by.tenant_id
    found = work.deployments.page(after=after, limit=limit, tenant_id=whose, state=state)
    return deployment_views(work, found, now, last_events=LISTED_EVENTS)


def whole_deployments(
    work: Work, by: Principal, *, now: datetime, tenant_id: str | None = None
) -> Iterator[DeploymentView]:
    """The same list without an end, a page at a time."""
    after: UUID | None = None
    while page := list_deployments(work, by, after=after, limit=_PAGE, now=now, tenant_id=tenant_id):
        yield from page
        after = page[-1].deployment.id


def deployment_slugs(work: Work, by: Principal) -> dict[UUID, str]:
    """What people call each deployment that the principal may see, by its id."""
    whose = None if by.is_operator else by.tenant_id
    slugs: dict[UUID, str] = {}
    after: UUID | None = None
    while page := work.deployments.page(after=after, limit=_PAGE, tenant_id=whose):
        slugs.update((one.id, one.slug) for one in page)
        after = page[-1].id
    return slugs


def deployment_views(
    work: Work, deployments: Sequence[Deployment], now: datetime, *, last_events: int | None = None
) -> list[DeploymentView]:
    """Deployments with what belongs to them, in that order; of each history the last events, or all."""
    if not deployments:
        return []
    ids = [deployment.id for deployment in deployments]
    today = now.astimezone(UTC).date()
    subscriptions = subscription_views(work, work.subscriptions.of_deployments(ids).values(), today)
    by_deployment = {view.subscription.deployment_id: view for view in subscriptions}
    events = work.deployments.events_of(ids, last=last_events)
    return [DeploymentView(one, by_deployment.get(one.id), events.get(one.id, ())) for one in deployments]


def subscription_view(work: Work, subscription: Subscription, now: datetime) -> SubscriptionView:
    """One subscription as it stands."""
    return subscription_views(work, [subscription], now.astimezone(UTC).date())[0]


def subscription_views(
    work: Work, subscriptions: Collection[Subscription], today: date
) -> list[SubscriptionView]:
    """Subscriptions as they stand on a day, in that order."""
    versions = work.catalog.versions({one.version_on(today) for one in subscriptions})
    return [
        SubscriptionView(
            one,
            versions[one.version_on(today)],
            one.status_on(today),
            month_of(max(today, one.timeline.start)),
        )
        for one in subscriptions
    ]
