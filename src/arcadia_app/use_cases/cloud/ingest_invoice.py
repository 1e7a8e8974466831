"""Ingest a provider invoice: its lines replace what was stored of it,
and are matched to resources (SPEC 10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from arcadia_app.use_cases.cloud.match_lines import match_lines
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource, one_spelling
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.money import same_currency
from arcadia_domain.period import Period
from arcadia_domain.ports.unit_of_work import Work

ACCOUNT = "digitalocean"
"""The account that a file belongs to where nobody says another."""

CURRENCY = "USD"
"""What the provider charges in."""


class OtherPeriod(DomainError):
    code = "invoice_of_other_period"
    sentence = "No line of this invoice runs in {month}: its lines run from {first} to {last}."
    field = "period"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of the invoice. `amount_cents` is the sum of its lines, tax among them."""

    invoice_id: UUID
    period: Period
    lines: int
    amount_cents: int
    currency: str
    matched: int
    changed: bool


def ingest_invoice(
    work: Work,
    by: Principal,
    *,
    lines: Sequence[CostLine],
    period: Period,
    now: datetime,
    invoice_uuid: str | None = None,
    account: str = ACCOUNT,
    source: InvoiceSource = InvoiceSource.FILE,
) -> Ingested:
    """Store the invoice of `period`. The same lines again change nothing.

    Raises OperatorsOnly, InvalidInvoiceUuid, OtherPeriod, MixedCurrencies,
    AmbiguousInvoice, KnownForOtherMonth.
    """
    known_as = check_invoice(by, lines=lines, period=period, invoice_uuid=invoice_uuid)
    matches = match_lines(work, account, lines)
    amount = sum(line.amount_cents for line in lines)
    invoice = CloudInvoice(account, period, amount, CURRENCY, source, known_as)
    stored = work.costs.store(invoice, matches, work.new_id(), now)
    return Ingested(
        invoice_id=stored.invoice_id,
        period=period,
        lines=len(lines),
        amount_cents=amount,
        currency=CURRENCY,
        matched=stored.matched,
        changed=stored.changed,
    )


def check_invoice(
    by: Principal, *, lines: Sequence[CostLine], period: Period, invoice_uuid: str | None
) -> str | None:
    """Refuse what can be known to be wrong without the store; the UUID in its one spelling.

    Raises OperatorsOnly, InvalidInvoiceUuid, OtherPeriod, MixedCurrencies.
    """
    by.must_be_operator("ingest an invoice")
    known_as = None if invoice_uuid is None else one_spelling(invoice_uuid)
    for line in lines:
        same_currency(CURRENCY, line.currency, f"Line {line.line_no}")
    _must_run_in(period, lines)
    return known_as


def _must_run_in(period: Period, lines: Sequence[CostLine]) -> None:
    """Refuse what is plainly of another month: its costs would stand beside the wrong revenue.

    Raises OtherPeriod.
    """
    start, end = (datetime.combine(day, time(), UTC) for day in (period.start, period.end))
    if lines and not any(line.start < end and (line.start >= start or line.end > start) for line in lines):
        raise OtherPeriod(
            month=period.start.strftime("%Y-%m"),
            first=min(line.start for line in lines).date(),
            last=max(line.end for line in lines).date(),
        )
