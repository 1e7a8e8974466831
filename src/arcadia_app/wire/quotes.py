"""The quote on the wire (SPEC 18): what is asked, and the itemised answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta

from arcadia_app.wire.lines import Line
from arcadia_app.wire.types import Body, Cents, Code, Currency, KnownKind, Qty, Shape
from arcadia_domain.pricing import line, quoting


class QuoteSection(Shape):
    """Lines, and what they add up to."""

    lines: list[Line]
    total_cents: Cents

    @classmethod
    def of(cls, lines: Sequence[line.Line]) -> QuoteSection:
        return cls(lines=[Line.of(one) for one in lines], total_cents=line.total_cents(lines))


class FirstInvoice(Shape):
    """The recurring lines for the days from the start day to the end of its month."""

    lines: list[Line]
    total_cents: Cents
    days_billed: int
    days_in_month: int

    @classmethod
    def of(cls, quote: quoting.Quote) -> FirstInvoice:
        return cls(
            lines=[Line.of(one) for one in quote.first_invoice],
            total_cents=quote.first_invoice_cents,
            days_billed=quote.days_billed,
            days_in_month=quote.days_in_month,
        )


class Quote(Shape):
    """What a plan would cost: a whole month, its first invoice, and overage for the usage projected."""

    plan_code: Code
    plan_version: int
    currency: Currency
    recurring: QuoteSection
    first_invoice: FirstInvoice
    overage: QuoteSection
    all_in_monthly_cents: Annotated[Cents, Meta(description="Recurring and overage, in whole cents.")]
    hash: Annotated[
        str,
        Meta(description="sha256 of the first month's inputs and lines: its invoice has the same."),
    ]

    @classmethod
    def of(cls, quote: quoting.Quote) -> Quote:
        return cls(
            plan_code=quote.plan_code,
            plan_version=quote.plan_version,
            currency=quote.currency,
            recurring=QuoteSection.of(quote.recurring),
            first_invoice=FirstInvoice.of(quote),
            overage=QuoteSection.of(quote.overage),
            all_in_monthly_cents=quote.all_in_monthly_cents,
            hash=quote.hash(),
        )


ProjectedUsage = Annotated[
    dict[KnownKind, Qty],
    Meta(
        max_length=100,
        description="The month's usage by resource kind, in base units.",
        examples=[{"droplet_hours": "1488", "spaces_gb_month": "200"}],
    ),
]


class QuoteRequest(Body):
    """A code that stands twice is two of that addon. `starts_on` defaults to today."""

    plan_code: Code
    addons: Annotated[list[Code], Meta(max_length=50, examples=[["storage_50gb"]])] = []
    projected_usage: ProjectedUsage = {}
    starts_on: Annotated[date | None, Meta(description="A day from 2000 to 2099.")] = None
