"""Discover what the provider has billed: its history of payments, and the header of every invoice (SPEC 10).

Owns the looking. Each invoice that does not add up yet is then ingested by itself: by a job each, or in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, CURRENCY
from arcadia_app.use_cases.cloud.rematch_costs import Rematched, rematch_costs
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete
from arcadia_domain.cloud.provider_invoices import (
    CloudInvoice,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    Undecided,
    one_spelling,
    spelled,
    to_ingest,
    undecided,
)
from arcadia_domain.cloud.statements import BillingEntry, StatedInvoice, in_cents, numbered
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud_provider import CloudBilling
from arcadia_domain.ports.unit_of_work import Transactions, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a look found. `changed` headers were new or said otherwise before; `add_up` do so
    already, `to_ingest` do not yet.

    `unlisted` are the UUIDs of invoices that the history names and the list of invoices does not.
    `undecided` are files ingested by hand of which an operator has to say which invoice they are.
    """

    account: str
    entries: int
    new_entries: int
    invoices: int
    changed: int
    add_up: int
    to_ingest: tuple[InvoiceHeader, ...]
    unlisted: tuple[str, ...]
    undecided: tuple[Undecided, ...]
    rematched: Rematched


def discover_invoices(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    now: datetime,
    account: str = ACCOUNT,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> Discovered:
    """Read the history and the list of invoices, and keep both. The same again changes nothing.

    A row of the history is known by what it says and how often it was said before. An invoice ingested by
    hand is adopted by the one that the provider lists for its month with its amount, or as the only one; else
    it stays, and the others of its month wait. In the end the lines of all invoices are matched against the
    inventory of today. Nothing is written unless both lists came whole, each invoice in one version.
    `must_hold` is the last word of each transaction that writes: what it raises keeps all of it away.
    Raises OperatorsOnly, ProviderError, AccountMismatch, NotInCents,
    InvalidInvoiceUuid.
    """
    by.must_be_operator("discover invoices")
    same_account(transactions, provider, by, account=account, now=now)
    entries = numbered(provider.billing_history())
    for entry in entries:
        in_cents(entry.amount, "a row of the billing history")
    listed = _once([_header(account, stated) for stated in provider.invoices().invoices])
    with transactions.begin(by) as work:
        new_entries = work.statements.put_entries(account, entries, now)
        changed = work.costs.discover(account, listed, [work.new_id() for _ in listed], now)
        known = work.costs.headers(account)
        must_hold(work)
    with transactions.begin(by) as work:
        rematched = rematch_costs(work, by, account=account)
        must_hold(work)
    return Discovered(
        account=account,
        entries=len(entries),
        new_entries=new_entries,
        invoices=len(listed),
        changed=len(changed),
        add_up=sum(header.invoice.state is InvoiceState.RECONCILED for header in known),
        to_ingest=tuple(to_ingest(known)),
        unlisted=_unlisted(entries, listed),
        undecided=tuple(undecided(known, listed)),
        rematched=rematched,
    )


def _header(account: str, stated: StatedInvoice) -> CloudInvoice:
    cents = in_cents(stated.amount, f"invoice {stated.invoice_uuid}")
    return CloudInvoice(
        account=account,
        period=stated.period,
        amount_cents=cents,
        currency=CURRENCY,
        source=InvoiceSource.DISCOVERY,
        invoice_uuid=one_spelling(stated.invoice_uuid),
        invoice_number=stated.invoice_id,
        stated_cents=cents,
        state=InvoiceState.DISCOVERED,
    )


def _once(listed: Iterable[CloudInvoice]) -> Sequence[CloudInvoice]:
    """Each invoice once: while a list grows, a row can be told on two of its pages.

    Raises ProviderListingIncomplete where it is told in two versions.
    """
    found: dict[str | None, CloudInvoice] = {}
    for one in listed:
        if found.setdefault(one.invoice_uuid, one) != one:
            raise ProviderListingIncomplete(
                call="GET /v2/customers/my/invoices",
                message=f"it lists invoice {one.invoice_uuid} twice, and not with the same figures",
            )
    return list(found.values())


def _unlisted(entries: Iterable[BillingEntry], listed: Iterable[CloudInvoice]) -> tuple[str, ...]:
    known = {invoice.invoice_uuid for invoice in listed}
    named = {spelled(entry.invoice_uuid) for entry in entries if entry.invoice_uuid is not None}
    return tuple(sorted(named - known))
