"""The inventory in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID, uuid5

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import ResourceEvent
from arcadia_domain.cloud.holdings import Holding, holdings
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.spans import FOREVER, Span, micros
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.cloud import AssignedBy, LoggedEvent, ResourcesAsked, ToldAssignment
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
        found = [replace(event, resource_id=known[event.key].id) for event in events]
        self._state.resource_events += found
        for event in found:
            log, entry = self._state.resource_log.setdefault(event.resource_id, []), logged(event, at)
            if entry not in log:
                log.append(entry)

    def get(self, resource_id: UUID) -> CloudResource | None:
        return next((resource for resource in self._all() if resource.id == resource_id), None)

    def page(self, asked: ResourcesAsked, *, after: UUID | None, limit: int) -> Sequence[CloudResource]:
        equal = {name: value for name, value in asdict(asked).items() if name != "deleted"}
        found = [
            resource
            for resource in self._all()
            if all(value in (None, getattr(resource, name)) for name, value in equal.items())
            and asked.deleted == (resource.deleted_at is not None)
            and (after is None or resource.id < after)
        ]
        return sorted(found, key=lambda resource: resource.id, reverse=True)[:limit]

    def assignments_of(self, resource_id: UUID) -> Sequence[ToldAssignment]:
        told = (
            ToldAssignment(one, *self._state.assigned_by[resource_id, one.from_at])
            for one in self._state.assignments.get(resource_id, [])
            if sees(self._principal, one.tenant_id)
        )
        return sorted(told, key=lambda one: one.assignment.from_at, reverse=True)

    def log_of(self, resource_id: UUID, *, last: int) -> Sequence[LoggedEvent]:
        must_be_operator(self._principal)
        log = sorted(self._state.resource_log.get(resource_id, []), key=lambda one: (one.at, one.id))
        return log[::-1][:last]

    def assign(self, assignment: Assignment, by: AssignedBy, actor: str) -> int:
        must_be_operator(self._principal)
        self._state.assigned_by[assignment.resource_id, assignment.from_at] = (by, actor)
        others = [
            other
            for other in self._state.assignments.get(assignment.resource_id, [])
            if other.from_at != assignment.from_at
        ]
        kept = [
            other
            for other in others
            if by is AssignedBy.TAG
            or other.from_at < assignment.from_at
            or self._state.assigned_by[other.resource_id, other.from_at][0] is not AssignedBy.TAG
        ]
        ordered = sorted([*kept, assignment], key=lambda one: one.from_at)
        self._state.assignments[assignment.resource_id] = ordered
        self._state.resources[assignment.resource_id] = replace(
            self._state.resources[assignment.resource_id],
            tenant_id=ordered[-1].tenant_id,
            deployment_id=ordered[-1].deployment_id,
        )
        return len(others) - len(kept)

    def holdings(self, period: Period) -> Sequence[Holding]:
        start, end = micros(midnight(period.start)), micros(midnight(period.end))
        return [
            holding
            for resource in self._all()
            if _may_live(resource, start, end)
            for holding in holdings(
                resource,
                self._state.assignments.get(resource.id, []),
                {},
                _changes_in(self._state.rate_changes.get(resource.id, []), start, end),
            )
            if any(_overlaps(span, start, end) for span in holding.held)
        ]

    def named(self, account: str, names: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        return [r for r in self.of_account(account) if (r.kind, r.name.casefold()) in names]

    def identified(self, account: str, ids: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        return [r for r in self.of_account(account) if (r.kind, r.provider_id) in ids]

    def _all(self) -> list[CloudResource]:
        """What this principal sees, by key."""
        seen = (r for r in self._state.resources.values() if sees(self._principal, r.tenant_id))
        return sorted(seen, key=lambda resource: resource.key)


def logged(event: ResourceEvent, at: datetime) -> LoggedEvent:
    return LoggedEvent(
        uuid5(event.resource_id, f"{event.kind}/{at.isoformat()}"),
        event.kind,
        at,
        {name: change.before for name, change in event.fields.items()},
        {name: change.after for name, change in event.fields.items()},
    )


def _may_live(resource: CloudResource, start: int, end: int) -> bool:
    """Whether it lived in the time, or nobody can tell."""
    born = -FOREVER if resource.born_at is None else micros(resource.born_at)
    died = FOREVER if resource.deleted_at is None else micros(resource.deleted_at)
    return died < born or (born < end and died > start)


def _changes_in(changes: list[RateChange], start: int, end: int) -> list[RateChange]:
    """Those that hold in the time; the first holds before it too."""
    begins = [-FOREVER, *(micros(change.from_at) for change in changes[1:]), FOREVER]
    return [
        change
        for change, (begin, stop) in zip(changes, pairwise(begins), strict=False)
        if begin < end and stop > start
    ]


def _overlaps(span: Span, start: int, end: int) -> bool:
    begin, stop = span.bounds
    return begin < end and stop > start
