"""The inventory in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import ResourceEvent
from arcadia_domain.cloud.holdings import Holding, holdings
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import FOREVER, Span, micros
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.cloud import AssignedBy
from tests.fakes.state import State, must_be_operator, sees


class FakeInventory:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def of_account(self, account: str) -> Sequence[CloudResource]:
        return [resource for resource in self._all() if resource.account == account]

    def record(
        self, resources: Sequence[CloudResource], events: Sequence[ResourceEvent], at: datetime
    ) -> None:
        must_be_operator(self._principal)
        known = {resource.key: resource for resource in self._state.resources.values()}
        for resource in resources:
            there = known.get(resource.key)
            if there is not None:
                resource = replace(  # noqa: PLW2901 - the resource, as it is stored
                    resource,
                    id=there.id,
                    first_seen=there.first_seen,
                    tenant_id=there.tenant_id,
                    deployment_id=there.deployment_id,
                )
            self._state.resources[resource.id] = known[resource.key] = resource
        self._state.resource_events += [replace(e, resource_id=known[e.key].id) for e in events]

    def get(self, resource_id: UUID) -> CloudResource | None:
        return next((resource for resource in self._all() if resource.id == resource_id), None)

    def assign(self, assignment: Assignment, by: AssignedBy, actor: str) -> None:
        must_be_operator(self._principal)
        others = [
            other
            for other in self._state.assignments.get(assignment.resource_id, [])
            if other.from_at != assignment.from_at
        ]
        ordered = sorted([*others, assignment], key=lambda one: one.from_at)
        self._state.assignments[assignment.resource_id] = ordered
        self._state.resources[assignment.resource_id] = replace(
            self._state.resources[assignment.resource_id],
            tenant_id=ordered[-1].tenant_id,
            deployment_id=ordered[-1].deployment_id,
        )

    def holdings(self, period: Period) -> Sequence[Holding]:
        start, end = micros(midnight(period.start)), micros(midnight(period.end))
        return [
            holding
            for resource in self._all()
            if _may_live(resource, start, end)
            for holding in holdings(resource, self._state.assignments.get(resource.id, []), {})
            if any(_overlaps(span, start, end) for span in holding.held)
        ]

    def named(self, account: str, names: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        return [r for r in self.of_account(account) if (r.kind, r.name.casefold()) in names]

    def _all(self) -> list[CloudResource]:
        """What this principal sees, by key."""
        seen = (r for r in self._state.resources.values() if sees(self._principal, r.tenant_id))
        return sorted(seen, key=lambda resource: resource.key)


def _may_live(resource: CloudResource, start: int, end: int) -> bool:
    """Whether it lived in the time, or nobody can tell."""
    born = -FOREVER if resource.born_at is None else micros(resource.born_at)
    died = FOREVER if resource.deleted_at is None else micros(resource.deleted_at)
    return died < born or (born < end and died > start)


def _overlaps(span: Span, start: int, end: int) -> bool:
    begin, stop = span.bounds
    return begin < end and stop > start
