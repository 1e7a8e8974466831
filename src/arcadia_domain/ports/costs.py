"""What the cloud room asks of its store about costs: the provider's invoices, and the lines in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import Match
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceHeader


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """What became of an ingest. `changed` is False when everything was there, as it is."""

    invoice_id: UUID
    matched: int
    changed: bool


class Costs(Protocol):
    """The provider's invoices and their lines.

    A preview is no invoice: only those methods know it that say so.
    """

    def store(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice:
        """Make the invoice's line set be these lines, with what they match. Stored lines that are equal stay.

        The invoice is found by its uuid; without one, by (account, period): the one ingested by hand, else
        the only one there. An invoice ingested by hand is adopted as `same_invoice` says. Raises
        AmbiguousInvoice, KnownForOtherMonth. What an operator attributed survives, and so do the ids that
        only the provider's JSON has, where a file has the same line without one. The month's preview goes.
        """
        ...

    def store_preview(
        self, invoice: CloudInvoice, matches: Sequence[Match], new_id: UUID, at: datetime
    ) -> StoredInvoice | None:
        """Make the month's preview be these lines. None, and nothing stored: its invoice is ingested."""
        ...

    def discover(
        self, account: str, stated: Sequence[CloudInvoice], new_ids: Sequence[UUID], at: datetime
    ) -> Sequence[InvoiceHeader]:
        """Store the headers that the provider lists, and adopt what was ingested by hand, as `together` says.

        The headers that were new or have changed, by month and uuid. `new_ids` is long enough for all.
        """
        ...

    def headers(self, account: str) -> Sequence[InvoiceHeader]:
        """Every invoice of an account, by month and uuid."""
        ...

    def header(self, invoice_id: UUID) -> InvoiceHeader | None: ...

    def preview(self, account: str, month: date) -> InvoiceHeader | None:
        """What the month that begins on that day had come to at the last look.

        None: nobody has looked, or its invoice is ingested.
        """
        ...

    def rematchable(self, account: str) -> Sequence[tuple[UUID, CostLine]]:
        """The lines that today's inventory may match otherwise, by id: of a kind, and not matched by id.

        No ingest into the account runs until the transaction ends.
        """
        ...

    def rematch(self, matches: Mapping[UUID, Match]) -> int:
        """Store what lines match now; how many match otherwise than before."""
        ...
