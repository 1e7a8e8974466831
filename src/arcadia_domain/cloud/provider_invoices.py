"""Which stored invoice of the provider an ingest is about (SPEC 10).

Owns the rule, so that discovery and a file ingested by hand never count the same month twice. The lines are
costs'; storing is the adapters'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arcadia_domain.errors import DomainError


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


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """A stored invoice as far as it is told apart. `invoice_uuid` None: ingested by hand, not adopted yet."""

    id: UUID
    month: date
    invoice_uuid: str | None


def same_invoice(
    known: Iterable[KnownInvoice], *, account: str, month: date, invoice_uuid: str | None
) -> KnownInvoice | None:
    """The one of an account's invoices that is meant, or None where it is a new one.

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
