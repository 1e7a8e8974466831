"""Ingest invoices from the provider in turn, one after the other; what one of them lacks stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from arcadia_app.use_cases.cloud.ingest_provider_invoice import (
    IngestedFromProvider,
    Read,
    ingest_listed,
)
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.provider_errors import (
    ProviderForbidden,
    ProviderRateLimited,
    ProviderUnauthorized,
    ProviderUnreachable,
)
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.cloud_provider import CloudBilling
from arcadia_domain.ports.unit_of_work import (
    DatabaseBusy,
    DatabaseUnreachable,
    DatabaseWithoutSchema,
    Transactions,
)

_OF_NO_ONE_INVOICE = (
    ProviderForbidden,
    ProviderRateLimited,
    ProviderUnauthorized,
    ProviderUnreachable,
    DatabaseBusy,
    DatabaseUnreachable,
    DatabaseWithoutSchema,
)
"""Where one of these meets an invoice, it meets the next one too."""


@dataclass(slots=True)
class IngestedInTurn:
    """What became of each invoice: ingested, or not, with the reason."""

    ingested: list[IngestedFromProvider] = field(default_factory=list)
    failed: list[tuple[InvoiceHeader, DomainError]] = field(default_factory=list)

    @property
    def flagged(self) -> list[IngestedFromProvider]:
        """Those that do not add up."""
        return [one for one in self.ingested if one.problems]


def ingest_discovered(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    invoices: Sequence[InvoiceHeader],
    read: Read,
    clock: Clock,
    progress: Callable[[int], object] = lambda _: None,
) -> IngestedInTurn:
    """Ingest each. `progress` is told after each of them: one more.

    Raises OperatorsOnly, AccountMismatch, and what would meet every invoice: a provider or a database that
    cannot be reached.
    """
    by.must_be_operator("ingest an invoice")
    for account in sorted({header.invoice.account for header in invoices}):
        same_account(transactions, provider, by, account=account, now=clock.now())
    turn = IngestedInTurn()
    for header in invoices:
        try:
            turn.ingested.append(
                ingest_listed(transactions, provider, by, invoice_id=header.id, read=read, now=clock.now())
            )
        except _OF_NO_ONE_INVOICE:
            raise
        except DomainError as error:
            turn.failed.append((header, error))
        progress(1)
    return turn
