"""The way between rows of the inventory and the domain's CloudResource, Assignment and RateChange.

Owns the mapping only; the queries stand with who asks them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import RateChange


def resource_row(resource: CloudResource) -> dict[str, object]:
    return {
        "id": resource.id,
        "account": resource.account,
        "kind": resource.kind,
        "provider_id": resource.provider_id,
        "name": resource.name,
        "region": resource.region,
        "size_slug": resource.size_slug,
        "status": resource.status,
        "tags": list(resource.tags),
        "attrs": dict(resource.attrs),
        "tenant_id": resource.tenant_id,
        "deployment_id": resource.deployment_id,
        "created_at": resource.created_at,
        "first_seen": resource.first_seen,
        "last_seen": resource.last_seen,
        "deleted_at": resource.deleted_at,
    }


def resource_from(row: sa.Row[Any]) -> CloudResource:
    return CloudResource(
        id=row.id,
        account=row.account,
        kind=row.kind,
        provider_id=row.provider_id,
        name=row.name,
        region=row.region,
        size_slug=row.size_slug,
        status=row.status,
        tags=tuple(row.tags),
        attrs=row.attrs,
        tenant_id=row.tenant_id,
        deployment_id=row.deployment_id,
        created_at=row.created_at,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        deleted_at=row.deleted_at,
    )


def assignments_from(rows: Iterable[sa.Row[Any]]) -> dict[UUID, list[Assignment]]:
    """The assignments of each resource, in the order of the rows; a resource without any has []."""
    by_resource: dict[UUID, list[Assignment]] = defaultdict(list)
    for row in rows:
        by_resource[row.resource_id].append(
            Assignment(
                resource_id=row.resource_id,
                from_at=row.from_at,
                tenant_id=row.tenant_id,
                deployment_id=row.deployment_id,
            )
        )
    return by_resource


def changes_from(rows: Iterable[sa.Row[Any]]) -> dict[UUID, list[RateChange]]:
    """What each resource counted for when, in the order of the rows; a resource without any has []."""
    by_resource: dict[UUID, list[RateChange]] = defaultdict(list)
    for row in rows:
        rates = {kind: None if rate is None else Decimal(str(rate)) for kind, rate in row.rates.items()}
        by_resource[row.resource_id].append(RateChange(row.from_at, rates))
    return by_resource
