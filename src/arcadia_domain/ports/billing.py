"""What billing asks of its store: repositories for single acts, and the facts of a margin.

The month end's is month_end's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, LlmMode, State
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.billing.subscriptions import Subscription, SubscriptionAddon
from arcadia_domain.billing.tax import TaxProfile, TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.billing.usage import DayOfKind, Folded, Recorded
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

    def fold(self, *, before: datetime, after: DayOfKind | None, limit: int) -> Folded:
        """Add the deltas from before an instant to the sums of their days, for at most `limit` days of kinds:
        those that follow `after`. For operators.

        What any reader reads is the same before, during and after. A day that is locked, by metering or by
        another folding, is passed over; folding waits for nobody.
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

    def closed_ends(self, tenant_ids: Collection[str]) -> Mapping[str, date]:
        """The same for each of these tenants that has one."""
        ...


class MarginFacts(Protocol):
    """What the margin of a month is computed from, beside what was charged (`charges`)."""

    def revenue(self, period: Period) -> Mapping[str, Sequence[Revenue]]:
        """Invoiced ex tax, by currency, per tenant, deployment and kind:
        drafts, issued and paid; void is out.
        """
        ...

    def fx_rates(self) -> Sequence[FxRate]: ...
