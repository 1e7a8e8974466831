"""What DigitalOcean charges: balance, history, invoices (SPEC 10).

Owns these calls. A statement is whole and exact, or an error says why not: nothing of one is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.lists import whole_list
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_adapters.digitalocean.client.payloads.balance import BalancePayload
from arcadia_adapters.digitalocean.client.payloads.billing_entry import BillingEntryPayload, numbered
from arcadia_adapters.digitalocean.client.payloads.invoice import InvoicePayload
from arcadia_adapters.digitalocean.client.payloads.invoice_item import InvoiceItemPayload
from arcadia_adapters.digitalocean.client.payloads.invoice_summary import InvoiceSummaryPayload
from arcadia_domain.cloud.provider_errors import ProviderUnreadable
from arcadia_domain.cloud.statements import (
    Balance,
    BillingEntry,
    InvoiceItem,
    InvoiceSummary,
    StatedInvoice,
    StatedInvoices,
)

T = TypeVar("T")

_HISTORY = "/v2/customers/my/billing_history"
_INVOICES = "/v2/customers/my/invoices"


class Billing:
    """Implements CloudBilling."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def balance(self) -> Balance:
        """See CloudBilling."""
        return self._calls.get(
            "/v2/customers/my/balance", lambda body: decoding.whole(body, BalancePayload).value()
        )

    def billing_history(self) -> Sequence[BillingEntry]:
        """See CloudBilling. It may come without a total, and on one page."""
        rows = whole_list(self._calls, _HISTORY, "billing_history", BillingEntryPayload, must_total=False)
        return _read(_HISTORY, lambda: numbered(rows))

    def invoices(self) -> StatedInvoices:
        """See CloudBilling. The preview is what the first page says."""
        rows = whole_list(self._calls, _INVOICES, "invoices", InvoicePayload)
        listed = _read(_INVOICES, lambda: (row.value() for row in rows))
        preview = self._calls.get(_INVOICES, _preview, {"page": 1, "per_page": 1})
        return StatedInvoices(invoices=listed, preview=preview)

    def invoice_items(self, invoice_uuid: str) -> Sequence[InvoiceItem]:
        """See CloudBilling."""
        at = path(f"{_INVOICES}/{{}}", invoice_uuid)
        rows = whole_list(self._calls, at, "invoice_items", InvoiceItemPayload)
        return _read(at, lambda: (row.value() for row in rows))

    def invoice_summary(self, invoice_uuid: str) -> InvoiceSummary:
        """See CloudBilling."""
        return self._calls.get(
            path(f"{_INVOICES}/{{}}/summary", invoice_uuid),
            lambda body: decoding.whole(body, InvoiceSummaryPayload).value(),
        )

    def invoice_csv(self, invoice_uuid: str) -> bytes:
        """See CloudBilling."""
        return self._calls.get(path(f"{_INVOICES}/{{}}/csv", invoice_uuid), _as_it_is)


def _preview(body: bytes) -> StatedInvoice | None:
    if "invoice_preview" not in decoding.envelope(body):
        return None
    return decoding.one(body, "invoice_preview", InvoicePayload).value()


def _read(at: str, values: Callable[[], Iterable[T]]) -> tuple[T, ...]:
    """What the rows of a list say; one that says nothing sensible spoils it all."""
    try:
        return tuple(values())
    except Unreadable as error:
        reason = error.reason
    raise ProviderUnreadable(call=f"GET {at}", message=reason)


def _as_it_is(body: bytes) -> bytes:
    return body
