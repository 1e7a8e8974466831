"""Whether a provider invoice adds up: its list, its summary, its CSV and its items say the same (SPEC 10).

Owns the rule, to the cent, and the sentence for each thing that does not agree. Nothing is dropped or changed
for it: a line that the provider charged is a cost, whether its invoice adds up or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.provider_invoices import CloudInvoice
from arcadia_domain.cloud.statements import InvoiceItem, InvoiceSummary
from arcadia_domain.quantity import EXACT

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One invoice as the provider tells it: once as CSV, once as JSON items, and the control figures."""

    summary: InvoiceSummary
    lines: Sequence[CostLine]
    items: Sequence[InvoiceItem]


def problems(invoice: CloudInvoice, told: Statement) -> list[str]:
    """What does not agree, a sentence each that names the invoice and the figures; none: it is reconciled.

    Product charges + overages + taxes + credits = amount; CSV = amount; items = amount; as many rows as
    items; amount = what the provider's list states; and the summary is this invoice's.
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
    if (summary.invoice_uuid, summary.period) != (invoice.invoice_uuid, invoice.period):
        yield f"its summary is of invoice {summary.invoice_uuid} of {summary.period.start:%Y-%m}"
    if summary.difference != _ZERO:
        yield _unequal_parts(summary)
    csv = _dollars(sum(line.amount_cents for line in told.lines))
    if csv != amount:
        yield _unequal("its CSV comes to", csv, "its summary says", amount)
    items = _sum(item.amount for item in told.items)
    if items != amount:
        yield _unequal("its items come to", items, "its summary says", amount)
    if len(told.lines) != len(told.items):
        yield f"its CSV has {len(told.lines)} rows, but there are {len(told.items)} items"
    stated = amount if invoice.stated_cents is None else _dollars(invoice.stated_cents)
    if stated != amount:
        yield _unequal("the list of invoices says", stated, "its summary says", amount)


def _unequal_parts(summary: InvoiceSummary) -> str:
    parts = (
        ("product charges", summary.product_charges),
        ("overages", summary.overages),
        ("taxes", summary.taxes),
        ("credits and adjustments", summary.credits_and_adjustments),
    )
    added = " + ".join(f"{name} {_written(part.amount)}" for name, part in parts)
    total = _sum(part.amount for _, part in parts)
    return _unequal(f"in its summary {added} come to", total, "its amount is", summary.amount)


def _unequal(one: str, found: Decimal, other: str, expected: Decimal) -> str:
    apart = EXACT.subtract(found, expected)
    way = "more" if apart > _ZERO else "less"
    return (
        f"{one} {_written(found)} USD, but {other} {_written(expected)} USD: "
        f"{_written(EXACT.abs(apart))} USD {way}"
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2, EXACT)


def _written(amount: Decimal) -> str:
    """At least two decimals, and as many as there are."""
    text = format(amount, "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
