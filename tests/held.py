"""Resources and who holds them, for the tests of usage, inventory and margin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions
from tests.world import OLGA

ACCOUNT = "acme-at-do"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = datetime(2026, 5, 3, 12, tzinfo=UTC)


def april(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 4, day, hour, tzinfo=UTC)


def resource(number: int = 1, **facts: Any) -> CloudResource:
    """A droplet that lives since long ago, unless said otherwise."""
    told: Mapping[str, Any] = {
        "id": UUID(int=0xC10D0000 + number),
        "account": ACCOUNT,
        "kind": "droplet",
        "provider_id": f"{number:05}",
        "name": f"web-{number}",
        "region": "syd1",
        "size_slug": "s-1vcpu-1gb",
        "status": "active",
        "tags": ("web", "blue"),
        "attrs": {"vcpus": 1, "size_gigabytes": 25},
        "created_at": LONG_AGO,
        "first_seen": SEEN,
        "last_seen": SEEN,
    }
    return CloudResource(**{**told, **facts})


def recorded(transactions: Transactions, *resources: CloudResource) -> None:
    with transactions.begin(OLGA) as work:
        work.inventory.record(resources, [], SEEN)


def assigned(
    transactions: Transactions,
    held: CloudResource,
    to: Deployment | None,
    from_at: datetime = LONG_AGO,
) -> Assignment:
    """`held` is the deployment's from then on; None: nobody's."""
    assignment = Assignment(
        resource_id=held.id,
        from_at=from_at,
        tenant_id=None if to is None else to.tenant_id,
        deployment_id=None if to is None else to.id,
    )
    with transactions.begin(OLGA) as work:
        work.inventory.assign(assignment, AssignedBy.OPERATOR, "olga")
    return assignment
