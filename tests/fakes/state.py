"""All that the fakes remember, as one value: a transaction works on a copy and swaps it in.

Owns the copying and who sees what. What each collection means is the business of the port's fake.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, LlmMode
from arcadia_domain.billing.ingest import Stream
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.billing.tax import TaxProfile, TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.billing.usage import DayOfKind, Source, SourceConflict
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import ResourceEvent
from arcadia_domain.cloud.charges import Ruling
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import Match
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.cloud.statements import BillingEntry
from arcadia_domain.cloud.syncing import Synced
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.cloud import AssignedBy, LoggedEvent
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer
from arcadia_domain.ports.jobs import Attempt, Job, NewJob
from arcadia_domain.ports.month_end import BillingRun, Failure, Shard
from arcadia_domain.ports.schedule import Scheduled
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.ports.upkeep import MonthOf
from arcadia_domain.pricing.catalog import Addon, Plan, PlanVersion, ResourcePrice
from arcadia_domain.pricing.stretch import Status


@dataclass(frozen=True, slots=True)
class LlmEvent:
    """A priced event of the gateway, as far as billing needs it. `charge` in currency units."""

    tenant_id: str
    deployment_id: UUID
    occurred_day: date
    charge: Decimal
    currency: str
    llm_mode: LlmMode


@dataclass(frozen=True, slots=True)
class Sighting:
    """The sync that saw a resource last, and since when it is missing."""

    sync_id: UUID | None = None
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job with what only workers know of it."""

    asked: NewJob
    job: Job
    sent_at: datetime | None = None
    told: int = 0
    lease_until: datetime | None = None
    worker: str | None = None
    woken: bool = False
    fence: int = 0
    history: tuple[Attempt, ...] = ()


@dataclass(slots=True)
class State:
    """The rows of every table, as domain values."""

    plans: dict[str, Plan] = field(default_factory=dict)
    versions: dict[UUID, PlanVersion] = field(default_factory=dict)
    addons: dict[str, Addon] = field(default_factory=dict)
    prices: list[ResourcePrice] = field(default_factory=list)

    tenants: dict[str, Tenant] = field(default_factory=dict)
    tax_profiles: dict[str, list[TaxProfile]] = field(default_factory=dict)
    tax_rates: list[TaxRate] = field(default_factory=list)
    issuers: list[Issuer] = field(default_factory=list)
    fx_rates: list[FxRate] = field(default_factory=list)

    deployments: dict[UUID, Deployment] = field(default_factory=dict)
    events: dict[UUID, list[DeploymentEvent]] = field(default_factory=dict)
    llm_modes: dict[UUID, dict[datetime, LlmMode]] = field(default_factory=dict)
    """By deployment: the change points of one whose mode has changed."""
    subscriptions: dict[UUID, Subscription] = field(default_factory=dict)
    standing: dict[UUID, Status] = field(default_factory=dict)
    """How each subscription stood on the day on which it was stored: what its row shows."""

    day_usage: dict[tuple[str, UUID, str, date], tuple[Source, Decimal]] = field(default_factory=dict)
    """By tenant, deployment, kind and day. The row of a kind without a size says whose the day is."""
    pushed: list[DayOfKind] = field(default_factory=list)
    """Of every event that was pushed, be it 0."""
    llm_events: list[LlmEvent] = field(default_factory=list)
    ingested: dict[tuple[Stream, str], bytes] = field(default_factory=dict)
    """By stream and the event's id: the payload's hash."""

    invoices: dict[UUID, Invoice] = field(default_factory=dict)
    runs: dict[UUID, BillingRun] = field(default_factory=dict)
    run_failures: dict[UUID, list[Failure]] = field(default_factory=dict)
    run_conflicts: dict[UUID, list[SourceConflict]] = field(default_factory=dict)
    run_began: dict[UUID, datetime] = field(default_factory=dict)
    run_closed: dict[UUID, datetime] = field(default_factory=dict)
    """By run: since when it is finished."""
    run_shards: dict[tuple[UUID, UUID], list[Shard]] = field(default_factory=dict)
    """By run and asking, in order."""

    cloud_accounts: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By account: what the provider calls it, and since when that is known."""
    resources: dict[UUID, CloudResource] = field(default_factory=dict)
    resource_events: list[ResourceEvent] = field(default_factory=list)
    resource_log: dict[UUID, list[LoggedEvent]] = field(default_factory=dict)
    assignments: dict[UUID, list[Assignment]] = field(default_factory=dict)
    rate_changes: dict[UUID, list[RateChange]] = field(default_factory=dict)
    """By resource, in order."""
    syncs: dict[UUID, Synced] = field(default_factory=dict)
    sightings: dict[UUID, Sighting] = field(default_factory=dict)
    """By resource: of those that a sync saw."""
    projects: dict[UUID, str] = field(default_factory=dict)
    """By resource: the provider id of the project that it is in."""
    assigned_by: dict[tuple[UUID, datetime], tuple[AssignedBy, str]] = field(default_factory=dict)
    """By resource and instant: on whose word, and who gave it."""
    cloud_invoices: dict[UUID, InvoiceHeader] = field(default_factory=dict)
    cost_lines: dict[UUID, list[Match]] = field(default_factory=dict)
    """By cloud invoice."""
    attributions: dict[tuple[UUID, bytes, int], Ruling] = field(default_factory=dict)
    """By cloud invoice, hash of the row and ordinal."""

    balances: dict[tuple[str, datetime], BalanceSnapshot] = field(default_factory=dict)
    """By account and the instant at which it was generated."""
    billing_entries: dict[str, list[BillingEntry]] = field(default_factory=dict)
    """By account."""

    jobs: dict[UUID, StoredJob] = field(default_factory=dict)
    schedule: dict[str, Scheduled] = field(default_factory=dict)
    months: list[MonthOf] = field(default_factory=list)
    """Those that have a place of their own."""

    answers: dict[AnswerKey, tuple[KeptAnswer, datetime]] = field(default_factory=dict)
    """With the instant at which it expires."""
    free_at: dict[str, datetime] = field(default_factory=dict)
    """By tenant: when all that it used of its rate has come back."""

    def copy(self) -> State:
        """Collections of its own; the values are frozen and shared."""
        return State(**{one.name: _copied(getattr(self, one.name)) for one in fields(self)})


def _copied(collection: Any) -> Any:
    if isinstance(collection, dict):
        return {key: list(v) if isinstance(v, list) else v for key, v in collection.items()}
    return list(collection)


def sees(principal: Principal, tenant_id: str | None) -> bool:
    """The database's wall: operators and the gateway see every row, a tenant the rows that are its own."""
    if principal.is_operator or Role.LLM_GATEWAY in principal.roles:
        return True
    return tenant_id is not None and tenant_id == principal.tenant_id


def must_be_operator(principal: Principal) -> None:
    """What only operators write: the database gives the other roles no right to."""
    if not principal.is_operator:
        raise PermissionError(f"{principal.subject} may not write here")


def must_own(principal: Principal, tenant_id: str) -> None:
    """What a tenant writes, it writes to itself; the gateway writes nothing of it."""
    own = Role.LLM_GATEWAY not in principal.roles and principal.tenant_id == tenant_id
    if not (principal.is_operator or own):
        raise PermissionError(f"{principal.subject} may not write rows of {tenant_id}")
