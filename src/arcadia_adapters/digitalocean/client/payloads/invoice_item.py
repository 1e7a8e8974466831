"""Items of an invoice."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.money import Amount, amount, hours, moment_or_none
from arcadia_domain.cloud.statements import InvoiceItem


@frozen(kw_only=True)
class InvoiceItemPayload:
    """GET /v2/customers/my/invoices/{uuid}. `category` is served beside DigitalOcean's document."""

    product: str
    amount: Amount
    description: str | None = None
    group_description: str | None = None
    resource_id: str | int | None = None
    resource_uuid: str | None = None
    duration: Amount = None
    duration_unit: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    project_name: str | None = None
    category: str | None = None

    def value(self) -> InvoiceItem:
        """The same in our words. Raises Unreadable."""
        return InvoiceItem(
            product=self.product,
            description=self.description or "",
            group_description=self.group_description or "",
            amount=amount(self.amount),
            start=moment_or_none(self.start_time),
            end=moment_or_none(self.end_time),
            hours=hours(self.duration, self.duration_unit),
            resource_id=str(self.resource_id) if self.resource_id not in (None, "") else None,
            resource_uuid=self.resource_uuid or None,
            project_name=self.project_name or None,
            category=self.category or None,
        )
