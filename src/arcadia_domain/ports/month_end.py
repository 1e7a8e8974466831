"""What the month end asks of its store: a set port for bulk work, and what it hands over (data_model 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
