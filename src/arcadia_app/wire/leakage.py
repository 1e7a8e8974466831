"""The leakage of a month on the wire (SPEC 14)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import Cents, Currency, Month, Shape, TenantId
from arcadia_domain.billing import leakage
from arcadia_domain.billing.unearned import LeakReason

_Reason = Annotated[
    LeakReason,
    Meta(
        description=(
            "The first that holds: nobody held it; a tenant held it in no deployment; nothing meters the "
            "product; no plan, addon or fallback price names it on the days on which it was held; it is "
            "named and no usage is recorded."
        )
    ),
]
_Lines = Annotated[int, Meta(ge=0, description="In how many lines of the provider's invoices.")]


class LeakedReason(Shape):
    """What one reason comes to."""

    reason: _Reason
    amount_cents: Cents
    lines: _Lines

    @classmethod
    def of(cls, total: leakage.ReasonTotal) -> LeakedReason:
        return cls(reason=total.reason, amount_cents=total.amount_cents, lines=total.lines)


class LeakedItem(Shape):
    """What was charged for a product and is not earned back. Without a tenant: nobody held it."""

    tenant_id: TenantId | None
    deployment_id: UUID | None
    kind: Annotated[
        str, Meta(description="The kind of the inventory, or `other` for none.", examples=["volume"])
    ]
    product: Annotated[str, Meta(description="In the provider's words.", examples=["Volumes"])]
    reason: _Reason
    amount_cents: Cents
    lines: _Lines

    @classmethod
    def of(cls, leak: leakage.Leak) -> LeakedItem:
        return cls(
            tenant_id=leak.tenant_id,
            deployment_id=leak.deployment_id,
            kind=leak.kind,
            product=leak.product,
            reason=leak.reason,
            amount_cents=leak.amount_cents,
            lines=leak.lines,
        )


class Leakage(Shape):
    """What the provider charged in a month that nothing earns back, in its currency, the largest first.

    `looked_at_cents` is leaked and earned together; with `left_out_cents`, tax less credits, it is the sum of
    the month's lines.
    """

    period: Month
    currency: Currency
    total_cents: Cents
    looked_at_cents: Cents
    left_out_cents: Cents
    by_reason: list[LeakedReason]
    items: list[LeakedItem]

    @classmethod
    def of(cls, report: leakage.Leakage) -> Leakage:
        return cls(
            period=f"{report.month.start:%Y-%m}",
            currency=report.currency,
            total_cents=report.total_cents,
            looked_at_cents=report.looked_at_cents,
            left_out_cents=report.left_out_cents,
            by_reason=[LeakedReason.of(total) for total in report.by_reason],
            items=[LeakedItem.of(leak) for leak in report.items],
        )
