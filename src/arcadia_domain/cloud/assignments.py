"""Who held a resource when: dated assignments and the tenures they make (SPEC 6, 14).

Owns the order of the change points of a resource and the rule that a resource in a deployment belongs to the
deployment's tenant. Measuring the time held is metering's and attribution's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import Span, micros
from arcadia_domain.errors import DomainError

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TENANTS: Mapping[UUID, str] = MappingProxyType({})


class TwoAssignmentsAtOnce(DomainError):
    code = "two_assignments_at_once"
    sentence = "Resource {resource_id} is assigned twice from {from_at}: one of the two must go."


class DeploymentWithoutTenant(DomainError):
    code = "deployment_without_tenant"
    sentence = "Resource {resource_id} is assigned to deployment {deployment_id}, whose tenant is not known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """From `from_at` on the resource is held by this tenant, in this deployment, until its next assignment.

    Both None: it is held by nobody from then on.
    """

    resource_id: UUID
    from_at: datetime
    tenant_id: str | None = None
    deployment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tenure:
    """A stretch of time in which one tenant held the resource: in a deployment, or standing alone (None)."""

    span: Span
    tenant_id: str
    deployment_id: UUID | None


def spans(assignments: Iterable[Assignment]) -> list[tuple[Span, Assignment]]:
    """The assignments of ONE resource, in order, each with the half-open span for which it holds.

    The last one has no end. Raises TwoAssignmentsAtOnce for two that begin at the same instant.
    """
    ordered = sorted(assignments, key=lambda assignment: micros(assignment.from_at))
    for earlier, later in pairwise(ordered):
        if micros(earlier.from_at) == micros(later.from_at):
            raise TwoAssignmentsAtOnce(resource_id=later.resource_id, from_at=later.from_at)
    ends: list[datetime | None] = [assignment.from_at for assignment in ordered[1:]]
    return [
        (Span(assignment.from_at, end), assignment)
        for assignment, end in zip(ordered, [*ends, None] if ordered else [], strict=True)
    ]


def tenures(
    resource: CloudResource,
    assignments: Iterable[Assignment],
    deployment_tenants: Mapping[UUID, str] = _NO_TENANTS,
) -> list[Tenure]:
    """Who held `resource` when, in order of time; times in which nobody did are left out.

    Assignments of other resources are passed over, at a cost: group them first where there are many. The
    tenant is the deployment's where it is known, else the assignment's, else the resource's own (SPEC 14).
    A resource that was never assigned is held for as long as there is time by whom its own row names.
    Raises TwoAssignmentsAtOnce, DeploymentWithoutTenant.
    """
    own = [assignment for assignment in assignments if assignment.resource_id == resource.id]
    if not own:
        own = [_as_its_row_says(resource)]
    held = []
    for span, assignment in spans(own):
        tenant_id = _tenant(assignment, resource, deployment_tenants)
        if tenant_id is not None:
            held.append(Tenure(span, tenant_id, assignment.deployment_id))
    return held


def _as_its_row_says(resource: CloudResource) -> Assignment:
    return Assignment(
        resource_id=resource.id,
        from_at=_ALWAYS,
        tenant_id=resource.tenant_id,
        deployment_id=resource.deployment_id,
    )


def _tenant(assignment: Assignment, resource: CloudResource, tenants: Mapping[UUID, str]) -> str | None:
    if assignment.deployment_id is None:
        return assignment.tenant_id
    tenant_id = tenants.get(assignment.deployment_id) or assignment.tenant_id or resource.tenant_id
    if tenant_id is None:
        raise DeploymentWithoutTenant(resource_id=resource.id, deployment_id=assignment.deployment_id)
    return tenant_id
