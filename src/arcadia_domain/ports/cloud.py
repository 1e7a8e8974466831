"""What the cloud room asks of its store: the inventory, who held what, and the provider's invoices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import ResourceEvent
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import Match
from arcadia_domain.period import Period


class AssignedBy(StrEnum):
    """On whose word a resource is in a deployment."""

    OPERATOR = "operator"
    PROVISIONING = "provisioning"
    TAG = "tag"


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

    def assign(self, assignment: Assignment, by: AssignedBy, actor: str) -> None:
        """Store a change point, in place of one from the same instant, and who holds the resource now."""
        ...

    def holdings(self, period: Period) -> Sequence[Holding]:
        """What deployments held, of kinds that are metered, at any time of the period."""
        ...

    def named(self, account: str, names: Collection[tuple[str, str]]) -> Sequence[CloudResource]:
        """The resources of an account with one of these (kind, case-folded name),
        the tombstoned among them.
        """
        ...


class InvoiceSource(StrEnum):
    """How we came by a provider invoice."""

    FILE = "file"
    DISCOVERY = "discovery"


@dataclass(frozen=True, slots=True)
class CloudInvoice:
    """The header of a provider invoice. `invoice_uuid` None:
    a file ingested by hand, known by account and period.
    """

    account: str
    period: Period
    amount_cents: int
    currency: str
    source: InvoiceSource
    invoice_uuid: str | None = None


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """What became of an ingest. `changed` is False when everything was there, as it is."""

    invoice_id: UUID
    matched: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """A stored cost line with all that tells whose it is:
    its resource's assignments, or an operator's word.
    """

    line: CostLine
    resource: CloudResource | None
    assignments: tuple[Assignment, ...]
    given_to: tuple[str, UUID | None] | None
    """The tenant, and perhaps the deployment, to which an operator attributed the line."""


class Costs(Protocol):
    """The provider's invoices and their lines."""

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        """Make the invoice's line set be these lines, with what they match. Stored lines that are equal stay.

        The invoice is found by its uuid; without one, by (account, period): the one ingested by hand, else
        the only one there. An invoice ingested by hand is adopted by the first uuid of its period. Raises
        AmbiguousInvoice. What an operator attributed survives.
        """
        ...
