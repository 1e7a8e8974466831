"""The header of a provider invoice, and which stored one an ingest or a discovery is about (SPEC 10).

Owns the header and how it moves (discovered, ingested, reconciled or flagged), the one spelling of a UUID,
and which invoice a file ingested by hand is: nothing of a month is counted twice. The lines are costs';
whether they add up is reconciliation's; storing is the adapters'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
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


class InvalidInvoiceUuid(DomainError):
    code = "invalid_invoice_uuid"
    sentence = (
        "{invoice_uuid!r} is no invoice UUID of DigitalOcean, as in 22737513-0ea7-4206-8ceb-98a575af7681."
    )
    field = "invoice_uuid"


def one_spelling(invoice_uuid: str) -> str:
    """The UUID in lower case with hyphens: in two spellings one invoice would count twice.

    Raises InvalidInvoiceUuid.
    """
    try:
        return str(UUID(invoice_uuid))
    except ValueError:
        raise InvalidInvoiceUuid(invoice_uuid=invoice_uuid) from None


def spelled(invoice_uuid: str) -> str:
    """What is only compared or told, in that spelling; what is no UUID, as it is."""
    try:
        return one_spelling(invoice_uuid)
    except InvalidInvoiceUuid:
        return invoice_uuid


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A file ingested by hand that may be any of the invoices that the provider lists for its month.

    It counts as it is, and none of those that we had not counts beside it until an operator has said which
    it is, by ingesting it again with that UUID.
    """

    by_hand: InvoiceHeader
    listed: tuple[CloudInvoice, ...]


def same_invoice(known: Iterable[InvoiceHeader], invoice: CloudInvoice) -> InvoiceHeader | None:
    """The one of an account's invoices, without previews, that `invoice` is; None where it is a new one.

    With a UUID: the one that has it, else the one ingested by hand for that month, where that is it
    (`_adopter`). Without: the one ingested by hand for that month, else the only one of the month. Raises
    AmbiguousInvoice, and KnownForOtherMonth for a UUID that is known with another month.
    """
    headers, month = list(known), invoice.period.start
    of_month = [header for header in headers if header.month == month]
    by_hand = next((header for header in of_month if header.invoice_uuid is None), None)
    if invoice.invoice_uuid is None:
        if by_hand is None and len(of_month) > 1:
            raise AmbiguousInvoice(account=invoice.account, count=len(of_month), month=f"{month:%Y-%m}")
        return by_hand or next(iter(of_month), None)
    same = next((header for header in headers if header.invoice_uuid == invoice.invoice_uuid), None)
    if same is None:
        others = sum(header.invoice_uuid is not None for header in of_month)
        return by_hand if _adopter(by_hand, [invoice], others) is invoice else None
    if same.month != month:
        raise KnownForOtherMonth(
            invoice_uuid=invoice.invoice_uuid,
            known_month=f"{same.month:%Y-%m}",
            month=f"{month:%Y-%m}",
        )
    return same


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
    """The invoices that the provider lists, by month and uuid, each with the stored one that it is.

    By its UUID, else the one ingested by hand for that month, where that is it (`_adopter`). Where nobody can
    tell which of a month's invoices the file is, those that we do not have yet are left out: see undecided.
    """
    headers = list(known)
    by_uuid = {header.invoice_uuid: header for header in headers if header.invoice_uuid is not None}
    by_hand = {header.month: header for header in headers if header.invoice_uuid is None}
    pairs: list[tuple[InvoiceHeader | None, CloudInvoice]] = []
    for month, listed in _by_month(stated):
        new = [one for one in listed if one.invoice_uuid not in by_uuid]
        file = by_hand.get(month)
        adopter = _adopter(file, new, len(listed) - len(new))
        for one in listed:
            if one is adopter:
                pairs.append((file, one))
            elif one.invoice_uuid in by_uuid:
                pairs.append((by_uuid[one.invoice_uuid], one))
            elif file is None or adopter is not None:
                pairs.append((None, one))
    return pairs


def undecided(known: Iterable[InvoiceHeader], stated: Iterable[CloudInvoice]) -> list[Undecided]:
    """The files ingested by hand that are still nobody's once `stated` was discovered, by month."""
    by_hand = {header.month: header for header in known if header.invoice_uuid is None}
    return [
        Undecided(by_hand=by_hand[month], listed=tuple(listed))
        for month, listed in _by_month(stated)
        if month in by_hand
    ]


def _by_month(stated: Iterable[CloudInvoice]) -> list[tuple[date, list[CloudInvoice]]]:
    months: dict[date, list[CloudInvoice]] = defaultdict(list)
    for one in sorted(stated, key=lambda one: str(one.invoice_uuid)):
        months[one.period.start].append(one)
    return sorted(months.items())


def _adopter(by_hand: InvoiceHeader | None, new: Sequence[CloudInvoice], others: int) -> CloudInvoice | None:
    """Which of a month's new invoices the file ingested by hand is: the one of its amount, else the only one
    of the month. None where several could be, or none. `others` of the month are known already.
    """
    if by_hand is None:
        return None
    alike = [one for one in new if one.amount_cents == by_hand.invoice.amount_cents]
    if alike:
        return alike[0] if len(alike) == 1 else None
    return new[0] if len(new) == 1 and not others else None


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
