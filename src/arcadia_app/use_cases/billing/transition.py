"""Move a deployment to another state; its subscription's timeline follows (SPEC 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from arcadia_app.use_cases.billing.scope import locked_deployment
from arcadia_domain.billing.deployments import (
    STATUS_OF,
    Deployment,
    DeploymentEvent,
    EventKind,
    State,
)
from arcadia_domain.billing.moves import holds_from
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import HoldsNul


def transition(
    work: Work,
    by: Principal,
    *,
    deployment_id: UUID,
    to: State,
    now: datetime,
    reason: str | None = None,
    before: Callable[[Deployment], None] = lambda found: None,
) -> Deployment:
    """The deployment in its new state, recorded with its actor. `before` may refuse what it finds.

    Raises HoldsNul, DeploymentNotFound, InvalidTransition, TransitionForbidden, InvoiceOverdue.
    """
    if reason is not None and "\0" in reason:
        raise HoldsNul(what="The reason")
    found = locked_deployment(work, by, deployment_id)
    before(found)
    today = now.astimezone(UTC).date()
    resumes = found.state is State.PAUSED and to is State.ACTIVE
    overdue = resumes and work.invoices.has_overdue(found.tenant_id, today)
    after = found.moved_to(to, by, invoice_overdue=overdue)
    work.deployments.save(after)
    work.deployments.record(
        DeploymentEvent.of(EventKind.STATE, after, by, now, id=work.new_id(), before=found, reason=reason)
    )
    subscription = work.subscriptions.of_deployment(after.id)
    if subscription is not None and STATUS_OF[after.state] is not STATUS_OF[found.state]:
        day = start = subscription.timeline.start
        if start < today:
            day = holds_from(after.state, now, work.deployments.events(after.id))
        work.subscriptions.save(subscription.standing(day, STATUS_OF[after.state]), today)
    return after
