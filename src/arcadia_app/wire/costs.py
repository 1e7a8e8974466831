"""What the provider charges on the wire: cost lines with who bears them, and the balance (SPEC 10, 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import (
    Body,
    Cents,
    Currency,
    Decimal,
    Instant,
    InventoryKind,
    Name,
    Shape,
    TenantId,
)
from arcadia_domain.cloud import attribution
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.matching import Unmatched
from arcadia_domain.cloud.statements import in_cents
from arcadia_domain.money import in_units
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.quantity import plain

Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+\.[0-9]{2}\Z",
        description="A decimal string in units of the currency, negative for a credit.",
        examples=["6.00"],
    ),
]


class CostShare(Shape):
    """What one tenant bears of a line; without a deployment the resource stood alone."""

    tenant_id: TenantId
    deployment_id: UUID | None
    amount_cents: Cents

    @classmethod
    def of(cls, share: attribution.Share) -> CostShare:
        return cls(
            tenant_id=share.tenant_id, deployment_id=share.deployment_id, amount_cents=share.amount_cents
        )


class CostAttribution(Shape):
    """A platform admin's word on whose a line is. Tenant null: nobody's, said on purpose."""

    tenant_id: TenantId | None
    deployment_id: UUID | None
    reason: str
    actor: str
    at: Instant

    @classmethod
    def of(cls, ruling: Ruling) -> CostAttribution:
        return cls(
            tenant_id=ruling.tenant_id,
            deployment_id=ruling.deployment_id,
            reason=ruling.reason,
            actor=ruling.actor,
            at=ruling.at,
        )


class CostLine(Shape):
    """A line of the provider's invoice, and who bears it.

    `tenant_id` and `deployment_id` are told where one holder bears the whole line; `shares` and
    `unattributed_cents` always, and they are `amount_cents` together. `end` is not included.
    """

    id: UUID
    invoice_id: UUID
    kind: Annotated[InventoryKind | None, Meta(description="What the product is about; null: no one kind.")]
    product: Annotated[str, Meta(examples=["Droplets"])]
    description: Annotated[str, Meta(examples=["pilot-web-01 (s-1vcpu-1gb)"])]
    group_description: str
    hours: Annotated[Decimal | None, Meta(examples=["720"])]
    start: Instant
    end: Instant
    amount: Amount
    amount_cents: Cents
    currency: Annotated[Currency, Meta(examples=["USD"])]
    project_name: str
    category: str | None
    resource_id: UUID | None
    deployment_id: UUID | None
    tenant_id: TenantId | None
    matched: Annotated[bool, Meta(description="Whether it is for a resource that we know.")]
    unmatched_reason: Unmatched | None
    shares: list[CostShare]
    unattributed_cents: Cents
    attribution: CostAttribution | None

    @classmethod
    def of(cls, charge: PlacedCharge) -> CostLine:
        line, holder, ruling = charge.line, charge.holder, charge.ruling
        return cls(
            id=charge.id,
            invoice_id=charge.invoice_id,
            kind=line.kind,
            product=line.product,
            description=line.description,
            group_description=line.group_description,
            hours=None if line.hours is None else plain(line.hours),
            start=line.start,
            end=line.end,
            amount=in_units(line.amount_cents),
            amount_cents=line.amount_cents,
            currency=line.currency,
            project_name=line.project_name,
            category=line.category,
            resource_id=None if charge.resource is None else charge.resource.id,
            deployment_id=None if holder is None else holder.deployment_id,
            tenant_id=None if holder is None else holder.tenant_id,
            matched=charge.resource is not None,
            unmatched_reason=charge.reason,
            shares=[CostShare.of(share) for share in charge.attribution.shares],
            unattributed_cents=charge.attribution.unattributed_cents,
            attribution=None if ruling is None else CostAttribution.of(ruling),
        )


class CostLines(Shape):
    """A page of cost lines, invoice by invoice, as they are written there."""

    items: list[CostLine]
    next_cursor: str | None


class CostAttributionToPut(Body):
    """Tenant null: the line is nobody's. A deployment is named with its own tenant."""

    tenant_id: TenantId | None
    reason: Name
    deployment_id: UUID | None = None


class CloudBalance(Shape):
    """What the account owes the provider, in USD; negative where it is in our favour.

    `generated_at` is the provider's instant, `captured_at` ours.
    """

    month_to_date_usage: Amount
    month_to_date_balance: Amount
    account_balance: Amount
    generated_at: Instant
    captured_at: Instant

    @classmethod
    def of(cls, snapshot: BalanceSnapshot) -> CloudBalance:
        balance = snapshot.balance
        told = {
            name: in_units(in_cents(getattr(balance, name), name))
            for name in ("month_to_date_usage", "month_to_date_balance", "account_balance")
        }
        return cls(**told, generated_at=balance.generated_at, captured_at=snapshot.captured_at)
