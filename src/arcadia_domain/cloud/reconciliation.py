"""Whether a provider invoice adds up: its list, its summary, its CSV and its items say the same (SPEC 10).

Owns the rule, to the cent, and the sentence for each thing that does not agree. Nothing is dropped or changed
for it: a line that the provider charged is a cost, whether its invoice adds up or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arcadia_domain.cloud.comparison import other_groups, other_rows
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.figures import ZERO, dollars, total, unequal, written
from arcadia_domain.cloud.provider_invoices import CloudInvoice, spelled
from arcadia_domain.cloud.statements import InvoiceItem, InvoiceSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One invoice as the provider tells it: once as CSV, once as JSON items, and the control figures."""

    summary: InvoiceSummary
    lines: Sequence[CostLine]
    items: Sequence[InvoiceItem]


def problems(invoice: CloudInvoice, told: Statement) -> list[str]:
    """What does not agree, a sentence each that names the invoice and the figures; none: it is reconciled.

    Product charges + overages + taxes + credits = amount; CSV = amount; items = amount; the rows are the
    items, and come to what the summary says of each product, of taxes and of credits; amount = what the
    provider's list states; and the summary is this invoice's.
    """
    return [f"{name_of(invoice)}: {what}." for what in _problems(invoice, told)]


def name_of(invoice: CloudInvoice) -> str:
    """The invoice as a sentence names it: by number, month and UUID."""
    number = f"Invoice {invoice.invoice_number}" if invoice.invoice_number else "The invoice"
    uuid = f" ({invoice.invoice_uuid})" if invoice.invoice_uuid else ""
    return f"{number} of {invoice.period.start:%Y-%m}{uuid}"


def _problems(invoice: CloudInvoice, told: Statement) -> Iterator[str]:
    summary = told.summary
    amount = summary.amount
    if (spelled(summary.invoice_uuid), summary.period) != (invoice.invoice_uuid, invoice.period):
        yield f"its summary is of invoice {summary.invoice_uuid} of {summary.period.start:%Y-%m}"
    if summary.difference != ZERO:
        yield _unequal_parts(summary)
    csv = dollars(sum(line.amount_cents for line in told.lines))
    if csv != amount:
        yield unequal("its CSV comes to", csv, "its summary says", amount)
    items = total(item.amount for item in told.items)
    if items != amount:
        yield unequal("its items come to", items, "its summary says", amount)
    if len(told.lines) != len(told.items):
        yield f"its CSV has {len(told.lines)} rows, but there are {len(told.items)} items"
    yield from other_rows(told.lines, told.items)
    yield from _other_month(told)
    yield from other_groups(told.lines, summary)
    stated = amount if invoice.stated_cents is None else dollars(invoice.stated_cents)
    if stated != amount:
        yield unequal("the list of invoices says", stated, "its summary says", amount)


def _other_month(told: Statement) -> Iterator[str]:
    """The same machines cost the same each month: a CSV of another one has the same rows but for dates."""
    csv = [line.start.date() for line in told.lines]
    items = [item.start.date() for item in told.items if item.start is not None]
    if csv and len(items) == len(told.items) > 0 and min(csv) != min(items):
        yield f"its CSV begins on {min(csv)}, but its items on {min(items)}"


def _unequal_parts(summary: InvoiceSummary) -> str:
    parts = (
        ("product charges", summary.product_charges),
        ("overages", summary.overages),
        ("taxes", summary.taxes),
        ("credits and adjustments", summary.credits_and_adjustments),
    )
    added = " + ".join(f"{name} {written(part.amount)}" for name, part in parts)
    found = total(part.amount for _, part in parts)
    return unequal(f"in its summary {added} come to", found, "its amount is", summary.amount)
