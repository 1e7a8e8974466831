"""Read the inventory: what runs at the provider, whose it is, and what happened to it (SPEC 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.cloud.assign_resource import ResourceNotFound
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud import LoggedEvent, ResourcesAsked, ToldAssignment
from arcadia_domain.ports.unit_of_work import Work

SHOWN_EVENTS: Final = 100
"""How many of its last events a resource is read with."""

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource with its assignments, the latest first, and its last events, newest first."""

    resource: CloudResource
    assignments: Sequence[ToldAssignment]
    events: Sequence[LoggedEvent]


def list_inventory(
    work: Work, by: Principal, *, asked: ResourcesAsked, after: UUID | None, limit: int
) -> Sequence[CloudResource]:
    """Resources that the principal may see, newest first: a tenant those that it holds now.

    The tenant that is asked for narrows an operator's list.
    """
    whose = asked if by.is_operator else replace(asked, tenant_id=by.tenant_id)
    return work.inventory.page(whose, after=after, limit=limit)


def whole_inventory(work: Work, by: Principal, *, asked: ResourcesAsked) -> Iterator[CloudResource]:
    """The same list without an end, a page at a time."""
    after: UUID | None = None
    while page := list_inventory(work, by, asked=asked, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def read_resource(work: Work, by: Principal, *, resource_id: UUID) -> ResourceView:
    """One resource. A tenant is told the assignments that gave it the resource, but not who made them, and
    no events.

    Raises ResourceNotFound, also for another tenant's.
    """
    resource = visible_resource(work, by, resource_id)
    assignments = [
        told if by.is_operator else replace(told, actor=None)
        for told in work.inventory.assignments_of(resource_id)
        if _may_see(by, told.assignment.tenant_id)
    ]
    events = work.inventory.log_of(resource_id, last=SHOWN_EVENTS) if by.is_operator else ()
    return ResourceView(resource, assignments, events)


def list_assignments(work: Work, by: Principal, *, resource_id: UUID) -> Sequence[ToldAssignment]:
    """Who held a resource from when on, the latest first. Raises OperatorsOnly, ResourceNotFound."""
    by.must_be_operator("read who held a resource")
    visible_resource(work, by, resource_id)
    return work.inventory.assignments_of(resource_id)


def visible_resource(work: Work, by: Principal, resource_id: UUID) -> CloudResource:
    """The resource, to be read. Raises ResourceNotFound, also for another tenant's."""
    resource = work.inventory.get(resource_id)
    if resource is None or not _may_see(by, resource.tenant_id):
        raise ResourceNotFound(resource_id=resource_id)
    return resource


def _may_see(by: Principal, tenant_id: str | None) -> bool:
    """What is nobody's is operators'."""
    return by.is_operator if tenant_id is None else by.may_see(tenant_id)
