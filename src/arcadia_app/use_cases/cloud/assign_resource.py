"""Assign a resource to a deployment from an instant on; a past month stays as it was (SPEC 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.scope import locked_deployment
from arcadia_domain.billing.ingest import CLOCKS_DIFFER
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import check_instant
from arcadia_domain.ports.cloud import AssignedBy, ToldAssignment
from arcadia_domain.ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Assigned(ToldAssignment):
    """An assignment as it was just made. `overruled`: later change points of tags that it took away."""

    overruled: int


class ResourceNotFound(DomainError):
    code = "resource_not_found"
    sentence = "There is no resource {resource_id}."
    field = "resource_id"


class AssignmentInFuture(DomainError):
    code = "assignment_in_future"
    sentence = (
        "The resource would change hands at {from_at}, but it is {now} only: who is assigned it sees it at "
        "once, so assign it when that time has come."
    )
    field = "from_at"


def assign_resource(
    work: Work,
    by: Principal,
    *,
    resource_id: UUID,
    deployment_id: UUID | None,
    from_at: datetime,
    now: datetime,
) -> Assigned:
    """The change point: from then on the resource is the deployment's (None: nobody's). Again: the same.

    The latest change point says who sees the resource, so none may lie ahead of `now`, but by as much as
    clocks differ. One in the past stays behind those after it that somebody
    gave; what tags had said of later, it takes away.
    Raises OperatorsOnly, ResourceNotFound, DeploymentNotFound, NaiveInstant, AssignmentInFuture.
    """
    by.must_be_operator("assign a resource")
    begins = check_instant(from_at, "The start of the assignment")
    if begins > now + CLOCKS_DIFFER:
        raise AssignmentInFuture(from_at=begins.isoformat(), now=now.isoformat())
    if work.inventory.get(resource_id) is None:
        raise ResourceNotFound(resource_id=resource_id)
    deployment = None if deployment_id is None else locked_deployment(work, by, deployment_id)
    assignment = Assignment(
        resource_id=resource_id,
        from_at=begins,
        tenant_id=None if deployment is None else deployment.tenant_id,
        deployment_id=deployment_id,
    )
    overruled = work.inventory.assign(assignment, AssignedBy.OPERATOR, by.subject)
    return Assigned(assignment, AssignedBy.OPERATOR, by.subject, overruled)
