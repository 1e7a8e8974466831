"""The catalogue in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.identity import Principal
from arcadia_domain.ports.catalog import PricePlace
from arcadia_domain.pricing.catalog import (
    Addon,
    Plan,
    PlanItem,
    PlanVersion,
    ResourcePrice,
    VersionStatus,
)
from tests.fakes.state import State, must_be_operator


class FakeCatalog:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def add_plan(self, plan: Plan, at: datetime) -> bool:
        must_be_operator(self._principal)
        return self._state.plans.setdefault(plan.code, plan) is plan

    def plan(self, code: str) -> Plan | None:
        return self._state.plans.get(code)

    def plans(
        self, *, after: str | None = None, limit: int | None = None, offered: bool = False
    ) -> Sequence[Plan]:
        found = [
            plan
            for code, plan in sorted(self._state.plans.items())
            if (after is None or code > after) and (not offered or self.active_version(code) is not None)
        ]
        return found[:limit]

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
        must_be_operator(self._principal)
        draft = PlanVersion(
            plan_code=plan.code,
            plan_name=plan.name,
            version=len(self.versions_of(plan.code)) + 1,
            base_price_cents=base_price_cents,
            currency=currency,
            items=tuple(sorted(items, key=lambda item: item.resource_kind)),
            id=version_id,
        )
        self._state.versions[version_id] = draft
        return draft

    def version_for_publishing(self, version_id: UUID) -> PlanVersion | None:
        must_be_operator(self._principal)
        return self._state.versions.get(version_id)

    def versions(self, ids: Collection[UUID]) -> Mapping[UUID, PlanVersion]:
        return {one: self._state.versions[one] for one in ids if one in self._state.versions}

    def versions_of(self, plan_code: str) -> Sequence[PlanVersion]:
        own = (version for version in self._state.versions.values() if version.plan_code == plan_code)
        return sorted(own, key=lambda version: version.version)

    def active_version(self, plan_code: str) -> PlanVersion | None:
        active = (v for v in self.versions_of(plan_code) if v.status is VersionStatus.ACTIVE)
        return next(active, None)

    def active_versions(self, plan_codes: Collection[str]) -> Mapping[str, PlanVersion]:
        found = {code: self.active_version(code) for code in plan_codes}
        return {code: version for code, version in found.items() if version is not None}

    def set_status(self, version: PlanVersion, at: datetime) -> None:
        must_be_operator(self._principal)
        assert version.id is not None
        stored = self._state.versions[version.id]
        self._state.versions[version.id] = replace(stored, status=version.status)

    def add_addon(self, addon: Addon) -> bool:
        must_be_operator(self._principal)
        return self._state.addons.setdefault(addon.code, addon) is addon

    def addon(self, code: str) -> Addon | None:
        return self._state.addons.get(code)

    def addons(self, *, after: str | None = None, limit: int | None = None) -> Sequence[Addon]:
        found = [addon for code, addon in sorted(self._state.addons.items()) if after is None or code > after]
        return found[:limit]

    def addons_of(self, codes: Collection[str]) -> Mapping[str, Addon]:
        return {code: self._state.addons[code] for code in codes if code in self._state.addons}

    def add_price(self, price: ResourcePrice) -> bool:
        must_be_operator(self._principal)
        if any(_same_start(price, there) for there in self._state.prices):
            return False
        self._state.prices.append(price)
        return True

    def prices(self, currency: str) -> Sequence[ResourcePrice]:
        known = (price for price in self._state.prices if price.currency == currency)
        return sorted(known, key=lambda price: (price.from_at, price.kind))

    def price_page(
        self, *, after: PricePlace | None, limit: int, kind: str | None = None
    ) -> Sequence[ResourcePrice]:
        found = [
            price
            for price in sorted(self._state.prices, key=_place)
            if (after is None or _place(price) > after) and kind in (None, price.kind)
        ]
        return found[:limit]


def _same_start(one: ResourcePrice, other: ResourcePrice) -> bool:
    return _place(one) == _place(other)


def _place(price: ResourcePrice) -> PricePlace:
    return price.kind, price.currency, price.from_at
