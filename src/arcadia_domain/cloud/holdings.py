"""What each deployment held: from a resource and its assignments to what metering asks for (SPEC 7).

Owns which kinds are metered, Holding, and the reading of a size. How the time is measured is metering's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment, tenures
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import Span

METERED: Mapping[str, str] = MappingProxyType(
    {
        "droplet": "droplet_hours",
        "space": "spaces_gb_month",
        "snapshot": "snapshot_gb_month",
        "domain": "dns_zones",
    }
)
"""The usage kind that each kind of the inventory is metered as; the others are not metered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A resource as one deployment held it: `held` has a stretch for each time it was assigned.

    The lifetime is [created_at, deleted_at); `size_gb` is asked of kinds that are counted in GB × months.
    """

    tenant_id: str
    deployment_id: UUID
    resource_id: UUID
    kind: str
    created_at: datetime | None
    deleted_at: datetime | None = None
    size_gb: Decimal | None = None
    held: Sequence[Span]


def holdings(
    resource: CloudResource, assignments: Iterable[Assignment], deployment_tenants: Mapping[UUID, str]
) -> list[Holding]:
    """One Holding for each deployment that ever held `resource`; none for a kind that is not metered.

    A resource that stands alone is in no deployment, and so is not metered. Raises TwoAssignmentsAtOnce.
    """
    if resource.kind not in METERED:
        return []
    held: dict[tuple[str, UUID], list[Span]] = {}
    for tenure in tenures(resource, assignments, deployment_tenants):
        if tenure.deployment_id is not None:
            held.setdefault((tenure.tenant_id, tenure.deployment_id), []).append(tenure.span)
    return [
        Holding(
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            resource_id=resource.id,
            kind=resource.kind,
            created_at=resource.born_at,
            deleted_at=resource.deleted_at,
            size_gb=size_gb(resource.attrs),
            held=tuple(spans),
        )
        for (tenant_id, deployment_id), spans in held.items()
    ]


def size_gb(attrs: Mapping[str, object]) -> Decimal | None:
    """The size in gigabytes under `size_gigabytes`, or None when it is absent or no number.

    A number that came through JSON as a binary float is read by its shortest digits, as it was written.
    """
    written = attrs.get("size_gigabytes")
    if isinstance(written, bool) or not isinstance(written, int | float | Decimal | str):
        return None
    try:
        return Decimal(str(written))
    except InvalidOperation:
        return None
