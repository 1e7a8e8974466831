"""Assign a resource to a deployment from an instant on; a past month stays as it was (SPEC 6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.billing.scope import locked_deployment
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import check_instant
from arcadia_domain.ports.cloud import AssignedBy, ToldAssignment
from arcadia_domain.ports.unit_of_work import Work


class ResourceNotFound(DomainError):
    code = "resource_not_found"
    sentence = "There is no resource {resource_id}."
    field = "resource_id"


def assign_resource(
    work: Work, by: Principal, *, resource_id: UUID, deployment_id: UUID | None, from_at: datetime
) -> ToldAssignment:
    """The change point: from then on the resource is the deployment's (None: nobody's). Again: the same.

    Raises OperatorsOnly, ResourceNotFound, DeploymentNotFound, NaiveInstant.
    """
    by.must_be_operator("assign a resource")
    if work.inventory.get(resource_id) is None:
        raise ResourceNotFound(resource_id=resource_id)
    deployment = None if deployment_id is None else locked_deployment(work, by, deployment_id)
    assignment = Assignment(
        resource_id=resource_id,
        from_at=check_instant(from_at, "The start of the assignment"),
        tenant_id=None if deployment is None else deployment.tenant_id,
        deployment_id=deployment_id,
    )
    told = ToldAssignment(assignment, AssignedBy.OPERATOR, by.subject)
    work.inventory.assign(told.assignment, told.by, told.actor)
    return told
