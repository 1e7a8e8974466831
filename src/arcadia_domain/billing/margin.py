"""The margin of a month: what tenants were invoiced against what the provider charged for them (SPEC 14).

Owns the sums and the percentages. Pure: revenue comes from invoices, without tax; costs from attribution,
in the provider's currency. Every figure here is a sum of the same converted parts, so that they always
agree: overall = the sum over tenants + what is unattributed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from arcadia_domain.cloud.fx import Rate, convert
from arcadia_domain.money import half_up
from arcadia_domain.period import Period
from arcadia_domain.quantity import EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """An amount invoiced to a tenant, without tax; negative for a credit.

    `kind` is the line's resource kind, or the line's own kind where it has none (plan_base).
    `deployment_id` is None for what the tenant as a whole was billed.
    """

    tenant_id: str
    deployment_id: UUID | None
    kind: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShare:
    """An amount the provider charged, in cents of the rate's base currency. Tenant None: unattributed.

    `kind` is the inventory kind, or another word for what is none ("tax", "other");
    `is_tax` marks the provider's tax.
    """

    tenant_id: str | None
    deployment_id: UUID | None
    kind: str
    amount_cents: int
    is_tax: bool = False


@dataclass(frozen=True, slots=True)
class Margin:
    """Revenue against costs, in cents. `cogs_cents` holds the provider's tax, `cogs_ex_tax_cents` does not.

    `margin_pct` is the margin as a percentage of the revenue with exactly one decimal, rounded half away
    from zero; None where there is no revenue.
    """

    revenue_cents: int
    cogs_cents: int
    cogs_ex_tax_cents: int
    margin_cents: int
    margin_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class TenantMargin:
    """The margin of one tenant."""

    tenant_id: str
    margin: Margin


@dataclass(frozen=True, slots=True)
class DeploymentMargin:
    """The margin of one deployment."""

    tenant_id: str
    deployment_id: UUID
    margin: Margin


@dataclass(frozen=True, slots=True)
class KindAmount:
    """What one kind brought or cost, in cents."""

    kind: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class ByKind:
    """Revenue and costs by kind: two axes that are not set against each other."""

    revenue: tuple[KindAmount, ...]
    cogs: tuple[KindAmount, ...]


@dataclass(frozen=True, slots=True)
class MarginSummary:
    """The margin of a month in one currency; tenants, deployments and kinds stand in order of their ids."""

    month: Period
    currency: str
    fx: Rate
    overall: Margin
    by_tenant: tuple[TenantMargin, ...]
    by_deployment: tuple[DeploymentMargin, ...]
    by_kind: ByKind
    unattributed_cogs_cents: int


class _Sums:
    """Running sums of one line of the summary."""

    __slots__ = ("cogs", "revenue", "tax")

    def __init__(self) -> None:
        self.revenue = self.cogs = self.tax = 0

    def margin(self) -> Margin:
        cents = self.revenue - self.cogs
        return Margin(self.revenue, self.cogs, self.cogs - self.tax, cents, margin_pct(self.revenue, cents))


def margin(
    month: Period, revenue: Iterable[Revenue], costs: Iterable[CostShare], rate: Rate
) -> MarginSummary:
    """The summary of `month` in the rate's quote currency; revenue is in it, costs are converted into it.

    Costs are summed by tenant, deployment and kind before they are converted, all in one split: the
    converted total is half_up(total × rate), and every sum below it adds up to it.
    The order of the rows changes nothing.
    """
    overall, unattributed = _Sums(), _Sums()
    tenants: dict[str, _Sums] = defaultdict(_Sums)
    deployments: dict[tuple[str, UUID], _Sums] = defaultdict(_Sums)
    revenue_kinds: dict[str, int] = defaultdict(int)
    cost_kinds: dict[str, int] = defaultdict(int)
    for row in revenue:
        revenue_kinds[row.kind] += row.amount_cents
        overall.revenue += row.amount_cents
        tenants[row.tenant_id].revenue += row.amount_cents
        if row.deployment_id is not None:
            deployments[row.tenant_id, row.deployment_id].revenue += row.amount_cents
    for cost in _converted(costs, rate):
        cost_kinds[cost.kind] += cost.amount_cents
        bearers = [overall, unattributed if cost.tenant_id is None else tenants[cost.tenant_id]]
        if cost.tenant_id is not None and cost.deployment_id is not None:
            bearers.append(deployments[cost.tenant_id, cost.deployment_id])
        for sums in bearers:
            sums.cogs += cost.amount_cents
            sums.tax += cost.amount_cents if cost.is_tax else 0
    return MarginSummary(
        month=month,
        currency=rate.quote,
        fx=rate,
        overall=overall.margin(),
        by_tenant=tuple(TenantMargin(tenant, tenants[tenant].margin()) for tenant in sorted(tenants)),
        by_deployment=tuple(
            DeploymentMargin(*key, deployments[key].margin())
            for key in sorted(deployments, key=lambda key: (key[0], str(key[1])))
        ),
        by_kind=ByKind(_by_kind(revenue_kinds), _by_kind(cost_kinds)),
        unattributed_cogs_cents=unattributed.cogs,
    )


def margin_pct(revenue_cents: int, margin_cents: int) -> Decimal | None:
    """The margin in percent of the revenue, to one decimal; None unless the revenue is above zero."""
    if revenue_cents <= 0:
        return None
    return Decimal(half_up(margin_cents * 1000, revenue_cents)).scaleb(-1, EXACT)


def _converted(costs: Iterable[CostShare], rate: Rate) -> list[CostShare]:
    """The costs in the summary's currency, one row for each tenant, deployment, kind and tax or not."""
    grouped: dict[tuple[str | None, UUID | None, str, bool], int] = defaultdict(int)
    for cost in costs:
        grouped[cost.tenant_id, cost.deployment_id, cost.kind, cost.is_tax] += cost.amount_cents
    keys = sorted(grouped, key=lambda key: (key[0] or "", str(key[1] or ""), key[2], key[3]))
    amounts = convert([grouped[key] for key in keys], rate)
    return [
        CostShare(tenant_id=tenant, deployment_id=deployment, kind=kind, is_tax=is_tax, amount_cents=amount)
        for (tenant, deployment, kind, is_tax), amount in zip(keys, amounts, strict=True)
    ]


def _by_kind(amounts: dict[str, int]) -> tuple[KindAmount, ...]:
    return tuple(KindAmount(kind, amounts[kind]) for kind in sorted(amounts))
