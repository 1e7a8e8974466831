"""Tables that people read: quotes, invoices, margins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from arcadia_app.cli.text import dollars, quantity
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.billing.leakage import Leakage
from arcadia_domain.billing.margin import Margin, MarginSummary
from arcadia_domain.billing.unearned import LeakReason
from arcadia_domain.pricing.line import Line
from arcadia_domain.pricing.quoting import Quote

_WIDTH = 100


def console(*, marked_up: bool = True) -> Console:
    """Stdout; as wide as the terminal, or as a page where there is none. `marked_up` False: strangers' names
    are printed, in which a bracket is a bracket.
    """
    found = Console(markup=marked_up, emoji=marked_up)
    return found if found.is_terminal else Console(width=_WIDTH, markup=marked_up, emoji=marked_up)


def table(title: str, columns: Iterable[str], *, left: int = 1) -> Table:
    """A table whose first `left` columns are words and the others numbers."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        min_width=len(title),  # a title is not folded to the width of a small table
    )
    for place, column in enumerate(columns):
        made.add_column(column, justify="left" if place < left else "right", overflow="fold")
    return made


def whole(made: Table, column: str, *, at_most: int | None = None) -> None:
    """Keep what stands in a column in one piece, up to so many characters; others are folded first."""
    found = next(one for one in made.columns if one.header == column)
    if at_most is None:
        found.no_wrap = True
    else:
        found.min_width = min(at_most, max((len(str(cell)) for cell in found.cells), default=0))


def quote_table(quote: Quote) -> Table:
    """The full month beside the first invoice, then overage."""
    title = f"Quote: {quote.plan_code} v{quote.plan_version} ({quote.currency})"
    first = f"first {quote.days_billed}/{quote.days_in_month} days"
    made = table(title, ("line", "how it comes about", "full month", first), left=2)
    for whole, part in zip(quote.recurring, quote.first_invoice, strict=True):
        made.add_row(
            whole.description, explain(part), dollars(whole.amount_cents), dollars(part.amount_cents)
        )
    made.add_row(
        "recurring", "", dollars(quote.recurring_cents), dollars(quote.first_invoice_cents), style="bold"
    )
    for line in quote.overage:
        made.add_row(line.description, explain(line), dollars(line.amount_cents), "")
    made.add_row("overage", "", dollars(quote.overage_cents), "", style="bold")
    made.add_row("all in, a month", "", dollars(quote.all_in_monthly_cents), "", style="bold")
    return made


def invoice_table(invoice: Invoice, title: str) -> Table:
    """The lines as they are billed, each with how it comes about."""
    made = table(title, ("line", "how it comes about", invoice.currency), left=2)
    for placed in invoice.lines:
        made.add_row(placed.line.description, explain(placed.line), dollars(placed.line.amount_cents))
    made.add_section()
    made.add_row("subtotal", "", dollars(invoice.subtotal_cents))
    made.add_row("tax", "", dollars(invoice.tax_cents))
    made.add_row(
        "total",
        f"{invoice.status} · hash {invoice.quote_hash[:12]}…",
        dollars(invoice.total_cents),
        style="bold",
    )
    return made


def explain(line: Line) -> str:
    """In a few words what the line's meta says."""
    meta = line.meta
    if "days_billed" in meta:
        return f"{dollars(line.unit_price_cents or 0)} × {meta['days_billed']}/{meta['days_in_month']} days"
    if "allowance" in meta:
        price = f"{quantity(line.qty)} {line.unit} × {line.unit_price_cents}c"
        return f"used {meta['used']} of {meta['allowance']}: {price}"
    if "taxable_cents" in meta:
        taxable = meta["taxable_cents"]
        return f"of {dollars(taxable)}" if isinstance(taxable, int) else ""
    return f"{quantity(line.qty)} {line.unit}"


def margin_table(summary: MarginSummary, title: str) -> Table:
    """Overall, then each tenant and deployment, then what nobody bears."""
    made = table(title, ("", "revenue ex tax", "COGS", "margin", "%"))
    for row in summary.by_deployment:
        _margin_row(made, f"deployment {str(row.deployment_id)[:8]}… of {row.tenant_id}", row.margin)
    for tenant in summary.by_tenant:
        _margin_row(made, f"tenant {tenant.tenant_id}", tenant.margin)
    made.add_row("unattributed", "", dollars(summary.unattributed_cogs_cents), "", "")
    made.add_section()
    _margin_row(made, "overall", summary.overall, style="bold")
    rate = summary.fx
    made.caption = f"{rate.pair} at {rate.rate:f}" + (" (assumed: no rate is known)" if rate.assumed else "")
    return made


def _margin_row(made: Table, name: str, margin: Margin, style: str | None = None) -> None:
    made.add_row(
        name,
        dollars(margin.revenue_cents),
        dollars(margin.cogs_cents),
        dollars(margin.margin_cents),
        "–" if margin.margin_pct is None else f"{margin.margin_pct:f}",
        style=style,
    )


def by_kind_table(summary: MarginSummary) -> Table:
    """Revenue and COGS by kind: two axes, not set against each other."""
    made = table("By kind", ("revenue", "", "COGS", ""), left=1)
    made.columns[2].justify = "left"
    revenue, cogs = summary.by_kind.revenue, summary.by_kind.cogs
    for place in range(max(len(revenue), len(cogs))):
        left = (
            (revenue[place].kind, dollars(revenue[place].amount_cents)) if place < len(revenue) else ("", "")
        )
        right = (cogs[place].kind, dollars(cogs[place].amount_cents)) if place < len(cogs) else ("", "")
        made.add_row(*left, *right)
    return made


def leakage_table(report: Leakage) -> Table:
    """Each leak, then what each reason and all of them come to."""
    title = f"Not earned back of what was charged in {report.month.start:%B %Y} ({report.currency})"
    made = table(title, ("tenant", "deployment", "product", "why", "lines", "amount"), left=4)
    for leak in report.items:
        made.add_row(
            leak.tenant_id or "–",
            str(leak.deployment_id or "–"),
            leak.product,
            _WHY[leak.reason],
            str(leak.lines),
            dollars(leak.amount_cents),
        )
    made.add_section()
    for total in report.by_reason:
        if total.lines:
            made.add_row("", "", "", _WHY[total.reason], str(total.lines), dollars(total.amount_cents))
    looked_at = f"of {dollars(report.looked_at_cents)} charged"
    made.add_row("all", "", "", looked_at, "", dollars(report.total_cents), style="bold")
    made.caption = f"tax and credits, {dollars(report.left_out_cents)}, are left out"
    return made


_WHY = {
    LeakReason.NOBODY: "nobody held it",
    LeakReason.NO_DEPLOYMENT: "in no deployment",
    LeakReason.NO_METER: "nothing meters it",
    LeakReason.NO_PRICE: "no plan or price names it",
    LeakReason.NO_USAGE: "no usage is recorded",
}


def pairs_table(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    """Names and values."""
    made = table(title, ("", ""), left=1)
    made.show_header = False
    for name, value in rows:
        made.add_row(name, value)
    return made
