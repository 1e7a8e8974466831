"""What must come of April: the golden numbers of SPEC 13, each beside what came."""

from __future__ import annotations

from dataclasses import dataclass

from arcadia_app.cli.demo.april import TENANT, Account, Billed, Quotes
from arcadia_domain.pricing.line import LineKind
from arcadia_domain.quantity import plain


@dataclass(frozen=True, slots=True)
class Check:
    """One golden number: `got` must be `expected`."""

    golden: int
    what: str
    expected: object
    got: object

    @property
    def holds(self) -> bool:
        return self.expected == self.got


def check_quotes(quotes: Quotes) -> list[Check]:
    """Goldens 1 and 2."""
    bare, mid = quotes.bare, quotes.mid_month
    overage = {line.resource_kind: line.amount_cents for line in mid.overage}
    return [
        Check(1, "Studio, a month", 5000, bare.all_in_monthly_cents),
        Check(1, "overage", 0, bare.overage_cents),
        Check(2, "recurring", 5750, mid.recurring_cents),
        Check(2, "first invoice, 12/31", [1935, 290], [line.amount_cents for line in mid.first_invoice]),
        Check(2, "first invoice", 2225, mid.first_invoice_cents),
        Check(2, "overage", {"llm_tokens": 500, "spaces_gb_month": 100}, overage),
        Check(2, "all in, a month", 6350, mid.all_in_monthly_cents),
    ]


def check_pilot(billed: Billed) -> list[Check]:
    """Golden 3: three droplets."""
    invoice = billed.invoice
    amounts = [placed.line.amount_cents for placed in invoice.lines if placed.line.kind is not LineKind.TAX]
    return [
        Check(3, "droplet hours", "2160", plain(billed.usage["droplet_hours"])),
        Check(3, "base + addon + overage", [5000, 750, 672], amounts),
        Check(3, "subtotal", 6422, invoice.subtotal_cents),
        Check(3, "GST", 642, invoice.tax_cents),
        Check(3, "total", 7064, invoice.total_cents),
        Check(3, "made by a second run", 0, billed.again.created + billed.again.rebuilt),
    ]


def check_account(account: Account) -> list[Check]:
    """Golden 4, and April's half of golden 5: five droplets and the provider's bill."""
    summary = account.margin
    pilot = next(row.margin for row in summary.by_tenant if row.tenant_id == TENANT)
    return [
        Check(4, "revenue ex GST", 7112, pilot.revenue_cents),
        Check(4, "COGS", 3053, pilot.cogs_cents),
        Check(4, "margin", 4059, pilot.margin_cents),
        Check(4, "margin %", "57.1", f"{pilot.margin_pct:f}"),
        Check(4, "COGS of the whole account", 8692, summary.overall.cogs_cents),
        Check(4, "overall margin", -1580, summary.overall.margin_cents),
        Check(5, "lines of April's invoice", 33, account.ingested.lines),
        Check(5, "amount (US cents)", 8692, account.ingested.amount_cents),
        Check(5, "lines matched", 6, account.ingested.matched),
    ]
