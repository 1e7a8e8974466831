"""What billing asks of its store:
repositories for single acts, set ports for bulk work (data_model rule 10).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, LlmMode, State
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus, LlmCharges
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon
from arcadia_domain.billing.tax import TaxProfile, TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.billing.usage import DayOfKind, Recorded
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.period import Period


class Tenants(Protocol):
    """Tenants, how they are taxed, and who bills them."""

    def ensure(self, tenant: Tenant, at: datetime) -> bool:
        """Store the tenant unless it is there; False, and nothing done, where it is."""
        ...

    def get(self, tenant_id: str) -> Tenant | None: ...

    def get_locked(self, tenant_id: str) -> Tenant | None:
        """The same, locked until the transaction ends: operators edit a tenant one at a time."""
        ...

    def page(self, *, after: str, limit: int) -> Sequence[Tenant]:
        """Tenants by id, from the one that follows `after` ('' at first)."""
        ...

    def edit(self, tenant: Tenant) -> None:
        """Store what an operator may edit, and a new revision."""
        ...

    def currencies(self, tenant_ids: Collection[str]) -> Mapping[str, str]:
        """The currency in which each of these tenants is billed."""
        ...

    def tax_profiles(self, tenant_id: str, *, after: date | None, limit: int) -> Sequence[TaxProfile]:
        """How the tenant is taxed, by the day from which it is, from the one that follows `after`."""
        ...

    def put_tax_profile(self, tenant_id: str, profile: TaxProfile) -> None:
        """Store a change point; one from the same day is replaced."""
        ...

    def add_tax_rate(self, rate: TaxRate) -> bool:
        """Store a rate; False, and nothing done, where there is one from that day."""
        ...

    def tax_rates(self) -> Sequence[TaxRate]: ...

    def add_issuer(self, issuer: Issuer) -> bool:
        """Store an issuer; False, and nothing done, where there is any issuer already."""
        ...


class Deployments(Protocol):
    """The deployments a principal may see."""

    def add(self, deployment: Deployment) -> bool:
        """Store a new one; False, and nothing done, where its tenant has the slug already."""
        ...

    def get(self, deployment_id: UUID) -> Deployment | None: ...

    def get_locked(self, deployment_id: UUID) -> Deployment | None:
        """The same, locked until the transaction ends: acts on one deployment happen one at a time."""
        ...

    def by_slug(self, tenant_id: str, slug: str) -> Deployment | None: ...

    def count_locked(self, tenant_id: str) -> int:
        """How many of the tenant's are not archived. Whoever counts second waits for this transaction."""
        ...

    def save(self, deployment: Deployment) -> None:
        """Store a new state and revision."""
        ...

    def edit(self, deployment: Deployment) -> None:
        """Store what an operator may edit, and a new revision."""
        ...

    def change_llm_mode(self, before: Deployment, mode: LlmMode, from_at: datetime) -> None:
        """Store a change point of the mode; with the first, also what held until then.

        For a locked deployment. The points stand in the order of the changes: one that is not after the last
        holds from the microsecond that follows it.
        """
        ...

    def record(self, event: DeploymentEvent) -> None:
        """Append to the history of a locked or new deployment."""
        ...

    def events(self, deployment_id: UUID) -> Sequence[DeploymentEvent]:
        """The whole history, oldest first."""
        ...

    def page(
        self,
        *,
        after: UUID | None,
        limit: int,
        tenant_id: str | None = None,
        state: State | None = None,
    ) -> Sequence[Deployment]:
        """Deployments, newest id first, from the one that follows `after`."""
        ...

    def events_of(
        self, deployment_ids: Collection[UUID], *, last: int | None = None
    ) -> Mapping[UUID, Sequence[DeploymentEvent]]:
        """The history of each that has one, oldest first; of each the `last` events, or all."""
        ...


class Subscriptions(Protocol):
    """Subscriptions with their timelines and addons."""

    def add(self, subscription: Subscription) -> bool:
        """Store a new one; False, and nothing done, where the deployment has one that is not cancelled."""
        ...

    def of_deployment(self, deployment_id: UUID) -> Subscription | None:
        """The one that is not cancelled, else the last, else None."""
        ...

    def of_deployments(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Subscription]:
        """The same for each that has one."""
        ...

    def every_of(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        """All that each ever had, the cancelled ones among them, in the order of their start."""
        ...

    def detach(self, subscription: Subscription, addon: SubscriptionAddon) -> None:
        """Store on which day an attached addon ends."""
        ...

    def save(self, subscription: Subscription, today: date) -> None:
        """Store a changed timeline; the status and version of `today` are what the row shows."""
        ...

    def attach(self, subscription: Subscription, addon: SubscriptionAddon) -> None: ...


class UsageLedger(Protocol):
    """Usage per deployment, kind and day: append-only deltas, one source a day."""

    def lock_day(self, day: date) -> None:
        """Metering of one day happens one at a time: whoever comes second waits for this transaction."""
        ...

    def has_metering(self, period: Period) -> bool:
        """Whether anything is, or was, there to meter in the period."""
        ...

    def record_metered(self, metered: MeteredDay, batch_id: UUID, at: datetime) -> Recorded:
        """Make the metered usage of a day be what `metered` says, for every tenant but those that failed.

        Writes the differences only, each under its own lock, so that metering again, or twice at once, adds
        nothing; a kind that was metered before and is not there any more goes to zero. A day that usage was
        pushed for is left alone and named in the result. A kind and its sizes have one source; a day that is
        left to be pushed is claimed for that.
        """
        ...

    def pushed(self, days: Collection[DayOfKind]) -> Collection[DayOfKind]:
        """Those of these days, of kinds without a size, for which anything was pushed, be it 0."""
        ...

    def for_period(self, deployment_id: UUID, period: Period) -> Mapping[str, Mapping[date, Decimal]]:
        """What a deployment used, by kind and day: recorded so far."""
        ...

    def used_kinds(self, deployment_ids: Collection[UUID], period: Period) -> Mapping[UUID, Collection[str]]:
        """The kinds, with their sizes, of which each deployment used more than nothing: recorded so far."""
        ...

    def unmetered_days(self, period: Period, tenant_id: str | None = None) -> Sequence[tuple[date, str]]:
        """The days on which a tenant's deployment held a meterable resource
        and has no usage recorded, in order.
        """
        ...


@dataclass(frozen=True, slots=True)
class InvoicePlace:
    """Where an invoice stands in the list of all, which begins with the newest period."""

    period_start: date
    tenant_id: str
    id: UUID


class Invoices(Protocol):
    """Invoices as they stand."""

    def get(self, invoice_id: UUID) -> Invoice | None:
        """The invoice with its lines and inputs."""
        ...

    def of_period(self, tenant_id: str, period_start: date) -> Invoice | None:
        """The tenant's invoice of a period that is not void."""
        ...

    def has_overdue(self, tenant_id: str, today: date) -> bool:
        """Whether an issued invoice of the tenant is past its due day."""
        ...

    def page(
        self,
        *,
        after: InvoicePlace | None,
        limit: int,
        tenant_id: str | None = None,
        period_start: date | None = None,
        status: InvoiceStatus | None = None,
    ) -> Sequence[Invoice]:
        """Invoices with their lines, greatest place first, from the one that follows `after`.

        What only proves them (`inputs`, `billed`) is left out: `get` has it.
        """
        ...

    def closed_until(self, tenant_id: str) -> date | None:
        """The end of the last period for which the tenant has an issued or paid invoice."""
        ...


class Existing(StrEnum):
    """What a month end does with a tenant that already has an invoice for the period."""

    SKIP = "skip"
    REBUILD_DRAFTS = "rebuild_drafts"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class DeploymentMonth:
    """Everything that one deployment's month is priced from. `subscriptions` in the order of their start."""

    deployment_id: UUID
    slug: str
    subscriptions: tuple[Subscription, ...]
    usage: Mapping[str, Mapping[date, Decimal]]
    llm: LlmCharges | None


@dataclass(frozen=True, slots=True)
class TenantMonth:
    """A tenant that is due in a period, with its deployments by slug."""

    tenant: Tenant
    tax_profiles: tuple[TaxProfile, ...]
    deployments: tuple[DeploymentMonth, ...]


@dataclass(frozen=True, slots=True)
class BillingRun:
    """One month end: what its invoices were made from is what was known at `as_of`."""

    id: UUID
    period: Period
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """A tenant that could not be billed, and why."""

    tenant_id: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch of drafts."""

    created: int = 0
    rebuilt: int = 0
    unchanged: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.created + other.created, self.rebuilt + other.rebuilt, self.unchanged + other.unchanged
        )


class MonthEnd(Protocol):
    """The set port of the month end: tenants in chunks, a constant number of statements each.

    All but `of_deployment` is operators' business.
    """

    def open_run(self, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
        """The run of that period: the one that is there (with its own as_of), else a new one."""
        ...

    def due(
        self, period: Period, existing: Existing, *, after: str, limit: int, tenant_id: str | None = None
    ) -> Sequence[TenantMonth]:
        """The next `limit` due tenants whose id sorts after `after` ('' at first), by id.

        With REBUILD_DRAFTS the month is locked until the transaction ends: drafts are made anew by one at a
        time. Due is a tenant with a day in service, recorded usage or billable LLM charges in the period.
        """
        ...

    def of_deployment(self, deployment_id: UUID, period: Period) -> TenantMonth | None:
        """The month of one deployment alone, as `due` tells it, also where nothing is to bill.

        For whoever may see the deployment; None where it is not there.
        """
        ...

    def write(
        self, drafts: Sequence[Invoice], nothing_to_bill: Sequence[str], *, period: Period, force: bool
    ) -> Written:
        """Store drafts. An invoice that is there stays, unless `force` and it is a draft:
        then it is made anew.

        With `force`, a draft of a tenant in `nothing_to_bill` is removed.
        """
        ...

    def close_run(
        self, run: BillingRun, failures: Sequence[Failure], tenant_id: str | None, at: datetime
    ) -> None:
        """Keep who could not be billed, in place of what an earlier attempt kept."""
        ...


class MarginFacts(Protocol):
    """What the margin of a month is computed from, beside what was charged (`charges`)."""

    def revenue(self, period: Period) -> Mapping[str, Sequence[Revenue]]:
        """Invoiced ex tax, by currency, per tenant, deployment and kind:
        drafts, issued and paid; void is out.
        """
        ...

    def fx_rates(self) -> Sequence[FxRate]: ...
