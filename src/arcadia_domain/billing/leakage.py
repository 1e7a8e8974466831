"""Leakage: what the provider charged in a month that no meter and no plan earns back (SPEC 14; ADR 0021).

Owns the sums. Every cent of the month's lines is leaked, earned, or left out: tax and credits. Who bears a
line is attribution's; why nobody earns it, unearned's. All amounts are whole cents of COST_CURRENCY, as the
provider charged them: nothing is converted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from arcadia_domain.billing.earning import Earner, EarningMonth
from arcadia_domain.billing.unearned import LeakReason, unearned
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.descriptions import Sort, sort_of
from arcadia_domain.period import Period

COST_CURRENCY = "USD"
"""What the provider charges in."""

_NO_USE = frozenset({Sort.TAX, Sort.CREDIT})
_UNBOUND = EarningMonth((), (), frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What was charged for one product for one reason, in cents; `lines` counts the lines it was charged in.

    `kind` is the inventory kind, or "other" where the product is about none.
    Tenant None: nobody; deployment None: in none.
    """

    tenant_id: str | None
    deployment_id: UUID | None
    kind: str
    product: str
    reason: LeakReason
    amount_cents: int
    lines: int


@dataclass(frozen=True, slots=True)
class ReasonTotal:
    """What one reason comes to."""

    reason: LeakReason
    amount_cents: int
    lines: int


@dataclass(frozen=True, slots=True)
class Leakage:
    """The leaks of a month, the largest first.

    `looked_at_cents` is leaked and earned together; `left_out_cents` is the provider's tax, less its credits:
    the two are the sum of the month's lines.
    """

    month: Period
    items: tuple[Leak, ...]
    looked_at_cents: int
    left_out_cents: int
    currency: str = COST_CURRENCY

    @property
    def total_cents(self) -> int:
        """All that is leaked."""
        return sum(item.amount_cents for item in self.items)

    @property
    def by_reason(self) -> tuple[ReasonTotal, ...]:
        """The totals of all reasons, in the order in which they are asked."""
        return tuple(
            ReasonTotal(
                reason,
                sum(item.amount_cents for item in self.items if item.reason is reason),
                sum(item.lines for item in self.items if item.reason is reason),
            )
            for reason in LeakReason
        )


def leakage(
    month: Period, charges: Iterable[PlacedCharge], deployments: Mapping[UUID, EarningMonth]
) -> Leakage:
    """What of `charges`, the lines of the month, is not earned back.

    `deployments` has every deployment that bears a part of a line; one that is missing earns nothing.
    Tax is left out, for it follows what it is charged on, and so are lines that take back: a promotion or a
    refund is no use of anything, and set against a leak it would hide it.
    Raises TwoAssignmentsAtOnce, DeploymentWithoutTenant.
    """
    earners = {id: Earner(earning, month) for id, earning in deployments.items()}
    nothing = Earner(_UNBOUND, month)
    leaked: dict[_Group, list[int]] = defaultdict(list)
    looked_at = left_out = 0
    for charge in charges:
        if is_left_out(charge.line):
            left_out += charge.line.amount_cents
            continue
        looked_at += charge.line.amount_cents
        kind, product = charge.line.kind or "other", charge.line.product
        attribution = charge.attribution
        if attribution.unattributed_cents:
            leaked[None, None, kind, product, LeakReason.NOBODY].append(attribution.unattributed_cents)
        for share in attribution.shares:
            earner = nothing if share.deployment_id is None else earners.get(share.deployment_id, nothing)
            reason = unearned(charge, share, earner, month)
            if reason is not None and share.amount_cents:
                leaked[share.tenant_id, share.deployment_id, kind, product, reason].append(share.amount_cents)
    return Leakage(month, _largest_first(leaked), looked_at, left_out)


def is_left_out(line: CostLine) -> bool:
    """Whether the line is no charge for something: the provider's tax, or a credit."""
    return line.amount_cents < 0 or sort_of(line.product) in _NO_USE


_Group = tuple[str | None, UUID | None, str, str, LeakReason]


def _largest_first(leaked: Mapping[_Group, Sequence[int]]) -> tuple[Leak, ...]:
    items = [
        Leak(
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            kind=kind,
            product=product,
            reason=reason,
            amount_cents=sum(amounts),
            lines=len(amounts),
        )
        for (tenant_id, deployment_id, kind, product, reason), amounts in leaked.items()
    ]
    return tuple(sorted(items, key=_order))


def _order(item: Leak) -> tuple[object, ...]:
    who = (item.tenant_id or "", str(item.deployment_id or ""))
    return (-item.amount_cents, *who, item.kind, item.product, item.reason)
