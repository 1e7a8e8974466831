"""The summary of an invoice. Who is invoiced, with name and address, is not read."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.money import Amount, amount, month
from arcadia_domain.cloud.statements import ChargeGroup, InvoiceSummary


@frozen(kw_only=True)
class GroupItem:
    """One of a group's charges."""

    amount: Amount
    name: str | None = None
    count: str | int | None = None

    def value(self) -> ChargeGroup:
        """The same in our words. Raises Unreadable."""
        count = str(self.count or "")
        number = int(count) if count.isascii() and count.isdigit() else None
        return ChargeGroup(name=self.name or "", amount=amount(self.amount), count=number)


@frozen(kw_only=True)
class Group:
    """A part of the sum. Left out, it is nothing."""

    amount: Amount = "0"
    name: str | None = None
    items: list[GroupItem] | None = None

    def value(self) -> ChargeGroup:
        """The same in our words. Raises Unreadable."""
        return ChargeGroup(name=self.name or "", amount=amount(self.amount))


_NOTHING = Group()


@frozen(kw_only=True)
class InvoiceSummaryPayload:
    """GET /v2/customers/my/invoices/{uuid}/summary"""

    invoice_uuid: str
    billing_period: str
    amount: Amount
    product_charges: Group
    invoice_id: str | None = None
    overages: Group | None = None
    taxes: Group | None = None
    credits_and_adjustments: Group | None = None

    def value(self) -> InvoiceSummary:
        """The same in our words. Raises Unreadable."""
        return InvoiceSummary(
            invoice_uuid=self.invoice_uuid,
            invoice_id=self.invoice_id or None,
            period=month(self.billing_period),
            amount=amount(self.amount),
            product_charges=self.product_charges.value(),
            products=tuple(item.value() for item in self.product_charges.items or ()),
            overages=(self.overages or _NOTHING).value(),
            taxes=(self.taxes or _NOTHING).value(),
            credits_and_adjustments=(self.credits_and_adjustments or _NOTHING).value(),
        )
