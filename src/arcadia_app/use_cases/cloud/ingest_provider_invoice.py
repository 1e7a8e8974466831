"""Ingest an invoice from the provider itself: its CSV, with the ids of its items, against its summary.

SPEC 10. Owns the order: everything is fetched before anything is written. What a match and what a problem is,
the domain says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arcadia_app.use_cases.cloud.match_lines import match_lines
from arcadia_app.use_cases.cloud.read_cloud_invoices import CloudInvoiceNotFound
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.identification import identified
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceHeader, InvoiceSource, InvoiceState
from arcadia_domain.cloud.reconciliation import Statement, problems
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud_provider import CloudBilling
from arcadia_domain.ports.costs import StoredInvoice
from arcadia_domain.ports.unit_of_work import Transactions, Work


class ReadFile(Protocol):
    """An invoice as read from its CSV: its lines, and what is odd about it, a sentence each."""

    @property
    def lines(self) -> Sequence[CostLine]: ...
    @property
    def warnings(self) -> Sequence[str]: ...


class Read(Protocol):
    """Reads a provider invoice. Raises a DomainError that names the line of the file.

    `may_be_empty`: a file of no line is the invoice of nothing, and not one that is cut off.
    """

    def __call__(self, source: bytes, /, *, may_be_empty: bool = False) -> ReadFile: ...


class InvoiceNotListed(DomainError):
    code = "cloud_invoice_not_listed"
    sentence = (
        "The invoice of {month} was ingested by hand, and is not known to be one that the provider lists: "
        "discover invoices first."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedFromProvider:
    """What became of the invoice: reconciled, or flagged with its `problems`, a sentence each.

    `identified` of its lines have the provider's id of their resource; `warnings` are about the CSV.
    """

    invoice_id: UUID
    invoice: CloudInvoice
    lines: int
    identified: int
    matched: int
    changed: bool
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def ingest_provider_invoice(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    invoice_id: UUID,
    read: Read,
    now: datetime,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> IngestedFromProvider:
    """Fetch a known invoice, and store its lines and whether it adds up. The same again changes nothing.

    An invoice that does not add up is flagged, and its lines are costs all the same; the flag goes with an
    ingest that adds up. Its month is what the provider says, wherever its lines lie: a credit can be dated
    after it. What does not come whole raises before anything is written.
    `must_hold` is the last word of the transaction that writes: what it raises keeps all of it away.
    Raises OperatorsOnly, CloudInvoiceNotFound, InvoiceNotListed, ProviderError, AccountMismatch, and what
    `read` raises.
    """
    by.must_be_operator("ingest an invoice")
    with transactions.begin(by) as work:
        account = _listed(work, invoice_id).invoice.account
    same_account(transactions, provider, by, account=account, now=now)
    return ingest_listed(
        transactions, provider, by, invoice_id=invoice_id, read=read, now=now, must_hold=must_hold
    )


def ingest_listed(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    invoice_id: UUID,
    read: Read,
    now: datetime,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> IngestedFromProvider:
    """The same, once it is known that the provider speaks of the same account: one act asks that once.

    Raises the same but for AccountMismatch.
    """
    by.must_be_operator("ingest an invoice")
    with transactions.begin(by) as work:
        header = _listed(work, invoice_id)
    uuid = str(header.invoice_uuid)
    items, summary = provider.invoice_items(uuid), provider.invoice_summary(uuid)
    file = read(provider.invoice_csv(uuid), may_be_empty=not items and not summary.amount)
    told = Statement(summary=summary, lines=identified(file.lines, items), items=items)
    with transactions.begin(by) as work:
        invoice = _checked(_listed(work, invoice_id).invoice, told)
        stored = _stored(work, invoice, told.lines, now)
        must_hold(work)
    return IngestedFromProvider(
        invoice_id=stored.invoice_id,
        invoice=invoice,
        lines=len(told.lines),
        identified=sum(line.provider_id is not None for line in told.lines),
        matched=stored.matched,
        changed=stored.changed,
        problems=() if invoice.problem is None else tuple(invoice.problem.splitlines()),
        warnings=tuple(file.warnings),
    )


def _listed(work: Work, invoice_id: UUID) -> InvoiceHeader:
    header = work.costs.header(invoice_id)
    if header is None:
        raise CloudInvoiceNotFound(invoice_id=invoice_id)
    if header.invoice_uuid is None:
        raise InvoiceNotListed(month=f"{header.month:%Y-%m}")
    return header


def _checked(invoice: CloudInvoice, told: Statement) -> CloudInvoice:
    """The header with the sum of the lines, reconciled or flagged."""
    found = problems(invoice, told)
    return replace(
        invoice,
        amount_cents=sum(line.amount_cents for line in told.lines),
        source=InvoiceSource.DISCOVERY,
        state=InvoiceState.FLAGGED if found else InvoiceState.RECONCILED,
        problem="\n".join(found) or None,
    )


def _stored(work: Work, invoice: CloudInvoice, lines: Sequence[CostLine], now: datetime) -> StoredInvoice:
    matches = match_lines(work, invoice.account, lines)
    return work.costs.store(invoice, matches, work.new_id(), now)
