"""The unit of work: one request or job is one transaction, and nobody else commits."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.accounts import CloudAccounts
from arcadia_domain.ports.billing import (
    Deployments,
    Invoices,
    MarginFacts,
    Subscriptions,
    Tenants,
    UsageLedger,
)
from arcadia_domain.ports.catalog import Catalog
from arcadia_domain.ports.charges import Charges
from arcadia_domain.ports.cloud import Inventory
from arcadia_domain.ports.costs import Costs
from arcadia_domain.ports.doors import Answers, RateLimits
from arcadia_domain.ports.ingest import Ingest
from arcadia_domain.ports.jobs import Jobs
from arcadia_domain.ports.month_end import MonthEnd
from arcadia_domain.ports.schedule import Schedule
from arcadia_domain.ports.statements import Statements
from arcadia_domain.ports.syncs import Syncs
from arcadia_domain.ports.upkeep import Upkeep


class DatabaseUnreachable(DomainError):
    code = "database_unreachable"
    sentence = "The database cannot be reached: {reason}"


class DatabaseBusy(DomainError):
    code = "database_busy"
    sentence = "The database has no room for this request now: ask again."


class DatabaseWithoutSchema(DomainError):
    code = "database_without_schema"
    sentence = "The database does not have this version's schema."


class Work(Protocol):
    """The repositories and set ports of one open transaction."""

    @property
    def catalog(self) -> Catalog: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def deployments(self) -> Deployments: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def usage(self) -> UsageLedger: ...
    @property
    def ingest(self) -> Ingest: ...
    @property
    def invoices(self) -> Invoices: ...
    @property
    def month_end(self) -> MonthEnd: ...
    @property
    def margin(self) -> MarginFacts: ...
    @property
    def accounts(self) -> CloudAccounts: ...
    @property
    def inventory(self) -> Inventory: ...
    @property
    def syncs(self) -> Syncs: ...
    @property
    def costs(self) -> Costs: ...
    @property
    def charges(self) -> Charges: ...
    @property
    def statements(self) -> Statements: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def limits(self) -> RateLimits: ...
    @property
    def upkeep(self) -> Upkeep: ...

    def new_id(self) -> UUID:
        """A fresh id (uuid7: ids of one process sort by time)."""
        ...


class Transactions(Protocol):
    """Opens transactions. Each is walled to what the principal may see."""

    def begin(self, principal: Principal) -> AbstractContextManager[Work]:
        """A transaction that commits when the block ends, and rolls back when it raises.

        Raises DatabaseUnreachable, DatabaseBusy, DatabaseWithoutSchema.
        """
        ...
