"""The results of acts as JSON, with the names that SPEC 18 fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arcadia_app.use_cases.billing.live_accrual import Accrual
from arcadia_app.use_cases.billing.roll_up_period import RolledUp
from arcadia_app.use_cases.catalog.seed_catalog import Seeded
from arcadia_app.use_cases.cloud.ingest_invoice import Ingested
from arcadia_app.use_cases.cloud.meter_day import DayMetered
from arcadia_domain.billing.margin import Margin, MarginSummary
from arcadia_domain.pricing.line import Line, total_cents
from arcadia_domain.pricing.quoting import Quote
from arcadia_domain.quantity import plain

Json = dict[str, Any]


def quote_json(quote: Quote) -> Json:
    return {
        "plan_code": quote.plan_code,
        "plan_version": quote.plan_version,
        "currency": quote.currency,
        "recurring": _section(quote.recurring),
        "first_invoice": {
            **_section(quote.first_invoice),
            "days_billed": quote.days_billed,
            "days_in_month": quote.days_in_month,
        },
        "overage": _section(quote.overage),
        "all_in_monthly_cents": quote.all_in_monthly_cents,
        "hash": quote.hash(),
    }


def _section(lines: Sequence[Line]) -> Json:
    return {"lines": [line.as_json() for line in lines], "total_cents": total_cents(lines)}


def ingested_json(ingested: Ingested) -> Json:
    return {
        "invoice_id": str(ingested.invoice_id),
        "period": f"{ingested.period.start:%Y-%m}",
        "lines": ingested.lines,
        "amount_cents": ingested.amount_cents,
        "currency": ingested.currency,
        "matched": ingested.matched,
        "changed": ingested.changed,
    }


def margin_json(summary: MarginSummary) -> Json:
    rate = summary.fx
    return {
        "period": f"{summary.month.start:%Y-%m}",
        "currency": summary.currency,
        "fx": {"pair": rate.pair, "rate": plain(rate.rate), "source": rate.source, "assumed": rate.assumed},
        "overall": _margin(summary.overall),
        "by_tenant": [{"tenant_id": row.tenant_id, **_margin(row.margin)} for row in summary.by_tenant],
        "by_deployment": [
            {"deployment_id": str(row.deployment_id), "tenant_id": row.tenant_id, **_margin(row.margin)}
            for row in summary.by_deployment
        ],
        "by_kind": {
            "revenue": [{"kind": k.kind, "amount_cents": k.amount_cents} for k in summary.by_kind.revenue],
            "cogs": [{"kind": k.kind, "amount_cents": k.amount_cents} for k in summary.by_kind.cogs],
        },
        "unattributed_cogs_cents": summary.unattributed_cogs_cents,
    }


def _margin(margin: Margin) -> Json:
    return {
        "revenue_cents": margin.revenue_cents,
        "cogs_cents": margin.cogs_cents,
        "cogs_ex_tax_cents": margin.cogs_ex_tax_cents,
        "margin_cents": margin.margin_cents,
        "margin_pct": None if margin.margin_pct is None else f"{margin.margin_pct:f}",
    }


def metered_json(metered: DayMetered) -> Json:
    return {
        "day": metered.day.isoformat(),
        "changed": metered.changed,
        "conflicts": [{"code": conflict.code, "detail": str(conflict)} for conflict in metered.conflicts],
        "failures": [
            {"tenant_id": failure.tenant_id, "code": failure.error.code, "detail": str(failure.error)}
            for failure in metered.failures
        ],
    }


def rolled_up_json(rolled_up: RolledUp) -> Json:
    return {
        "period": f"{rolled_up.period.start:%Y-%m}",
        "created": rolled_up.created,
        "rebuilt": rolled_up.rebuilt,
        "unchanged": rolled_up.unchanged,
        "failures": [
            {"tenant_id": failure.tenant_id, "code": failure.code, "detail": failure.reason}
            for failure in rolled_up.failures
        ],
    }


def seeded_json(seeded: Seeded) -> Json:
    return {"plans": seeded.plans, "addons": seeded.addons, "prices": seeded.prices}


def accrual_json(accrual: Accrual) -> Json:
    currency = next(iter(accrual.totals), "AUD")
    return {
        "as_of": accrual.as_of.isoformat(),
        "currency": currency,
        "items": [
            {
                "tenant_id": item.tenant_id,
                "deployment_id": str(item.deployment_id),
                "currency": item.currency,
                "recurring_cents": item.recurring_cents,
                "overage_cents": item.overage_cents,
                "llm_cents": item.llm_cents,
                "total_cents": item.total_cents,
            }
            for item in accrual.items
        ],
        "total_cents": accrual.totals.get(currency, 0),
        "failures": [
            {"tenant_id": tenant, "detail": reason} for tenant, reason in sorted(accrual.failures.items())
        ],
    }
