"""What each deployment held: from a resource and its assignments to what metering asks for (SPEC 7).

Owns Holding and how one is put together. What a resource counts for is meters' business; how its time is
measured, metering's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment, tenures
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import RateChange, rates, usage_kinds
from arcadia_domain.cloud.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A resource as one deployment held it: `held` has a stretch for each time it was assigned.

    The lifetime is [created_at, deleted_at). `changes` say what it counted for when, in order: the first of
    them holds before it too. None of them: it counted for nothing.
    """

    tenant_id: str
    deployment_id: UUID
    resource_id: UUID
    kind: str
    created_at: datetime | None
    deleted_at: datetime | None = None
    changes: tuple[RateChange, ...] = ()
    held: Sequence[Span]


def holdings(
    resource: CloudResource,
    assignments: Iterable[Assignment],
    deployment_tenants: Mapping[UUID, str],
    changes: Sequence[RateChange] = (),
) -> list[Holding]:
    """One Holding for each deployment that ever held `resource`; none for a kind that is not metered.

    A resource that stands alone is in no deployment, and so is not metered. Without recorded `changes` it
    counts as it is now. Raises TwoAssignmentsAtOnce.
    """
    if not usage_kinds(resource.kind):
        return []
    held: dict[tuple[str, UUID], list[Span]] = {}
    for tenure in tenures(resource, assignments, deployment_tenants):
        if tenure.deployment_id is not None:
            held.setdefault((tenure.tenant_id, tenure.deployment_id), []).append(tenure.span)
    if not held:
        return []
    counted = tuple(changes) or (as_it_is(resource),)
    return [
        Holding(
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            resource_id=resource.id,
            kind=resource.kind,
            created_at=resource.born_at,
            deleted_at=resource.deleted_at,
            changes=counted,
            held=tuple(spans),
        )
        for (tenant_id, deployment_id), spans in held.items()
    ]


def as_it_is(resource: CloudResource) -> RateChange:
    """What the resource counts for as it was last seen: all its life, where nothing else is recorded."""
    return RateChange(
        resource.born_at or resource.first_seen, rates(resource.kind, resource.size_slug, resource.attrs)
    )
