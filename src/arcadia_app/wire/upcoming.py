"""A month so far, on the wire: usage, the upcoming invoice, and a change of plan as previewed (SPEC 18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, structs

from arcadia_app.use_cases.billing import preview_plan_change, read_usage, upcoming_invoice
from arcadia_app.wire.lines import Line
from arcadia_app.wire.types import Cents, Currency, Decimal, Kind, Month, Shape, TenantId
from arcadia_domain.billing.invoicing import InvoiceLine, InvoiceStatus
from arcadia_domain.pricing.usage import KindUsage
from arcadia_domain.quantity import plain


class UsageItem(Shape):
    """A kind's usage in base units: the sum of the month's days, or of a peak kind their peak."""

    resource_kind: Kind
    qty: Decimal
    unit: str
    allowance: Annotated[Decimal, Meta(description="What the plan and its addons include in this month.")]
    overage_qty: Annotated[Decimal, Meta(description="What lies beyond the allowance, before any cap.")]

    @classmethod
    def of(cls, usage: KindUsage) -> UsageItem:
        return cls(
            resource_kind=usage.kind.code,
            qty=plain(usage.used),
            unit=usage.kind.base_unit,
            allowance=plain(usage.allowance),
            overage_qty=plain(usage.overage),
        )


class Usage(Shape):
    """What a deployment used in a month, as recorded so far."""

    period: Month
    items: list[UsageItem]

    @classmethod
    def of(cls, usage: read_usage.UsageSoFar) -> Usage:
        return cls(
            period=usage.period.start.strftime("%Y-%m"), items=[UsageItem.of(item) for item in usage.items]
        )


class UpcomingInvoiceLine(Line):
    """A line of an upcoming invoice. The tax line is of no deployment."""

    deployment_id: UUID | None

    @classmethod
    def placed(cls, line: InvoiceLine) -> UpcomingInvoiceLine:
        return cls(deployment_id=line.deployment_id, **structs.asdict(Line.of(line.line)))


class UpcomingInvoice(Shape):
    """The invoice that a deployment alone would come to, as things stand. `period_end` is not included."""

    invoice_id: Annotated[
        UUID | None,
        Meta(description="The tenant's invoice of this month, where there is one that is not void."),
    ]
    tenant_id: TenantId
    period_start: date
    period_end: date
    status: InvoiceStatus
    currency: Currency
    subtotal_cents: Cents
    tax_cents: Cents
    total_cents: Cents
    quote_hash: Annotated[
        str, Meta(description="sha256 of what it is priced from: an invoice of the same has the same.")
    ]
    lines: list[UpcomingInvoiceLine]

    @classmethod
    def of(cls, upcoming: upcoming_invoice.Upcoming) -> UpcomingInvoice:
        invoice = upcoming.invoice
        return cls(
            invoice_id=upcoming.invoice_id,
            tenant_id=invoice.tenant_id,
            period_start=invoice.period.start,
            period_end=invoice.period.end,
            status=invoice.status,
            currency=invoice.currency,
            subtotal_cents=invoice.subtotal_cents,
            tax_cents=invoice.tax_cents,
            total_cents=invoice.total_cents,
            quote_hash=invoice.quote_hash,
            lines=[UpcomingInvoiceLine.placed(line) for line in invoice.lines],
        )


class PlanChangePreview(Shape):
    """The month of `from_day` as its invoice would be without the change, and with it."""

    from_day: date
    before: UpcomingInvoice
    after: UpcomingInvoice
    difference_cents: Annotated[
        Cents, Meta(description="How much more the month costs, with tax: after - before.")
    ]

    @classmethod
    def of(cls, preview: preview_plan_change.PlanChangePreview) -> PlanChangePreview:
        return cls(
            from_day=preview.from_day,
            before=UpcomingInvoice.of(preview.before),
            after=UpcomingInvoice.of(preview.after),
            difference_cents=preview.difference_cents,
        )
