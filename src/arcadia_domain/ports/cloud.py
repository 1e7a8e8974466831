"""What the cloud room asks of its store: the inventory, and who held what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import EventKind, ResourceEvent
from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.period import Period


class AssignedBy(StrEnum):
    """On whose word a resource is in a deployment."""

    OPERATOR = "operator"
    PROVISIONING = "provisioning"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcesAsked:
    """Which resources are asked for; None asks for any. `deleted`: those that are gone, else those that are
    there. `name` is the whole name, in this case.
    """

    tenant_id: str | None = None
    deployment_id: UUID | None = None
    kind: str | None = None
    status: str | None = None
    name: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ToldAssignment:
    """An assignment, on whose word it is, and who gave it; None: the reader is not told who."""

    assignment: Assignment
    by: AssignedBy
    actor: str | None


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of a resource's log: what a look at `at` found out.

    `before` and `after` hold what changed, by name; attributes as `attrs.<name>`.
    """

    id: UUID
    kind: EventKind
    at: datetime
    before: Mapping[str, object]
    after: Mapping[str, object]


class Inventory(Protocol):
    """Resources of the provider as last seen, and who held them when."""

    def of_account(self, account: str) -> Sequence[CloudResource]:
        """Every resource of an account, the tombstoned among them, by kind and provider id."""
        ...

    def record(
        self, resources: Sequence[CloudResource], events: Sequence[ResourceEvent], at: datetime
    ) -> None:
        """Store resources as they are now, and what was found out about them.

        A resource is known by (account, kind, provider id):
        one that is there keeps its id and its first look.
        """
        ...

    def get(self, resource_id: UUID) -> CloudResource | None: ...

    def page(self, asked: ResourcesAsked, *, after: UUID | None, limit: int) -> Sequence[CloudResource]:
        """Resources by id, greatest first, from the one that follows `after`."""
        ...

    def assignments_of(self, resource_id: UUID) -> Sequence[ToldAssignment]:
        """The change points of a resource, the latest first; to a tenant those that gave it the resource."""
        ...

    def log_of(self, resource_id: UUID, *, last: int) -> Sequence[LoggedEvent]:
        """The last entries of a resource's log, newest first. Operators only."""
        ...

    def assign(self, assignment: Assignment, by: AssignedBy, actor: str) -> int:
        """Store a change point, in place of one from the same instant, and who holds the resource now.

        Unless it is a tag's, it takes away the later ones that tags made: those were guesses. How many.
        """
        ...

    def holdings(self, period: Period) -> Sequence[Holding]:
        """What deployments held, of kinds that are metered, at any time of the period."""
        ...

    def named(self, account: str, names: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        """The resources of an account with one of these (kind, case-folded name),
        the tombstoned among them.
        """
        ...

    def identified(self, account: str, ids: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        """The resources of an account with one of these (kind, provider id), the tombstoned among them."""
        ...
