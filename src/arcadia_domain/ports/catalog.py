"""What the catalogue asks of its store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arcadia_domain.pricing.catalog import Addon, Plan, PlanItem, PlanVersion, ResourcePrice

PricePlace = tuple[str, str, datetime]
"""What names a fallback price: its kind, its currency and the instant from which it is in force."""


class Catalog(Protocol):
    """Plans, their versions, addons and fallback prices. All principals read it; operators write it."""

    def add_plan(self, plan: Plan, at: datetime) -> bool:
        """Store a plan; False, and nothing done, where its code is taken."""
        ...

    def plan(self, code: str) -> Plan | None: ...

    def plans(
        self, *, after: str | None = None, limit: int | None = None, offered: bool = False
    ) -> Sequence[Plan]:
        """Plans by code, from the one that follows `after`; `offered`: only those with an active version."""
        ...

    def add_draft(
        self,
        plan: Plan,
        *,
        version_id: UUID,
        base_price_cents: int,
        currency: str,
        items: Sequence[PlanItem],
        at: datetime,
    ) -> PlanVersion:
        """Store a draft with its items, under the plan's next number (two at once get two numbers)."""
        ...

    def version_for_publishing(self, version_id: UUID) -> PlanVersion | None:
        """The version, with its plan locked until the transaction ends: publishing happens one at a time."""
        ...

    def versions(self, ids: Collection[UUID]) -> Mapping[UUID, PlanVersion]:
        """The versions of these ids, with their items."""
        ...

    def versions_of(self, plan_code: str) -> Sequence[PlanVersion]:
        """Every version of a plan, oldest first."""
        ...

    def active_version(self, plan_code: str) -> PlanVersion | None:
        """What a new sign-up gets."""
        ...

    def active_versions(self, plan_codes: Collection[str]) -> Mapping[str, PlanVersion]:
        """The active version of each of these plans that has one, by the plan's code."""
        ...

    def set_status(self, version: PlanVersion, at: datetime) -> None:
        """Store a version's new status (active or retired) and when it got it."""
        ...

    def add_addon(self, addon: Addon) -> bool:
        """Store an addon (its id is set); False, and nothing done, where its code is taken."""
        ...

    def addon(self, code: str) -> Addon | None: ...

    def addons(self, *, after: str | None = None, limit: int | None = None) -> Sequence[Addon]:
        """Addons by code, from the one that follows `after`."""
        ...

    def addons_of(self, codes: Collection[str]) -> Mapping[str, Addon]:
        """The addons of these codes."""
        ...

    def add_price(self, price: ResourcePrice) -> bool:
        """Store a fallback price; False, and nothing done, where the kind has one from that instant."""
        ...

    def prices(self, currency: str) -> Sequence[ResourcePrice]:
        """Every fallback price in a currency, oldest first."""
        ...

    def price_page(
        self, *, after: PricePlace | None, limit: int, kind: str | None = None
    ) -> Sequence[ResourcePrice]:
        """Fallback prices by kind, currency and start, from the one that follows `after`."""
        ...
