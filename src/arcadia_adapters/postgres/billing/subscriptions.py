"""Subscriptions on Postgres: the row, its timeline of change points, its addon snapshots (SPEC 5).

Owns the way between these three tables and Subscription. The row shows how the subscription stands on the
day it was stored; what holds on any other day is told by the timeline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from arcadia_adapters.postgres.billing.deployments import TENANT_OF
from arcadia_adapters.postgres.tables.deployments import cloud_deployments
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_adapters.postgres.tables.subscriptions import (
    subscription_addons,
    subscription_changes,
    subscriptions,
)
from arcadia_domain.billing.subscriptions import ChangePoint, Subscription, SubscriptionAddon, Timeline
from arcadia_domain.period import Period
from arcadia_domain.pricing.stretch import Status

_ADD: Final = (
    insert(subscriptions)
    .on_conflict_do_nothing(
        index_elements=[subscriptions.c.tenant_id, subscriptions.c.deployment_id],
        # The index's own words: as a parameter it would not be found once the statement is prepared.
        index_where=sa.text("status <> 'cancelled'"),
    )
    .returning(subscriptions.c.id)
)
_OF_DEPLOYMENT: Final = (
    sa.select(subscriptions)
    .where(
        subscriptions.c.tenant_id == TENANT_OF,
        subscriptions.c.deployment_id == sa.bindparam("deployment", type_=Uuid),
    )
    .order_by(
        subscriptions.c.status == Status.CANCELLED.value,
        subscriptions.c.created_at.desc(),
        subscriptions.c.id.desc(),
    )
    .limit(1)
)
_SAVE: Final = (
    sa.update(subscriptions)
    .where(
        subscriptions.c.tenant_id == sa.bindparam("tenant", type_=Text),
        subscriptions.c.id == sa.bindparam("subscription", type_=Uuid),
    )
    .values(
        plan_version_id=sa.bindparam("new_version"),
        status=sa.bindparam("new_status"),
        current_period_start=sa.bindparam("new_start"),
        current_period_end=sa.bindparam("new_end"),
        revision=sa.bindparam("new_revision"),
    )
)

_points = insert(subscription_changes)
_PUT_POINTS: Final = _points.on_conflict_do_update(
    index_elements=list(subscription_changes.primary_key),
    set_={"plan_version_id": _points.excluded.plan_version_id, "status": _points.excluded.status},
    # A point that stays as it was is not written again.
    where=(subscription_changes.c.plan_version_id != _points.excluded.plan_version_id)
    | (subscription_changes.c.status != _points.excluded.status),
)
_DROP_POINTS: Final = sa.delete(subscription_changes).where(
    subscription_changes.c.tenant_id == sa.bindparam("tenant", type_=Text),
    subscription_changes.c.subscription_id == sa.bindparam("subscription", type_=Uuid),
    subscription_changes.c.from_day != sa.all_(sa.bindparam("kept", type_=sa.ARRAY(sa.Date))),
)
_POINTS: Final = (
    sa.select(subscription_changes)
    .where(
        subscription_changes.c.tenant_id == sa.bindparam("tenant", type_=Text),
        subscription_changes.c.subscription_id == sa.bindparam("subscription", type_=Uuid),
    )
    .order_by(subscription_changes.c.from_day)
)

_ADD_ADDONS: Final = insert(subscription_addons)
_ADDONS: Final = (
    sa.select(subscription_addons)
    .where(
        subscription_addons.c.tenant_id == sa.bindparam("tenant", type_=Text),
        subscription_addons.c.subscription_id == sa.bindparam("subscription", type_=Uuid),
    )
    .order_by(subscription_addons.c.attached_at, subscription_addons.c.id)
)
_DETACH: Final = (
    sa.update(subscription_addons)
    .where(
        subscription_addons.c.tenant_id == sa.bindparam("tenant", type_=Text),
        subscription_addons.c.id == sa.bindparam("attached", type_=Uuid),
    )
    .values(to_day=sa.bindparam("new_to_day"))
)

_OF_DEPLOYMENTS: Final = (
    sa.select(subscriptions)
    .ext(distinct_on(subscriptions.c.deployment_id))
    .join(
        cloud_deployments,
        (cloud_deployments.c.tenant_id == subscriptions.c.tenant_id)
        & (cloud_deployments.c.id == subscriptions.c.deployment_id),
    )
    .where(cloud_deployments.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))))
    .order_by(
        subscriptions.c.deployment_id,
        subscriptions.c.status == Status.CANCELLED.value,
        subscriptions.c.created_at.desc(),
        subscriptions.c.id.desc(),
    )
)

_EVERY_OF: Final = (
    sa.select(subscriptions)
    .join(
        cloud_deployments,
        (cloud_deployments.c.tenant_id == subscriptions.c.tenant_id)
        & (cloud_deployments.c.id == subscriptions.c.deployment_id),
    )
    .where(cloud_deployments.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))))
)


def _of_subscriptions(table: sa.Table, *order: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(table)
        .where(
            table.c.tenant_id == sa.any_(sa.bindparam("tenants", type_=sa.ARRAY(Text))),
            table.c.subscription_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))),
        )
        .order_by(*order)
    )


_POINTS_OF: Final = _of_subscriptions(subscription_changes, subscription_changes.c.from_day)
_ADDONS_OF: Final = _of_subscriptions(
    subscription_addons, subscription_addons.c.attached_at, subscription_addons.c.id
)


class PostgresSubscriptions:
    """Subscriptions, as the role of this connection sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, subscription: Subscription) -> bool:
        today = subscription.created_at.astimezone(UTC).date()
        if self._connection.scalar(_ADD, _row(subscription, today)) is None:
            return False
        self._connection.execute(_PUT_POINTS, _point_rows(subscription))
        if subscription.addons:
            rows = [_addon_row(subscription, addon) for addon in subscription.addons]
            self._connection.execute(_ADD_ADDONS, rows)
        return True

    def of_deployment(self, deployment_id: UUID) -> Subscription | None:
        row = self._connection.execute(_OF_DEPLOYMENT, {"deployment": deployment_id}).one_or_none()
        if row is None:
            return None
        key = {"tenant": row.tenant_id, "subscription": row.id}
        points = self._connection.execute(_POINTS, key)
        addons = self._connection.execute(_ADDONS, key)
        return subscriptions_from([row], points, addons)[0]

    def of_deployments(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Subscription]:
        rows = self._connection.execute(_OF_DEPLOYMENTS, {"ids": list(deployment_ids)}).all()
        return {one.deployment_id: one for one in self._with_timelines(rows)}

    def every_of(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Subscription]]:
        rows = self._connection.execute(_EVERY_OF, {"ids": list(deployment_ids)}).all()
        held: dict[UUID, list[Subscription]] = defaultdict(list)
        in_order = sorted(
            self._with_timelines(rows), key=lambda one: (one.timeline.start, one.created_at, one.id)
        )
        for one in in_order:
            held[one.deployment_id].append(one)
        return dict(held)

    def _with_timelines(self, rows: Sequence[sa.Row[Any]]) -> list[Subscription]:
        """The subscriptions of these rows, with their timelines and addons, in that order."""
        if not rows:
            return []
        asked = {"tenants": sorted({row.tenant_id for row in rows}), "ids": [row.id for row in rows]}
        points = self._connection.execute(_POINTS_OF, asked)
        addons = self._connection.execute(_ADDONS_OF, asked)
        return subscriptions_from(rows, points, addons)

    def save(self, subscription: Subscription, today: date) -> None:
        key = {"tenant": subscription.tenant_id, "subscription": subscription.id}
        shown = _row(subscription, today)
        self._connection.execute(
            _SAVE,
            {
                **key,
                "new_version": shown["plan_version_id"],
                "new_status": shown["status"],
                "new_start": shown["current_period_start"],
                "new_end": shown["current_period_end"],
                "new_revision": shown["revision"],
            },
        )
        self._connection.execute(_PUT_POINTS, _point_rows(subscription))
        kept = [point.from_day for point in subscription.timeline.points]
        self._connection.execute(_DROP_POINTS, {**key, "kept": kept})

    def attach(self, subscription: Subscription, addon: SubscriptionAddon) -> None:
        self._connection.execute(_ADD_ADDONS, _addon_row(subscription, addon))

    def detach(self, subscription: Subscription, addon: SubscriptionAddon) -> None:
        key = {"tenant": subscription.tenant_id, "attached": addon.id}
        self._connection.execute(_DETACH, {**key, "new_to_day": addon.to_day})


def subscriptions_from(
    rows: Iterable[sa.Row[Any]], points: Iterable[sa.Row[Any]], addons: Iterable[sa.Row[Any]]
) -> list[Subscription]:
    """Subscriptions of their rows, in that order; the points of each come by day, the addons in order."""
    points_of: dict[UUID, list[ChangePoint]] = defaultdict(list)
    for point in points:
        points_of[point.subscription_id].append(
            ChangePoint(point.from_day, point.plan_version_id, Status(point.status))
        )
    addons_of: dict[UUID, list[SubscriptionAddon]] = defaultdict(list)
    for addon in addons:
        addons_of[addon.subscription_id].append(_addon(addon))
    return [
        Subscription(
            id=row.id,
            tenant_id=row.tenant_id,
            deployment_id=row.deployment_id,
            timeline=Timeline(tuple(points_of[row.id])),
            current_period=Period(row.current_period_start, row.current_period_end),
            created_at=row.created_at,
            addons=tuple(addons_of[row.id]),
            trial_ends_at=row.trial_ends_at,
            revision=row.revision,
        )
        for row in rows
    ]


def _row(subscription: Subscription, today: date) -> dict[str, object]:
    status = subscription.status_on(today)
    return {
        "tenant_id": subscription.tenant_id,
        "id": subscription.id,
        "deployment_id": subscription.deployment_id,
        "plan_version_id": subscription.version_on(today),
        "status": (Status.ACTIVE if status is Status.TRIAL else status).value,
        "current_period_start": subscription.current_period.start,
        "current_period_end": subscription.current_period.end,
        "trial_ends_at": subscription.trial_ends_at,
        "created_at": subscription.created_at,
        "revision": subscription.revision,
    }


def _point_rows(subscription: Subscription) -> list[dict[str, object]]:
    return [
        {
            "tenant_id": subscription.tenant_id,
            "subscription_id": subscription.id,
            "from_day": point.from_day,
            "plan_version_id": point.version_id,
            "status": point.status.value,
        }
        for point in subscription.timeline.points
    ]


def _addon_row(subscription: Subscription, addon: SubscriptionAddon) -> dict[str, object]:
    return {
        "tenant_id": subscription.tenant_id,
        "id": addon.id,
        "subscription_id": subscription.id,
        "addon_id": addon.addon_id,
        "code": addon.code,
        "resource_kind": addon.resource_kind,
        "qty": addon.qty,
        "price_cents": addon.price_cents,
        "currency": addon.currency,
        "attached_at": addon.attached_at,
        "from_day": addon.from_day,
        "to_day": addon.to_day,
    }


def _addon(row: sa.Row[Any]) -> SubscriptionAddon:
    return SubscriptionAddon(
        id=row.id,
        addon_id=row.addon_id,
        code=row.code,
        resource_kind=row.resource_kind,
        qty=row.qty,
        price_cents=row.price_cents,
        currency=row.currency,
        attached_at=row.attached_at,
        from_day=row.from_day,
        to_day=row.to_day,
    )
