"""Headers of invoices, and the running month's."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.money import Amount, amount, moment_or_none, month
from arcadia_domain.cloud.statements import StatedInvoice


@frozen(kw_only=True)
class InvoicePayload:
    """GET /v2/customers/my/invoices, each of its invoices and its invoice_preview"""

    invoice_uuid: str
    invoice_period: str
    amount: Amount
    invoice_id: str | None = None
    updated_at: str | None = None

    def value(self) -> StatedInvoice:
        """The same in our words. Raises Unreadable."""
        return StatedInvoice(
            invoice_uuid=self.invoice_uuid,
            invoice_id=self.invoice_id or None,
            period=month(self.invoice_period),
            amount=amount(self.amount),
            updated_at=moment_or_none(self.updated_at),
        )
