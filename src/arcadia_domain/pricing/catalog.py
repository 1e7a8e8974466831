"""The catalogue: plans, their versions and items, addons, and fallback prices (SPEC 3).

Owns what a version is and the rule of publishing. Where it is stored, and that at most one version of a plan
is active in the database too, belongs to the adapters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.money import currency, price_cents
from arcadia_domain.period import check_instant
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.quantity import to_micro


class DuplicateItem(DomainError):
    code = "duplicate_item"
    sentence = "Version {version} of plan {plan!r} has two items of the kind {kind}."
    field = "items"


class VersionFrozen(DomainError):
    code = "version_frozen"
    sentence = "Version {version} of plan {plan!r} is {status}: only a draft can be published."


class EmptyName(DomainError):
    code = "empty_name"
    sentence = "{what} must not be empty."


class VersionStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What a version includes of one kind, in base units a month, and what more of it costs.

    `overage_price_cents` is the price of one `overage_unit`; `hard_cap_qty` caps the overage, in base units.
    """

    resource_kind: str
    included_qty: Decimal
    overage_unit: str
    overage_price_cents: int
    hard_cap_qty: Decimal | None = None

    def __post_init__(self) -> None:
        resource_kind(self.resource_kind).factor(self.overage_unit)
        to_micro(self.included_qty, f"{self.resource_kind} included")
        price_cents(self.overage_price_cents, f"The overage price of {self.resource_kind}")
        if self.hard_cap_qty is not None:
            to_micro(self.hard_cap_qty, f"{self.resource_kind} at the hard cap")


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One priced version of a plan. A published version never changes.

    Raises DuplicateItem, InvalidCurrency, InvalidAmount when built from bad values.
    """

    plan_code: str
    plan_name: str
    version: int
    base_price_cents: int
    currency: str
    items: tuple[PlanItem, ...] = ()
    status: VersionStatus = VersionStatus.DRAFT
    id: UUID | None = None

    def __post_init__(self) -> None:
        not_empty(self.plan_code, "A plan's code")
        currency(self.currency)
        price_cents(self.base_price_cents, f"The base price of plan {self.plan_code!r}")
        seen: set[str] = set()
        for item in self.items:
            if item.resource_kind in seen:
                raise DuplicateItem(plan=self.plan_code, version=self.version, kind=item.resource_kind)
            seen.add(item.resource_kind)

    def item(self, kind: str) -> PlanItem | None:
        """What the version says of a kind, or None where it does not list it."""
        for item in self.items:
            if item.resource_kind == kind:
                return item
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """The stable thing that versions belong to."""

    id: UUID
    code: str
    name: str

    def __post_init__(self) -> None:
        not_empty(self.code, "A plan's code")
        not_empty(self.name, "A plan's name")


@dataclass(frozen=True, slots=True)
class Addon:
    """A fixed monthly extra: `qty` base units more of one kind, for `price_cents`."""

    code: str
    name: str
    resource_kind: str
    qty: Decimal
    price_cents: int
    currency: str
    id: UUID | None = None

    def __post_init__(self) -> None:
        not_empty(self.code, "An addon's code")
        resource_kind(self.resource_kind)
        to_micro(self.qty, f"addon {self.code!r}")
        price_cents(self.price_cents, f"The price of addon {self.code!r}")
        currency(self.currency)


@dataclass(frozen=True, slots=True)
class ResourcePrice:
    """The fallback price of one `unit` of a kind that no plan covers, in force from an instant on."""

    kind: str
    currency: str
    from_at: datetime
    unit: str
    price_cents: int

    def __post_init__(self) -> None:
        resource_kind(self.kind).factor(self.unit)
        currency(self.currency)
        price_cents(self.price_cents, f"The price of {self.kind}")
        check_instant(self.from_at, f"The start of the price of {self.kind}")

    @property
    def first_day(self) -> date:
        """The first UTC day it prices: the day of a change belongs to what is new."""
        return self.from_at.astimezone(UTC).date()


class HoldsNul(DomainError):
    code = "holds_nul"
    sentence = "{what} must not hold a NUL character."


def not_empty(text: str, what: str) -> str:
    """Return `text`; raise EmptyName when there is nothing in it, HoldsNul for what no database keeps."""
    if not isinstance(text, str) or not text.strip():
        raise EmptyName(what=what)
    if "\0" in text:
        raise HoldsNul(what=what)
    return text


def publish(draft: PlanVersion, active: PlanVersion | None) -> tuple[PlanVersion, PlanVersion | None]:
    """The draft as the active version, and the version it retires. Raises VersionFrozen."""
    if draft.status is not VersionStatus.DRAFT:
        raise VersionFrozen(plan=draft.plan_code, version=draft.version, status=draft.status)
    if active is None:
        return replace(draft, status=VersionStatus.ACTIVE), None
    return replace(draft, status=VersionStatus.ACTIVE), replace(active, status=VersionStatus.RETIRED)
