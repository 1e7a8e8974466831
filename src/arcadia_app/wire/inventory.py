"""The inventory on the wire: resources, who held them when, and what happened to them (SPEC 6, 18)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, structs

from arcadia_app.use_cases.cloud.assign_resource import Assigned
from arcadia_app.use_cases.cloud.read_inventory import ResourceView
from arcadia_app.wire.types import Body, Instant, InventoryKind, Json, Shape, TenantId
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy, LoggedEvent, ToldAssignment
from arcadia_domain.quantity import plain


class Resource(Shape):
    """A resource of the provider as it was last seen. `tenant_id` and `deployment_id` hold it now."""

    id: UUID
    account: str
    provider_id: Annotated[str, Meta(examples=["440123456"])]
    kind: InventoryKind
    name: Annotated[str, Meta(examples=["pilot-web-01"])]
    region: str | None
    size_slug: Annotated[str | None, Meta(examples=["s-1vcpu-1gb"])]
    status: Annotated[str | None, Meta(examples=["active"])]
    tags: list[str]
    tenant_id: TenantId | None
    deployment_id: UUID | None
    created_at: Instant | None
    first_seen: Instant
    last_seen: Instant
    deleted_at: Instant | None
    attrs: Annotated[Json, Meta(description="What else the provider says of it, secrets left out.")]

    @classmethod
    def of(cls, resource: CloudResource) -> Resource:
        return cls(
            id=resource.id,
            account=resource.account,
            provider_id=resource.provider_id,
            kind=resource.kind,
            name=resource.name,
            region=resource.region,
            size_slug=resource.size_slug,
            status=resource.status,
            tags=list(resource.tags),
            tenant_id=resource.tenant_id,
            deployment_id=resource.deployment_id,
            created_at=resource.created_at,
            first_seen=resource.first_seen,
            last_seen=resource.last_seen,
            deleted_at=resource.deleted_at,
            attrs=_without_fractions(resource.attrs),
        )


class Resources(Shape):
    """A page of resources, newest first."""

    items: list[Resource]
    next_cursor: str | None


class ResourceAssignment(Shape):
    """From `from_at` on the resource is the deployment's (null: nobody's), until its next assignment."""

    resource_id: UUID
    from_at: Instant
    tenant_id: TenantId | None
    deployment_id: UUID | None
    by: AssignedBy
    actor: Annotated[str | None, Meta(description="Who said so; for platform admins.")]

    @classmethod
    def of(cls, told: ToldAssignment) -> ResourceAssignment:
        return cls(
            resource_id=told.assignment.resource_id,
            from_at=told.assignment.from_at,
            tenant_id=told.assignment.tenant_id,
            deployment_id=told.assignment.deployment_id,
            by=told.by,
            actor=told.actor,
        )


class AssignedResource(ResourceAssignment):
    """An assignment as it was just made. `overruled_tags` counts the later ones by tag that went for it."""

    overruled_tags: int

    @classmethod
    def made(cls, assigned: Assigned) -> AssignedResource:
        told = ResourceAssignment.of(assigned)
        return cls(**structs.asdict(told), overruled_tags=assigned.overruled)


class ResourceAssignments(Shape):
    """Who held a resource from when on, the latest first."""

    items: list[ResourceAssignment]


_EventKind = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(EventKind)})\Z",
        examples=["changed"],
        extra_json_schema={"enum": [kind.value for kind in EventKind]},
    ),
]


class ResourceEvent(Shape):
    """What a look found out. `before` and `after` hold what changed; attributes as `attrs.<name>`."""

    id: UUID
    kind: _EventKind
    at: Instant
    before: Json
    after: Json

    @classmethod
    def of(cls, event: LoggedEvent) -> ResourceEvent:
        return cls(
            id=event.id,
            kind=event.kind.value,
            at=event.at,
            before=_without_fractions(event.before),
            after=_without_fractions(event.after),
        )


class ResourceDetail(Resource):
    """A resource with who held it, the latest first, and what happened to it, newest first.

    A tenant is told the assignments that gave it the resource, and no events.
    """

    assignments: list[ResourceAssignment]
    events: Annotated[list[ResourceEvent], Meta(description="The last 100; for platform admins.")]

    @classmethod
    def detail(cls, view: ResourceView) -> ResourceDetail:
        return cls(
            **structs.asdict(Resource.of(view.resource)),
            assignments=[ResourceAssignment.of(told) for told in view.assignments],
            events=[ResourceEvent.of(event) for event in view.events],
        )


class AssignmentToPut(Body):
    """Null: nobody's, from then on. `from_at` is now or past: the time since then changes hands."""

    deployment_id: UUID | None
    from_at: Instant


def _without_fractions(attributes: Mapping[str, object]) -> dict[str, Any]:
    """The provider's attributes with fractional numbers as decimal strings: a reader's may be binary."""
    return {name: _told(value) for name, value in attributes.items()}


def _told(value: object) -> Any:
    if isinstance(value, Mapping):
        return _without_fractions(value)
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return plain(Decimal(str(value))) if isinstance(value, float | Decimal) else value
