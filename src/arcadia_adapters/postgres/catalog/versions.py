"""Plan versions as they are read: each with its plan's code and name, and its items, in one statement.

Owns the reading and the way from rows to PlanVersion. Writing is `catalog`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.catalog import plan_items, plan_versions, plans
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, VersionStatus

_VERSIONS: Final = (
    sa.select(
        plan_versions.c.id,
        plans.c.code.label("plan_code"),
        plans.c.name.label("plan_name"),
        plan_versions.c.version,
        plan_versions.c.base_price_cents,
        plan_versions.c.currency,
        plan_versions.c.status,
        plan_items.c.resource_kind,
        plan_items.c.included_qty,
        plan_items.c.overage_unit,
        plan_items.c.overage_price_cents,
        plan_items.c.hard_cap_qty,
    )
    .select_from(plan_versions.join(plans).outerjoin(plan_items))
    # A version's rows stand together; the order of kinds does not depend on the database's locale.
    .order_by(plan_versions.c.plan_id, plan_versions.c.version, plan_items.c.resource_kind.collate("C"))
)

BY_IDS: Final = _VERSIONS.where(plan_versions.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))))
BY_PLAN: Final = _VERSIONS.where(plans.c.code == sa.bindparam("plan_code", type_=Text))
_ACTIVE: Final = plan_versions.c.status == VersionStatus.ACTIVE.value
ACTIVE_OF_PLAN: Final = BY_PLAN.where(_ACTIVE)
ACTIVE_OF_PLANS: Final = _VERSIONS.where(
    plans.c.code == sa.any_(sa.bindparam("plan_codes", type_=sa.ARRAY(Text))), _ACTIVE
)

# The guard of published versions asks for this: a line that is being written beside it then waits.
BY_ID_LOCKED: Final = _VERSIONS.where(
    plan_versions.c.id == sa.bindparam("version_id", type_=Uuid)
).with_for_update(of=plan_versions)


def versions_from(rows: Iterable[sa.Row[Any]]) -> list[PlanVersion]:
    """The versions of rows that come in the order of the statements above; items by kind."""
    return [_version(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]


def in_stored_order(items: Iterable[PlanItem]) -> tuple[PlanItem, ...]:
    """Items as they will be read back: by kind."""
    return tuple(sorted(items, key=lambda item: item.resource_kind))


def _version(rows: Sequence[sa.Row[Any]]) -> PlanVersion:
    first = rows[0]
    return PlanVersion(
        plan_code=first.plan_code,
        plan_name=first.plan_name,
        version=first.version,
        base_price_cents=first.base_price_cents,
        currency=first.currency,
        items=tuple(_item(row) for row in rows if row.resource_kind is not None),
        status=VersionStatus(first.status),
        id=first.id,
    )


def _item(row: sa.Row[Any]) -> PlanItem:
    return PlanItem(
        resource_kind=row.resource_kind,
        included_qty=row.included_qty,
        overage_unit=row.overage_unit,
        overage_price_cents=row.overage_price_cents,
        hard_cap_qty=row.hard_cap_qty,
    )
