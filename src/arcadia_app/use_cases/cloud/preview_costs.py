"""Look at what the running month has come to: the provider's preview, kept beside the invoices (SPEC 10).

Nothing of it is a cost until the month's invoice is ingested, and then it goes. Each look replaces the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, CURRENCY
from arcadia_app.use_cases.cloud.match_lines import match_lines
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.identification import lines_of
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource
from arcadia_domain.cloud.statements import StatedInvoice, rounded_cents
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.cloud_provider import CloudBilling
from arcadia_domain.ports.unit_of_work import Transactions, Work

PREVIEW = "preview"
"""What stands for the running month's UUID in the provider's paths."""

_LOOKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What the month has come to. `kept` is False where its invoice has been ingested: then that counts."""

    period: Period
    lines: int
    amount_cents: int
    currency: str
    matched: int
    kept: bool


def preview_costs(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    now: datetime,
    account: str = ACCOUNT,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> Previewed | None:
    """Look and keep. None: the provider shows no running month.

    A list that moves while it is read, turns to the next month, or is empty though the month has come to
    something, is read again; one that is not whole even then raises, and the last look stays. Amounts finer
    than a cent are rounded, for the month is no bill yet.
    `must_hold` is the last word of the transaction that writes: what it raises keeps all of it away.
    Raises OperatorsOnly, ProviderError, AccountMismatch.
    """
    by.must_be_operator("see costs")
    same_account(transactions, provider, by, account=account, now=now)
    seen = _look(provider)
    if seen is None:
        return None
    stated, lines = seen
    amount = sum(line.amount_cents for line in lines)
    invoice = CloudInvoice(
        account=account,
        period=stated.period,
        amount_cents=amount,
        currency=CURRENCY,
        source=InvoiceSource.PREVIEW,
        invoice_uuid=f"{PREVIEW}-{stated.period.start:%Y-%m}",
        stated_cents=rounded_cents(stated.amount),
    )
    with transactions.begin(by) as work:
        matches = match_lines(work, account, lines)
        stored = work.costs.store_preview(invoice, matches, work.new_id(), now)
        must_hold(work)
    return Previewed(
        period=stated.period,
        lines=len(lines),
        amount_cents=amount,
        currency=CURRENCY,
        matched=sum(match.resource_id is not None for match in matches),
        kept=stored is not None,
    )


def _look(provider: CloudBilling) -> tuple[StatedInvoice, list[CostLine]] | None:
    for left in reversed(range(_LOOKS)):
        stated = provider.invoices().preview
        if stated is None:
            return None
        try:
            lines = list(lines_of(provider.invoice_items(PREVIEW), stated.period))
        except ProviderListingIncomplete:
            if not left:
                raise
            continue
        if _is_whole(stated, lines):
            return stated, lines
    raise ProviderListingIncomplete(
        call="GET /v2/customers/my/invoices/preview",
        message="it kept turning to another month, or had no item though it had come to something",
    )


def _is_whole(stated: StatedInvoice, lines: Sequence[CostLine]) -> bool:
    """Whether the items are of the month that was stated: it may have turned between the two calls."""
    if not lines:
        return not stated.amount
    return all(line.start < midnight(stated.period.end) for line in lines)
