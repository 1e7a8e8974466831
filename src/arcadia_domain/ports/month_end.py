"""What the month end asks of its store: a set port for bulk work, and what it hands over (data_model 10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from arcadia_domain.billing.invoicing import Invoice, LlmCharges
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.period import Period


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


@dataclass(frozen=True, slots=True)
class Asking:
    """That a month be rolled up: all of it or one tenant, with `force` drafts made anew. A run may be asked
    for again. Its id is that of the job that does it, or a new one where none does.
    """

    id: UUID
    run: BillingRun
    force: bool = False
    tenant_id: str | None = None

    @property
    def existing(self) -> Existing:
        return Existing.REBUILD_DRAFTS if self.force else Existing.SKIP


class ShardState(StrEnum):
    """What became of a shard."""

    WAITING = "waiting"
    DONE = "done"
    DISCARDED = "discarded"
    """It will not be done: its tenants are named as failures."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Some tenants of an asking: those whose id sorts after `after`, up to `up_to` (None: to the last).

    `tenants` is how many there were when it was planned; `job_id` is the job that does it. Where a shard
    that waits is done in part, `after` is how far, and `written` what that came to.
    """

    number: int
    after: str
    up_to: str | None
    tenants: int
    state: ShardState = ShardState.WAITING
    written: Written = Written()
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The next shard ends with the tenant `up_to`, and has so many."""

    up_to: str
    tenants: int


@dataclass(frozen=True, slots=True)
class ShardsDone:
    """How far an asking is: tenants, those of shards that wait no more, and the shards that do."""

    tenants: int
    done: int
    waiting: int


class RunState(StrEnum):
    """A run is finished when every tenant that is due has an invoice, owes nothing, or is named as a
    failure.
    """

    OPEN = "open"
    """The whole month was never begun: tenants were billed by themselves, or its days are metered first."""
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A run as it stands. Tenants, shards and what was written are those of its last asking.

    `stopped` are the shards whose job failed or was parked: an operator begins it again, or discards it.
    """

    run: BillingRun
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    tenants: int = 0
    done: int = 0
    written: Written = Written()
    shards_waiting: int = 0
    shards_stopped: int = 0
    shards_done: int = 0
    shards_discarded: int = 0
    failed: int = 0
    """Tenants that could not be billed."""


class MonthEnd(Protocol):
    """The set port of the month end: tenants in chunks, a constant number of statements each.

    All but `of_deployment` is operators' business.
    """

    def open_run(self, period: Period, as_of: datetime, run_id: UUID) -> BillingRun:
        """The run of that period: the one that is there (with its own as_of), else a new one."""
        ...

    def due(
        self,
        period: Period,
        existing: Existing,
        *,
        after: str,
        limit: int,
        tenant_id: str | None = None,
        up_to: str | None = None,
    ) -> Sequence[TenantMonth]:
        """The next `limit` due tenants whose id sorts after `after` ('' at first), by id. None after `up_to`.

        Due is a tenant with a day in service, recorded usage or billable LLM charges in the period. Who is
        to make drafts anew has taken the run, or a shard of it, before.
        """
        ...

    def take_run(self, asking: Asking) -> None:
        """Have the run alone until the transaction ends: nobody else has it, or any shard of it."""
        ...

    def take_shard(self, asking: Asking, number: int) -> Shard | None:
        """Have a shard alone until the transaction ends, beside those who have others; how it then stands.
        None: it is not planned.
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

    def begin(
        self,
        asking: Asking,
        failures: Sequence[Failure],
        conflicts: Sequence[SourceConflict],
        at: datetime,
    ) -> None:
        """What metering found stands in place of what an earlier asking kept, of all tenants or of the one
        that is asked for. The run is running, but where one tenant is asked for: then it is as it was.

        The run is taken, as by `take_run`.
        """
        ...

    def cut(self, asking: Asking, size: int) -> Sequence[Cut]:
        """All who are due, in shards of `size`, in the order of their ids."""
        ...

    def add_shards(self, asking: Asking, shards: Sequence[Shard], at: datetime) -> None:
        """Store shards that are planned, or done as they are stored."""
        ...

    def shards(self, asking: Asking) -> Sequence[Shard]:
        """The shards of an asking, by number; none: it is not planned."""
        ...

    def finish_shard(self, asking: Asking, shard: Shard, at: datetime) -> ShardsDone | None:
        """Store what became of a shard that waits, or how far it is; how far its asking is then. None: it
        waits no more, and nothing is stored.

        Those who finish shards of one asking take turns until their transactions end: the last one knows
        that it is the last.
        """
        ...

    def name_failures(self, run: BillingRun, failures: Sequence[Failure], at: datetime) -> None:
        """Keep who could not be billed, beside whom the run names already."""
        ...

    def failed_among(self, run: BillingRun, tenant_ids: Sequence[str]) -> Collection[str]:
        """Those of these tenants whom the run names as failures."""
        ...

    def failures(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[Failure]:
        """Who could not be billed, by tenant: all, or one."""
        ...

    def conflicts(self, run: BillingRun, tenant_id: str | None = None) -> Sequence[SourceConflict]:
        """What was pushed and metered, by tenant and day."""
        ...

    def close_run(self, run: BillingRun, at: datetime) -> None:
        """The run is finished."""
        ...

    def shards_waiting(self, asking_id: UUID) -> int:
        """How many shards of an asking, which is known by its job alone, still wait."""
        ...

    def run_of(self, period: Period) -> RunStanding | None:
        """How the run of a month stands."""
        ...

    def runs(self, *, after: date | None, limit: int) -> Sequence[RunStanding]:
        """Runs, the latest month first, from the one that follows that of `after`."""
        ...
