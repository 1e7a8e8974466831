"""The facts of the margin in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.pricing.line import LineKind
from tests.fakes.state import State

_Axes = tuple[str, str, UUID | None, str]


class FakeMarginFacts:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state

    def revenue(self, period: Period) -> Mapping[str, Sequence[Revenue]]:
        sums: Counter[_Axes] = Counter()
        for invoice in self._state.invoices.values():
            if invoice.period.start != period.start or invoice.status is InvoiceStatus.VOID:
                continue
            for placed in invoice.lines:
                line = placed.line
                if line.kind is not LineKind.TAX:
                    kind = line.resource_kind or line.kind.value
                    axes = (invoice.currency, invoice.tenant_id, placed.deployment_id, kind)
                    sums[axes] += line.amount_cents
        revenue: dict[str, list[Revenue]] = defaultdict(list)
        for (currency, tenant_id, deployment_id, kind), cents in sorted(sums.items(), key=str):
            revenue[currency].append(
                Revenue(tenant_id=tenant_id, deployment_id=deployment_id, kind=kind, amount_cents=cents)
            )
        return dict(revenue)

    def fx_rates(self) -> Sequence[FxRate]:
        return sorted(
            self._state.fx_rates, key=lambda rate: (rate.base, rate.quote, rate.from_day, rate.source)
        )
