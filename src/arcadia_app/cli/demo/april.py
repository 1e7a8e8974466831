"""April 2026, played through the use cases: every number comes from the invoice's lines and from lifetimes.

Owns the order of the acts. Knows no number of its own but the days on which things happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from arcadia_app.arcadia import Arcadia
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.billing.quote_plan import quote_plan
from arcadia_app.use_cases.billing.roll_up_period import RolledUp, roll_up_period
from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog
from arcadia_app.use_cases.cloud.ingest_invoice import Ingested, ingest_invoice
from arcadia_app.use_cases.sample.april import APRIL, MAY_FIRST, PILOT, begin_april
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.margin import MarginSummary
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import operator
from arcadia_domain.pricing.quoting import Quote

TENANT = PILOT.tenant_id
PLAN = PILOT.plan_code
(ADDON,) = PILOT.addon_codes
BY = operator("demo")


@dataclass(frozen=True, slots=True)
class Quotes:
    """Studio bare, and Studio with an addon from 20 May on some usage."""

    bare: Quote
    mid_month: Quote


@dataclass(frozen=True, slots=True)
class Billed:
    """What a month end came to: the invoice, the usage it bills, and the run that came after it."""

    invoice: Invoice
    usage: Mapping[str, Decimal]
    again: RolledUp


@dataclass(frozen=True, slots=True)
class Account:
    """A month of the whole account: the provider's bill against what the pilot was invoiced."""

    billed: Billed
    ingested: Ingested
    margin: MarginSummary


def play_quotes(app: Arcadia) -> Quotes:
    """Goldens 1 and 2, from the seeded catalogue."""
    with app.transactions.begin(BY) as work:
        seed_catalog(work, BY, MAY_FIRST)
        bare = quote_plan(
            work, plan_code=PLAN, addon_codes=(), usage={}, starts_on=APRIL.start, now=MAY_FIRST
        )
        mid_month = quote_plan(
            work,
            plan_code=PLAN,
            addon_codes=[ADDON],
            usage={
                "droplet_hours": Decimal(1488),
                "spaces_gb_month": Decimal(200),
                "llm_tokens": Decimal(1_500_000),
            },
            starts_on=date(2026, 5, 20),
            now=MAY_FIRST,
        )
    return Quotes(bare, mid_month)


def play_pilot(app: Arcadia, droplets: Sequence[CloudResource], addons: Sequence[str]) -> Billed:
    """A tenant subscribes, its droplets run, the month ends. Twice: the second run finds nothing to do."""
    with app.transactions.begin(BY) as work:
        seed_catalog(work, BY, MAY_FIRST)
        tenant = replace(PILOT, addon_codes=tuple(addons))
        begin_april(work, BY, tenant, account=app.sample.account, droplets=droplets)
    roll_up_period(app.transactions, BY, period=APRIL, now=MAY_FIRST)
    again = roll_up_period(app.transactions, BY, period=APRIL, now=MAY_FIRST)
    with app.transactions.begin(BY) as work:
        invoice = work.invoices.of_period(TENANT, APRIL.start)
    assert invoice is not None  # the pilot has been in service all month
    return Billed(invoice, {used.kind: used.qty for used in invoice.billed}, again)


def play_account(app: Arcadia, droplets: Sequence[CloudResource], invoice_csv: bytes) -> Account:
    """Golden 4 and April's half of golden 5: the pilot's invoice beside the provider's bill."""
    billed = play_pilot(app, droplets, addons=())
    provider_invoice = app.read_invoice(invoice_csv)
    with app.transactions.begin(BY) as work:
        ingested = ingest_invoice(
            work,
            BY,
            lines=provider_invoice.lines,
            period=APRIL,
            account=app.sample.account,
            now=MAY_FIRST,
        )
        margin = margin_summary(work, BY, period=APRIL)
    return Account(billed, ingested, margin)
