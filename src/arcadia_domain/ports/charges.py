"""What the cloud room asks of its store to read what the provider charged, and to rule on whose it is.

Lines come with all that tells whose they are. Storing an invoice is `costs`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.provider_invoices import InvoiceHeader, InvoiceState
from arcadia_domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesAsked:
    """Which lines are asked for; None asks for any.

    `matched`: whether the line matches a resource. `tenant_id` and `deployment_id`: who bears some of it.
    Months to date are left out unless `preview`.
    """

    period: Period | None = None
    invoice_ids: Sequence[UUID] | None = None
    kind: str | None = None
    matched: bool | None = None
    tenant_id: str | None = None
    deployment_id: UUID | None = None
    preview: bool = False


@dataclass(frozen=True, slots=True)
class ChargePlace:
    """Where a line stands in the list of all: invoice by invoice, as it is written there."""

    invoice_id: UUID
    line_no: int
    id: UUID


@dataclass(frozen=True, slots=True)
class HeaderPlace:
    """Where an invoice stands in the list of all, which begins with the newest month."""

    month: date
    id: UUID


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """An invoice's header; `matched` of its lines match a resource."""

    header: InvoiceHeader
    matched: int


class Charges(Protocol):
    """What the provider charged, line by line."""

    def page(self, asked: ChargesAsked, *, after: ChargePlace | None, limit: int) -> Sequence[PlacedCharge]:
        """Lines by place, from the one that follows `after`."""
        ...

    def each(self, asked: ChargesAsked) -> Iterator[PlacedCharge]:
        """All of them by place, as they stood at one instant; a few thousand at a time are in memory."""
        ...

    def get(self, line_id: UUID) -> PlacedCharge | None: ...

    def rule(self, charge: PlacedCharge, ruling: Ruling | None) -> None:
        """Keep the ruling in place of an earlier one; None takes it back.

        It stays with what the row says, also when the invoice is ingested again.
        """
        ...

    def invoices(
        self,
        *,
        after: HeaderPlace | None,
        limit: int,
        state: InvoiceState | None = None,
        period: Period | None = None,
    ) -> Sequence[ListedInvoice]:
        """Invoices, greatest place first, from the one that follows `after`. A preview is none."""
        ...

    def invoice(self, invoice_id: UUID) -> ListedInvoice | None: ...
