"""The first wall: a principal acts only on deployments it may see;
another tenant's is not there (SPEC 16).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, EventKind
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class DeploymentNotFound(DomainError):
    code = "deployment_not_found"
    sentence = "There is no deployment {deployment_id}."
    field = "deployment_id"


class NotSubscribed(DomainError):
    code = "not_subscribed"
    sentence = "Deployment {deployment_id} has no subscription: subscribe it first."


def locked_deployment(work: Work, by: Principal, deployment_id: UUID) -> Deployment:
    """The deployment, locked for this transaction. Raises DeploymentNotFound, also for another tenant's."""
    deployment = work.deployments.get_locked(deployment_id)
    if deployment is None or not by.may_see(deployment.tenant_id):
        raise DeploymentNotFound(deployment_id=deployment_id)
    return deployment


def touched(
    work: Work,
    by: Principal,
    deployment: Deployment,
    *,
    kind: EventKind,
    at: datetime,
    details: Mapping[str, object],
) -> None:
    """Keep in a locked deployment's history what changed of its subscription, in its next revision.

    The subscription is read with its deployment: who has read it before decides on what is no more.
    """
    after = deployment.touched()
    work.deployments.save(after)
    work.deployments.record(
        DeploymentEvent.of(kind, after, by, at, id=work.new_id(), before=deployment, details=details)
    )


def visible_deployment(work: Work, by: Principal, deployment_id: UUID) -> Deployment:
    """The deployment, to be read. Raises DeploymentNotFound, also for another tenant's."""
    deployment = work.deployments.get(deployment_id)
    if deployment is None or not by.may_see(deployment.tenant_id):
        raise DeploymentNotFound(deployment_id=deployment_id)
    return deployment


def subscription_of(work: Work, deployment: Deployment) -> Subscription:
    """The deployment's subscription. Raises NotSubscribed."""
    subscription = work.subscriptions.of_deployment(deployment.id)
    if subscription is None:
        raise NotSubscribed(deployment_id=deployment.id)
    return subscription
