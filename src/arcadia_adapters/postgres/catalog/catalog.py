"""The catalogue on Postgres: plans, versions, addons and fallback prices (SPEC 3).

Owns the locks that number drafts and order publishing: both take the plan's row. That a published version
never changes is held by `guards`. How a version is read is `versions`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.catalog.versions import (
    ACTIVE_OF_PLAN,
    ACTIVE_OF_PLANS,
    BY_ID_LOCKED,
    BY_IDS,
    BY_PLAN,
    in_stored_order,
    versions_from,
)
from arcadia_adapters.postgres.tables.catalog import addons, plan_items, plan_versions, plans, resource_prices
from arcadia_adapters.postgres.tables.foundation import Instant, Text, Uuid
from arcadia_domain.ports.catalog import PricePlace
from arcadia_domain.pricing.catalog import (
    Addon,
    Plan,
    PlanItem,
    PlanVersion,
    ResourcePrice,
    VersionStatus,
)

# No locale orders codes: a cursor means the same on every server.
_plan_code: Final = plans.c.code.collate("C")
_addon_code: Final = addons.c.code.collate("C")
_price_kind: Final = resource_prices.c.kind.collate("C")
_price_currency: Final = resource_prices.c.currency.collate("C")

_limit: Final = sa.bindparam("limit", type_=sa.Integer)
_after_code: Final = sa.bindparam("after", type_=Text)

_ADD_PLAN: Final = insert(plans).on_conflict_do_nothing(index_elements=[plans.c.code]).returning(plans.c.id)
_PLANS: Final = sa.select(plans.c.id, plans.c.code, plans.c.name).order_by(_plan_code)
_PLAN: Final = _PLANS.where(plans.c.code == sa.bindparam("code", type_=Text))

# Not FOR UPDATE: whoever writes a row that refers to the plan need not wait.
_LOCK_PLAN: Final = (
    sa.select(plans.c.id)
    .where(plans.c.id == sa.bindparam("plan_id", type_=Uuid))
    .with_for_update(key_share=True)
)
_LOCK_PLAN_OF_VERSION: Final = (
    sa.select(plans.c.id)
    .join_from(plans, plan_versions)
    .where(plan_versions.c.id == sa.bindparam("version_id", type_=Uuid))
    .with_for_update(key_share=True, of=plans)
)

_numbered = plan_versions.alias("numbered")
_NEXT_NUMBER: Final = (
    sa.select(sa.func.coalesce(sa.func.max(_numbered.c.version), 0) + 1)
    .where(_numbered.c.plan_id == sa.bindparam("of_plan", type_=Uuid))
    .scalar_subquery()
)
_ADD_DRAFT: Final = (
    insert(plan_versions)
    .values(version=_NEXT_NUMBER, status=VersionStatus.DRAFT.value)
    .returning(plan_versions.c.version)
)
_ADD_ITEMS: Final = insert(plan_items)

_this_version = plan_versions.c.id == sa.bindparam("version_id", type_=Uuid)
_at = sa.bindparam("at", type_=Instant)
_SET_STATUS: Final = {
    VersionStatus.ACTIVE: sa.update(plan_versions)
    .where(_this_version)
    .values(status=VersionStatus.ACTIVE.value, published_at=_at),
    VersionStatus.RETIRED: sa.update(plan_versions)
    .where(_this_version)
    .values(status=VersionStatus.RETIRED.value, retired_at=_at),
}

_ADD_ADDON: Final = (
    insert(addons).on_conflict_do_nothing(index_elements=[addons.c.code]).returning(addons.c.id)
)
_ADDONS: Final = sa.select(addons).order_by(_addon_code)
_ADDON: Final = _ADDONS.where(addons.c.code == sa.bindparam("code", type_=Text))
_ADDONS_OF: Final = _ADDONS.where(addons.c.code == sa.any_(sa.bindparam("codes", type_=sa.ARRAY(Text))))

_ADD_PRICE: Final = (
    insert(resource_prices)
    .on_conflict_do_nothing(index_elements=list(resource_prices.primary_key))
    .returning(resource_prices.c.kind)
)
_PRICES: Final = (
    sa.select(resource_prices)
    .where(resource_prices.c.currency == sa.bindparam("currency", type_=Text))
    .order_by(resource_prices.c.from_at, _price_kind)
)


@cache
def _page_of_plans(after: bool, offered: bool) -> sa.Select[Any]:
    page = _PLANS.limit(_limit)
    if after:
        page = page.where(_plan_code > _after_code)
    if offered:
        active = plan_versions.c.status == VersionStatus.ACTIVE.value
        page = page.join_from(plans, plan_versions).where(active)
    return page


@cache
def _page_of_addons(after: bool) -> sa.Select[Any]:
    page = _ADDONS.limit(_limit)
    return page.where(_addon_code > _after_code) if after else page


@cache
def _page_of_prices(after: bool, kind: bool) -> sa.Select[Any]:
    place = (_price_kind, _price_currency, resource_prices.c.from_at)
    page = sa.select(resource_prices).order_by(*place).limit(_limit)
    if after:
        page = page.where(
            sa.tuple_(*place)
            > sa.tuple_(
                sa.bindparam("after_kind", type_=Text),
                sa.bindparam("after_currency", type_=Text),
                sa.bindparam("after_from", type_=Instant),
            )
        )
    if kind:
        page = page.where(resource_prices.c.kind == sa.bindparam("kind", type_=Text))
    return page


class PostgresCatalog:
    """The catalogue, as the role of this connection may read and write it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add_plan(self, plan: Plan, at: datetime) -> bool:
        row = {"id": plan.id, "code": plan.code, "name": plan.name, "created_at": at}
        return self._connection.scalar(_ADD_PLAN, row) is not None

    def plan(self, code: str) -> Plan | None:
        row = self._connection.execute(_PLAN, {"code": code}).one_or_none()
        return None if row is None else Plan(row.id, row.code, row.name)

    def plans(
        self, *, after: str | None = None, limit: int | None = None, offered: bool = False
    ) -> Sequence[Plan]:
        page = _page_of_plans(after is not None, offered)
        found = self._connection.execute(page, {"after": after, "limit": limit})
        return [Plan(row.id, row.code, row.name) for row in found]

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
        self._connection.execute(_LOCK_PLAN, {"plan_id": plan.id})
        number = self._connection.execute(
            _ADD_DRAFT,
            {
                "id": version_id,
                "plan_id": plan.id,
                "of_plan": plan.id,
                "base_price_cents": base_price_cents,
                "currency": currency,
                "created_at": at,
            },
        ).scalar_one()
        if items:
            self._connection.execute(_ADD_ITEMS, [_item_row(version_id, item) for item in items])
        return PlanVersion(
            plan_code=plan.code,
            plan_name=plan.name,
            version=number,
            base_price_cents=base_price_cents,
            currency=currency,
            items=in_stored_order(items),
            id=version_id,
        )

    def version_for_publishing(self, version_id: UUID) -> PlanVersion | None:
        # Two statements: the second one's snapshot is taken once the lock is ours, so that it sees
        # what whoever published before us has done.
        if self._connection.scalar(_LOCK_PLAN_OF_VERSION, {"version_id": version_id}) is None:
            return None
        return self._one(BY_ID_LOCKED, {"version_id": version_id})

    def versions(self, ids: Collection[UUID]) -> Mapping[UUID, PlanVersion]:
        if not ids:
            return {}
        found = versions_from(self._connection.execute(BY_IDS, {"ids": list(ids)}))
        return {version.id: version for version in found if version.id is not None}

    def versions_of(self, plan_code: str) -> Sequence[PlanVersion]:
        return versions_from(self._connection.execute(BY_PLAN, {"plan_code": plan_code}))

    def active_version(self, plan_code: str) -> PlanVersion | None:
        return self._one(ACTIVE_OF_PLAN, {"plan_code": plan_code})

    def active_versions(self, plan_codes: Collection[str]) -> Mapping[str, PlanVersion]:
        if not plan_codes:
            return {}
        found = versions_from(self._connection.execute(ACTIVE_OF_PLANS, {"plan_codes": list(plan_codes)}))
        return {version.plan_code: version for version in found}

    def set_status(self, version: PlanVersion, at: datetime) -> None:
        self._connection.execute(_SET_STATUS[version.status], {"version_id": version.id, "at": at})

    def add_addon(self, addon: Addon) -> bool:
        row = {
            "id": addon.id,
            "code": addon.code,
            "name": addon.name,
            "resource_kind": addon.resource_kind,
            "qty": addon.qty,
            "price_cents": addon.price_cents,
            "currency": addon.currency,
        }
        return self._connection.scalar(_ADD_ADDON, row) is not None

    def addon(self, code: str) -> Addon | None:
        row = self._connection.execute(_ADDON, {"code": code}).one_or_none()
        return None if row is None else _addon(row)

    def addons(self, *, after: str | None = None, limit: int | None = None) -> Sequence[Addon]:
        page = _page_of_addons(after is not None)
        return [_addon(row) for row in self._connection.execute(page, {"after": after, "limit": limit})]

    def addons_of(self, codes: Collection[str]) -> Mapping[str, Addon]:
        if not codes:
            return {}
        found = self._connection.execute(_ADDONS_OF, {"codes": list(codes)})
        return {row.code: _addon(row) for row in found}

    def add_price(self, price: ResourcePrice) -> bool:
        row = {
            "kind": price.kind,
            "currency": price.currency,
            "from_at": price.from_at,
            "unit": price.unit,
            "price_cents": price.price_cents,
        }
        return self._connection.scalar(_ADD_PRICE, row) is not None

    def prices(self, currency: str) -> Sequence[ResourcePrice]:
        return [_price(row) for row in self._connection.execute(_PRICES, {"currency": currency})]

    def price_page(
        self, *, after: PricePlace | None, limit: int, kind: str | None = None
    ) -> Sequence[ResourcePrice]:
        page = _page_of_prices(after is not None, kind is not None)
        after_kind, after_currency, after_from = after or (None, None, None)
        asked = {
            "after_kind": after_kind,
            "after_currency": after_currency,
            "after_from": after_from,
            "kind": kind,
            "limit": limit,
        }
        return [_price(row) for row in self._connection.execute(page, asked)]

    def _one(self, statement: sa.Select[Any], parameters: Mapping[str, object]) -> PlanVersion | None:
        found = versions_from(self._connection.execute(statement, parameters))
        return found[0] if found else None


def _item_row(version_id: UUID, item: PlanItem) -> dict[str, object]:
    return {
        "version_id": version_id,
        "resource_kind": item.resource_kind,
        "included_qty": item.included_qty,
        "overage_unit": item.overage_unit,
        "overage_price_cents": item.overage_price_cents,
        "hard_cap_qty": item.hard_cap_qty,
    }


def _addon(row: sa.Row[Any]) -> Addon:
    return Addon(
        code=row.code,
        name=row.name,
        resource_kind=row.resource_kind,
        qty=row.qty,
        price_cents=row.price_cents,
        currency=row.currency,
        id=row.id,
    )


def _price(row: sa.Row[Any]) -> ResourcePrice:
    return ResourcePrice(row.kind, row.currency, row.from_at, row.unit, row.price_cents)
