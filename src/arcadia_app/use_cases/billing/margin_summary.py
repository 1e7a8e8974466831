"""The margin of a month: what tenants were invoiced against what the provider charged for them (SPEC 14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from arcadia_domain.billing.margin import CostShare, MarginSummary, Revenue, margin
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.fx import FxRate, convert, rate_on
from arcadia_domain.identity import Principal
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.unit_of_work import Work

REVENUE_CURRENCY = "AUD"
COST_CURRENCY = "USD"


def margin_summary(work: Work, by: Principal, *, period: Period) -> MarginSummary:
    """Overall, per tenant, per deployment and by kind, in AUD.

    Costs are converted at the rate in force on the period's last day; with none, at 1, marked as assumed.
    Revenue in another currency needs a known rate. Raises OperatorsOnly, MixedCurrencies.
    """
    by.must_be_operator("see the margin")
    last_day = period.end - timedelta(days=1)
    rates = work.margin.fx_rates()
    return margin(
        period,
        revenue_rows(work.margin.revenue(period), rates, last_day),
        cost_rows(work.charges.each(ChargesAsked(period=period))),
        rate_on(rates, COST_CURRENCY, REVENUE_CURRENCY, last_day),
    )


def revenue_rows(
    by_currency: Mapping[str, Sequence[Revenue]], rates: Sequence[FxRate], day: date
) -> list[Revenue]:
    """All revenue in one currency. Raises MixedCurrencies for one that no rate converts."""
    rows: list[Revenue] = []
    for currency, invoiced in sorted(by_currency.items()):
        rate = rate_on(rates, currency, REVENUE_CURRENCY, day)
        if rate.assumed:
            raise MixedCurrencies(what="Revenue", found=currency, expected=REVENUE_CURRENCY)
        amounts = convert([row.amount_cents for row in invoiced], rate)
        rows += [replace(row, amount_cents=cents) for row, cents in zip(invoiced, amounts, strict=True)]
    return rows


def cost_rows(charges: Iterable[PlacedCharge]) -> list[CostShare]:
    """Each charge split over who bears it, and what nobody does."""
    return [
        CostShare(
            tenant_id=tenant_id,
            deployment_id=deployment_id,
            kind=charge.line.kind or ("tax" if charge.line.is_tax else "other"),
            amount_cents=cents,
            is_tax=charge.line.is_tax,
        )
        for charge in charges
        for tenant_id, deployment_id, cents in _bearers(charge)
        if cents
    ]


def _bearers(charge: PlacedCharge) -> list[tuple[str | None, UUID | None, int]]:
    split = charge.attribution
    return [(share.tenant_id, share.deployment_id, share.amount_cents) for share in split.shares] + [
        (None, None, split.unattributed_cents)
    ]
