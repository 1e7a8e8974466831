"""A line that the provider charged, in its place, with all that tells whose it is (SPEC 10, 14).

Owns the order of what decides: an operator's ruling first, else who held the resource while the line ran,
else nobody. How a line is split over who held a resource is attribution's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.attribution import Attribution, Share, attribute
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import Unmatched
from arcadia_domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """An operator's word on whose a line is. Tenant None: nobody's, said on purpose."""

    tenant_id: str | None
    deployment_id: UUID | None
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, kw_only=True)  # without slots: what is split once is kept
class PlacedCharge:
    """A cost line (`id`) of an invoice, with its resource, the resource's assignments, and a ruling.

    `account`, `period` and `invoice_uuid` are the invoice's. `reason` says why the line matches no resource;
    None where it matches one.
    """

    id: UUID
    invoice_id: UUID
    account: str
    period: Period
    invoice_uuid: str | None
    line: CostLine
    resource: CloudResource | None
    assignments: tuple[Assignment, ...]
    ruling: Ruling | None
    reason: Unmatched | None

    @cached_property
    def attribution(self) -> Attribution:
        """Who bears the line. The shares and what is unattributed are the line's amount, always."""
        cents = self.line.amount_cents
        if self.ruling is not None and self.ruling.tenant_id is not None:
            share = Share(self.ruling.tenant_id, self.ruling.deployment_id, cents)
            return Attribution((share,), unattributed_cents=0)
        if self.ruling is not None or self.resource is None:
            return Attribution((), unattributed_cents=cents)
        return attribute(self.line, self.resource, self.assignments)

    @property
    def holder(self) -> Share | None:
        """The one share that is the whole line, or None."""
        shares, rest = self.attribution.shares, self.attribution.unattributed_cents
        return shares[0] if len(shares) == 1 and not rest else None
