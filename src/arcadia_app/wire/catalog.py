"""The catalogue on the wire: plans with their versions, addons, fallback prices (SPEC 18)."""

from __future__ import annotations

from decimal import Decimal as Number
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.catalog.read_plans import PlanHistory, PlanOffer
from arcadia_app.wire.types import (
    Body,
    Cents,
    Code,
    Currency,
    Decimal,
    Instant,
    Kind,
    KnownKind,
    KnownUnit,
    Name,
    Qty,
    Shape,
    UnitPrice,
)
from arcadia_domain.pricing import catalog
from arcadia_domain.pricing.catalog import VersionStatus
from arcadia_domain.quantity import plain


class PlanItem(Shape):
    """What a version includes of one kind a month, and what one `overage_unit` more costs.

    Quantities are in the kind's base unit; `hard_cap_qty` caps the overage (null: no cap).
    """

    resource_kind: Kind
    included_qty: Decimal
    overage_unit: str
    overage_price_cents: Cents
    hard_cap_qty: Decimal | None

    @classmethod
    def of(cls, item: catalog.PlanItem) -> PlanItem:
        return cls(
            resource_kind=item.resource_kind,
            included_qty=plain(item.included_qty),
            overage_unit=item.overage_unit,
            overage_price_cents=item.overage_price_cents,
            hard_cap_qty=None if item.hard_cap_qty is None else plain(item.hard_cap_qty),
        )


class PlanVersion(Shape):
    """One priced version of a plan. Once it is no draft, it never changes. Items stand by kind."""

    id: UUID
    version: int
    status: VersionStatus
    base_price_cents: Cents
    currency: Currency
    items: list[PlanItem]

    @classmethod
    def of(cls, version: catalog.PlanVersion) -> PlanVersion:
        assert version.id is not None  # a stored version has its id
        return cls(
            id=version.id,
            version=version.version,
            status=version.status,
            base_price_cents=version.base_price_cents,
            currency=version.currency,
            items=[PlanItem.of(item) for item in version.items],
        )


class Plan(Shape):
    """A plan as it is offered: `active_version` is what a new sign-up gets."""

    code: Code
    name: str
    active_version: Annotated[PlanVersion | None, Meta(description="Null is shown to platform admins only.")]

    @classmethod
    def of(cls, offer: PlanOffer) -> Plan:
        active = offer.active_version
        return cls(
            code=offer.plan.code,
            name=offer.plan.name,
            active_version=None if active is None else PlanVersion.of(active),
        )


class PlanDetail(Shape):
    """A plan with every version it has had, oldest first, drafts too."""

    code: Code
    name: str
    active_version: PlanVersion | None
    versions: list[PlanVersion]

    @classmethod
    def of(cls, history: PlanHistory) -> PlanDetail:
        versions = [PlanVersion.of(version) for version in history.versions]
        return cls(
            code=history.plan.code,
            name=history.plan.name,
            active_version=next((one for one in versions if one.status is VersionStatus.ACTIVE), None),
            versions=versions,
        )


class Plans(Shape):
    """A page of plans, by code."""

    items: list[Plan]
    next_cursor: str | None


class Addon(Shape):
    """A fixed monthly extra: `qty` base units more of one kind. Who has attached it keeps these terms."""

    id: UUID
    code: Code
    name: str
    resource_kind: Kind
    qty: Decimal
    price_cents: Cents
    currency: Currency

    @classmethod
    def of(cls, addon: catalog.Addon) -> Addon:
        assert addon.id is not None  # a stored addon has its id
        return cls(
            id=addon.id,
            code=addon.code,
            name=addon.name,
            resource_kind=addon.resource_kind,
            qty=plain(addon.qty),
            price_cents=addon.price_cents,
            currency=addon.currency,
        )


class Addons(Shape):
    """A page of addons, by code."""

    items: list[Addon]
    next_cursor: str | None


class ResourcePrice(Shape):
    """What one `overage_unit` of a kind costs where the plan does not list the kind.

    In force from the UTC day of `from_at` until the day of the next one of its kind and currency.
    """

    resource_kind: Kind
    currency: Currency
    from_at: Instant
    overage_unit: str
    overage_price_cents: Cents

    @classmethod
    def of(cls, price: catalog.ResourcePrice) -> ResourcePrice:
        return cls(
            resource_kind=price.kind,
            currency=price.currency,
            from_at=price.from_at,
            overage_unit=price.unit,
            overage_price_cents=price.price_cents,
        )


class ResourcePrices(Shape):
    """A page of fallback prices, by kind, currency and start."""

    items: list[ResourcePrice]
    next_cursor: str | None


class PlanToCreate(Body):
    """A plan's code never changes."""

    code: Code
    name: Name


class PlanItemToDraft(Body):
    """As PlanItem. The unit must be one that the kind is priced by."""

    resource_kind: KnownKind
    included_qty: Qty
    overage_unit: KnownUnit
    overage_price_cents: UnitPrice
    hard_cap_qty: Qty | None = None

    def meant(self) -> catalog.PlanItem:
        """Raises UnknownUnit."""
        return catalog.PlanItem(
            resource_kind=self.resource_kind,
            included_qty=Number(self.included_qty),
            overage_unit=self.overage_unit,
            overage_price_cents=self.overage_price_cents,
            hard_cap_qty=None if self.hard_cap_qty is None else Number(self.hard_cap_qty),
        )


class VersionToDraft(Body):
    """The terms of a new version: at most one item a kind."""

    base_price_cents: UnitPrice
    currency: Currency
    items: Annotated[list[PlanItemToDraft], Meta(max_length=100)]


class AddonToCreate(Body):
    """The terms that whoever attaches it from now on gets."""

    code: Code
    name: Name
    resource_kind: KnownKind
    qty: Annotated[Qty, Meta(description="More than zero, in the kind's base unit.", examples=["50"])]
    price_cents: UnitPrice
    currency: Currency


class ResourcePriceToSet(Body):
    """The unit must be one that the kind is priced by."""

    resource_kind: KnownKind
    currency: Currency
    from_at: Instant
    overage_unit: KnownUnit
    overage_price_cents: UnitPrice
