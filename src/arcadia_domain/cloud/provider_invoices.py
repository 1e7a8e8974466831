"""The header of a provider invoice, and which stored one an ingest or a discovery is about (SPEC 10).

Owns the header and how it moves: discovered, ingested, reconciled or flagged. Discovery and a file ingested
by hand never count the same month twice. The lines are costs'; whether they add up is reconciliation's;
storing is the adapters'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.period import Period


class AmbiguousInvoice(DomainError):
    code = "ambiguous_invoice"
    sentence = (
        "Account {account} has {count} invoices for {month}: say which one is meant, by its invoice UUID."
    )
    field = "invoice_uuid"


class KnownForOtherMonth(DomainError):
    code = "invoice_known_for_other_month"
    sentence = "Invoice {invoice_uuid} is the one of {known_month}: it cannot be ingested for {month}."
    field = "period"


class InvoiceSource(StrEnum):
    """How we came by a provider invoice. A preview is the running month as it stood at the last look."""

    FILE = "file"
    DISCOVERY = "discovery"
    PREVIEW = "preview"


class InvoiceState(StrEnum):
    """How far we are with a provider invoice.

    Discovered: the provider lists it, and we have no line of it. Ingested: we have lines that nobody has
    checked. Reconciled: its sums agree to the cent. Flagged: they do not.
    """

    DISCOVERED = "discovered"
    INGESTED = "ingested"
    RECONCILED = "reconciled"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class CloudInvoice:
    """A provider invoice without its lines. `invoice_uuid` None:
    a file ingested by hand, known by account and period.

    `amount_cents` is the sum of the lines, and of a discovered one what the provider states; `stated_cents`
    is what the provider's list says, `invoice_number` its number for people. `problem` says what does not add
    up where the invoice is flagged.
    """

    account: str
    period: Period
    amount_cents: int
    currency: str
    source: InvoiceSource
    invoice_uuid: str | None = None
    invoice_number: str | None = None
    stated_cents: int | None = None
    state: InvoiceState = InvoiceState.INGESTED
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHeader:
    """A stored provider invoice. `ingested_at`: when its lines last changed;
    `reconciled_at`: since when it adds up.
    """

    id: UUID
    invoice: CloudInvoice
    lines: int
    ingested_at: datetime | None = None
    reconciled_at: datetime | None = None

    @property
    def month(self) -> date:
        """The first day of its month."""
        return self.invoice.period.start

    @property
    def invoice_uuid(self) -> str | None:
        """The provider's id of it."""
        return self.invoice.invoice_uuid


def same_invoice(
    known: Iterable[InvoiceHeader], *, account: str, month: date, invoice_uuid: str | None
) -> InvoiceHeader | None:
    """The one of an account's invoices, without previews, that is meant; None where it is a new one.

    With a UUID: the one that has it, else the one ingested by hand for that month, which it adopts. Without:
    the one ingested by hand for that month, else the only one of the month. Raises AmbiguousInvoice, and
    KnownForOtherMonth for a UUID that is known with another month.
    """
    invoices = list(known)
    of_month = [invoice for invoice in invoices if invoice.month == month]
    by_hand = next((invoice for invoice in of_month if invoice.invoice_uuid is None), None)
    if invoice_uuid is not None:
        same = next((invoice for invoice in invoices if invoice.invoice_uuid == invoice_uuid), by_hand)
        if same is not None and same.month != month:
            raise KnownForOtherMonth(
                invoice_uuid=invoice_uuid,
                known_month=same.month.strftime("%Y-%m"),
                month=month.strftime("%Y-%m"),
            )
        return same
    if by_hand is None and len(of_month) > 1:
        raise AmbiguousInvoice(account=account, count=len(of_month), month=month.strftime("%Y-%m"))
    return by_hand or next(iter(of_month), None)


def ingested(
    stored: InvoiceHeader | None,
    new_id: UUID,
    invoice: CloudInvoice,
    *,
    lines: int,
    others: bool,
    at: datetime,
) -> InvoiceHeader:
    """The header once `lines` lines are stored; `others`: they are not the same lines as before.

    What a file does not say stays: the UUID, the number, the stated amount, and, where the lines are the
    same, whether they add up. How we came by an invoice changes with its adoption only, else a file and
    discovery would for ever take it from each other.
    """
    if stored is None:
        reconciled_at = at if invoice.state is InvoiceState.RECONCILED else None
        return InvoiceHeader(id=new_id, invoice=invoice, lines=lines, reconciled_at=reconciled_at)
    old = stored.invoice
    checked = old.state in (InvoiceState.RECONCILED, InvoiceState.FLAGGED)
    keeps = invoice.state is InvoiceState.INGESTED and checked and not others
    merged = replace(
        invoice,
        invoice_uuid=invoice.invoice_uuid or old.invoice_uuid,
        invoice_number=invoice.invoice_number or old.invoice_number,
        stated_cents=old.stated_cents if invoice.stated_cents is None else invoice.stated_cents,
        source=invoice.source if _adopts(old, invoice) else old.source,
        state=old.state if keeps else invoice.state,
        problem=old.problem if keeps else invoice.problem,
    )
    return InvoiceHeader(
        id=stored.id,
        invoice=merged,
        lines=lines,
        ingested_at=stored.ingested_at,
        reconciled_at=_reconciled_at(stored, merged.state, at),
    )


def together(
    known: Iterable[InvoiceHeader], stated: Iterable[CloudInvoice]
) -> list[tuple[InvoiceHeader | None, CloudInvoice]]:
    """Each invoice that the provider lists, by month and uuid, with the stored one that it is.

    By its UUID, else the one ingested by hand for that month, which the first without a stored one adopts.
    """
    headers = list(known)
    by_uuid = {str(header.invoice_uuid): header for header in headers if header.invoice_uuid is not None}
    by_hand = {header.month: header for header in headers if header.invoice_uuid is None}
    return [
        (by_uuid.get(str(one.invoice_uuid)) or by_hand.pop(one.period.start, None), one)
        for one in sorted(stated, key=lambda one: (one.period.start, str(one.invoice_uuid)))
    ]


def discovered(stored: InvoiceHeader | None, new_id: UUID, stated: CloudInvoice) -> InvoiceHeader:
    """The header once the provider has listed the invoice. Its list is the authority on the month.

    One that adds up, and is stated with another amount than before, is to be ingested again.
    """
    if stored is None:
        return InvoiceHeader(id=new_id, invoice=stated, lines=0)
    old = stored.invoice
    restated = old.state is InvoiceState.RECONCILED and old.stated_cents != stated.stated_cents
    state = InvoiceState.INGESTED if restated else old.state
    amount = stated.amount_cents if state is InvoiceState.DISCOVERED else old.amount_cents
    merged = replace(
        stated,
        amount_cents=amount,
        source=stated.source if _adopts(old, stated) else old.source,
        state=state,
        problem=old.problem,
    )
    reconciled_at = None if restated else stored.reconciled_at
    return replace(stored, invoice=merged, reconciled_at=reconciled_at)


def to_ingest(headers: Iterable[InvoiceHeader]) -> list[InvoiceHeader]:
    """Those that the provider is to be asked for: it knows them, and they do not add up yet.

    Newest first: years of history take the provider minutes to serve, and the last month is what is asked of.
    """
    asked = [
        header
        for header in headers
        if header.invoice_uuid is not None and header.invoice.state is not InvoiceState.RECONCILED
    ]
    return sorted(asked, key=lambda header: (header.month, str(header.invoice_uuid)), reverse=True)


def _adopts(old: CloudInvoice, new: CloudInvoice) -> bool:
    return old.invoice_uuid is None and new.invoice_uuid is not None


def _reconciled_at(stored: InvoiceHeader, state: InvoiceState, at: datetime) -> datetime | None:
    if state is not InvoiceState.RECONCILED:
        return None
    return stored.reconciled_at or at
