"""A short way to an April of some tenants: subscribed, metered, priced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from arcadia_app.use_cases.billing.create_deployment import create_deployment
from arcadia_app.use_cases.billing.price_month import MonthTerms, price_month
from arcadia_app.use_cases.billing.subscribe import subscribe
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.invoicing import DeploymentBill, Invoice, draft
from arcadia_domain.billing.tax import tax_on
from arcadia_domain.billing.usage import DayUsage
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.month_end import Existing, TenantMonth
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.world import OLGA, at

APRIL = month_of(date(2026, 4, 1))
AS_OF = datetime(2026, 5, 1, 3, tzinfo=UTC)


def pilots(
    transactions: Transactions,
    *tenant_ids: str,
    slugs: Sequence[str] = ("pilot",),
    addon_codes: Sequence[str] = (),
    starts_on: date | None = APRIL.start,
) -> list[Deployment]:
    """Deployments of each tenant, on Studio from `starts_on`; None: without a subscription."""
    made = []
    with transactions.begin(OLGA) as work:
        for tenant_id in tenant_ids:
            for slug in slugs:
                deployment = create_deployment(
                    work,
                    OLGA,
                    slug=slug,
                    display_name=slug.title(),
                    region="syd1",
                    tenant_id=tenant_id,
                    now=at(date(2026, 1, 1)),
                )
                made.append(deployment)
                if starts_on is not None:
                    subscribe(
                        work,
                        OLGA,
                        deployment_id=deployment.id,
                        plan_code="studio",
                        addon_codes=addon_codes,
                        starts_on=starts_on,
                        now=at(date(2026, 4, 1)),
                    )
    return made


def metered(transactions: Transactions, *usage: tuple[Deployment, str, int, str]) -> None:
    """Usage of April: deployment, kind, day of the month, quantity."""
    with transactions.begin(OLGA) as work:
        for day in sorted({day for _, _, day, _ in usage}):
            rows = tuple(
                DayUsage(deployment.tenant_id, deployment.id, kind, date(2026, 4, on), Decimal(qty))
                for deployment, kind, on, qty in usage
                if on == day
            )
            work.usage.record_metered(MeteredDay(date(2026, 4, day), rows, ()), work.new_id(), AS_OF)


def due(
    transactions: Transactions, existing: Existing = Existing.IGNORE, *, limit: int = 500
) -> list[TenantMonth]:
    """Every tenant that is due in April, chunk by chunk."""
    found: list[TenantMonth] = []
    with transactions.begin(OLGA) as work:
        while chunk := work.month_end.due(
            APRIL, existing, after=found[-1].tenant.tenant_id if found else "", limit=limit
        ):
            assert len(chunk) <= limit
            found += chunk
    return found


def due_ids(transactions: Transactions, existing: Existing = Existing.IGNORE) -> list[str]:
    return [month.tenant.tenant_id for month in due(transactions, existing)]


def drafts_of(work: Work, period: Period = APRIL) -> list[Invoice]:
    """The drafts of everybody who is due and has something to pay, as a month end makes them."""
    batch = work.month_end.due(period, Existing.IGNORE, after="", limit=500)
    terms = MonthTerms.of(work.catalog, batch, period)
    rates = work.tenants.tax_rates()
    made = []
    for month in batch:
        bills = [
            DeploymentBill(one.deployment_id, price_month(one, month.tenant, terms), one.llm)
            for one in month.deployments
        ]
        tax = tax_on(period.end - timedelta(days=1), month.tax_profiles, rates)
        currency = month.tenant.currency
        invoice = draft(month.tenant.tenant_id, period, bills, tax=tax, currency=currency, as_of=AS_OF)
        if invoice is not None:
            made.append(invoice)
    return made


def written(transactions: Transactions, period: Period = APRIL) -> list[Invoice]:
    """A month's drafts, written."""
    with transactions.begin(OLGA) as work:
        made = drafts_of(work, period)
        work.month_end.write(made, [], period=period, force=False)
    return made


def dearer(invoice: Invoice, cents: int = 1) -> Invoice:
    """The same invoice with a first line that costs a cent more."""
    first, *others = invoice.lines
    line = replace(first.line, amount_cents=first.line.amount_cents + cents)
    return replace(
        invoice,
        lines=(replace(first, line=line), *others),
        subtotal_cents=invoice.subtotal_cents + cents,
        quote_hash="0" * 64,
    )
