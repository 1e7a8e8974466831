"""Who is due in a month, with everything that they are priced from (SPEC 9).

Owns the finding (in the database, before anything is added up) and the loading: a constant number of
statements a chunk, whatever the number of tenants in it. What a month costs is the domain's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.subscriptions import subscriptions_from
from arcadia_adapters.postgres.billing.usage import USED
from arcadia_adapters.postgres.tables.deployments import cloud_deployments
from arcadia_adapters.postgres.tables.foundation import Day, Text
from arcadia_adapters.postgres.tables.invoices import tenant_invoices
from arcadia_adapters.postgres.tables.subscriptions import (
    subscription_addons,
    subscription_changes,
    subscriptions,
)
from arcadia_adapters.postgres.tables.tenants import tenant_tax_profiles, tenants
from arcadia_adapters.postgres.tables.usage import llm_usage_events, usage_daily, usage_deltas
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import InvoiceStatus, LlmCharges
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.period import Period
from arcadia_domain.ports.billing import DeploymentMonth, Existing, TenantMonth
from arcadia_domain.pricing.stretch import Status

_START: Final = sa.bindparam("start", type_=Day)
_END: Final = sa.bindparam("end", type_=Day)
_IN_SERVICE: Final = [status.value for status in Status if status.in_service]

_DeploymentKey = tuple[str, UUID]
_Usage = Mapping[str, Mapping[date, Decimal]]


def _has_day_in_service() -> sa.Exists:
    """A change point in service that holds in the month: in it, or the last one by its first day."""
    point, later = subscription_changes, subscription_changes.alias("later")
    is_replaced = sa.exists().where(
        later.c.tenant_id == point.c.tenant_id,
        later.c.subscription_id == point.c.subscription_id,
        later.c.from_day > point.c.from_day,
        later.c.from_day <= _START,
    )
    return sa.exists().where(
        point.c.tenant_id == tenants.c.tenant_id,
        point.c.status.in_(_IN_SERVICE),
        point.c.from_day < _END,
        ~is_replaced,
    )


def _has_usage() -> sa.Exists:
    return sa.exists().where(
        usage_daily.c.tenant_id == tenants.c.tenant_id,
        usage_daily.c.day >= _START,
        usage_daily.c.day < _END,
        USED != 0,
    )


def _has_llm_charges() -> sa.Exists:
    return sa.exists().where(llm_usage_events.c.tenant_id == tenants.c.tenant_id, *_BILLABLE)


_BILLABLE: Final = (
    llm_usage_events.c.llm_mode == LlmMode.GATEWAY.value,
    llm_usage_events.c.occurred_day >= _START,
    llm_usage_events.c.occurred_day < _END,
)


def _has_invoice(*of_status: sa.ColumnElement[bool]) -> sa.Exists:
    return sa.exists().where(
        tenant_invoices.c.tenant_id == tenants.c.tenant_id,
        tenant_invoices.c.period_start == _START,
        *of_status,
    )


@cache
def _due(existing: Existing, one_tenant: bool) -> sa.Select[Any]:
    reasons = [_has_day_in_service(), _has_usage(), _has_llm_charges()]
    is_draft = tenant_invoices.c.status == InvoiceStatus.DRAFT.value
    conditions: list[sa.ColumnElement[bool]] = []
    match existing:
        case Existing.SKIP:
            conditions.append(~_has_invoice())
        case Existing.REBUILD_DRAFTS:
            conditions.append(~_has_invoice(~is_draft))
            # A draft of somebody who owes nothing any more is looked at too, or it would stay for ever.
            reasons.append(_has_invoice(is_draft))
        case Existing.IGNORE:
            pass
    if one_tenant:
        conditions.append(tenants.c.tenant_id == sa.bindparam("tenant", type_=Text))
    return (
        sa.select(tenants)
        .where(tenants.c.tenant_id > sa.bindparam("after", type_=Text), *conditions, sa.or_(*reasons))
        .order_by(tenants.c.tenant_id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(Text))


def _of_chunk(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.tenant_id == sa.any_(_IDS)


_PROFILES: Final = (
    sa.select(tenant_tax_profiles)
    .where(_of_chunk(tenant_tax_profiles))
    .order_by(tenant_tax_profiles.c.tenant_id, tenant_tax_profiles.c.from_day)
)
_DEPLOYMENTS: Final = (
    sa.select(cloud_deployments.c.tenant_id, cloud_deployments.c.id, cloud_deployments.c.slug)
    .where(_of_chunk(cloud_deployments))
    .order_by(cloud_deployments.c.slug.collate("C"))
)
_SUBSCRIPTIONS: Final = sa.select(subscriptions).where(_of_chunk(subscriptions))
_POINTS: Final = (
    sa.select(subscription_changes)
    .where(_of_chunk(subscription_changes))
    .order_by(subscription_changes.c.from_day)
)
_ADDONS: Final = (
    sa.select(subscription_addons)
    .where(_of_chunk(subscription_addons))
    .order_by(subscription_addons.c.attached_at, subscription_addons.c.id)
)

_days = (usage_daily.c.tenant_id, usage_daily.c.deployment_id, usage_daily.c.kind)
_unfolded = (
    sa.select(
        usage_deltas.c.tenant_id,
        usage_deltas.c.deployment_id,
        usage_deltas.c.kind,
        usage_deltas.c.day,
        sa.func.sum(usage_deltas.c.qty).label("qty"),
    )
    .where(_of_chunk(usage_deltas), usage_deltas.c.day >= _START, usage_deltas.c.day < _END)
    .group_by(usage_deltas.c.tenant_id, usage_deltas.c.deployment_id, usage_deltas.c.kind, usage_deltas.c.day)
    .subquery("unfolded")
)
_used = usage_daily.c.qty + sa.func.coalesce(_unfolded.c.qty, 0)
# A row for each deployment and kind, its days in arrays: a row for each day costs ten times the decoding.
_USAGE: Final = (
    sa.select(*_days, sa.func.array_agg(usage_daily.c.day), sa.func.array_agg(_used))
    .join(
        _unfolded,
        sa.and_(
            *(_unfolded.c[name] == usage_daily.c[name] for name in ("tenant_id", "deployment_id")),
            *(_unfolded.c[name] == usage_daily.c[name] for name in ("kind", "day")),
        ),
        isouter=True,
    )
    .where(_of_chunk(usage_daily), usage_daily.c.day >= _START, usage_daily.c.day < _END, _used != 0)
    .group_by(*_days)
    .order_by(usage_daily.c.kind.collate("C"))
)
# Charges in two currencies are refused where they come in. Should they be here, the one that is not the
# tenant's is told, so that pricing refuses the tenant by name.
_CHARGES: Final = (
    sa.select(
        llm_usage_events.c.tenant_id,
        llm_usage_events.c.deployment_id,
        sa.func.sum(llm_usage_events.c.charge).label("total"),
        sa.func.count().label("events"),
        sa.func.coalesce(
            sa.func.min(llm_usage_events.c.currency).filter(
                llm_usage_events.c.currency != tenants.c.currency
            ),
            sa.func.min(llm_usage_events.c.currency),
        ).label("currency"),
    )
    .join(tenants, tenants.c.tenant_id == llm_usage_events.c.tenant_id)
    .where(_of_chunk(llm_usage_events), *_BILLABLE)
    .group_by(llm_usage_events.c.tenant_id, llm_usage_events.c.deployment_id)
)


def due(
    connection: sa.Connection,
    period: Period,
    existing: Existing,
    *,
    after: str,
    limit: int,
    tenant_id: str | None,
) -> list[TenantMonth]:
    """The next chunk of due tenants; see the port."""
    bounds = {"start": period.start, "end": period.end}
    asked = {**bounds, "after": after, "limit": limit}
    if tenant_id is not None:
        asked["tenant"] = tenant_id
    chunk = [_tenant(row) for row in connection.execute(_due(existing, tenant_id is not None), asked)]
    if not chunk:
        return []
    ids = {"ids": [tenant.tenant_id for tenant in chunk]}
    profiles = _profiles(connection, ids)
    deployments = _deployments(connection, {**bounds, **ids}, period)
    return [
        TenantMonth(
            tenant,
            tuple(profiles.get(tenant.tenant_id, ())),
            tuple(deployments.get(tenant.tenant_id, ())),
        )
        for tenant in chunk
    ]


def _tenant(row: sa.Row[Any]) -> Tenant:
    return Tenant(
        tenant_id=row.tenant_id,
        currency=row.currency,
        country=row.country,
        terms_days=row.terms_days,
        legal_name=row.legal_name,
        abn=row.abn,
    )


def _profiles(connection: sa.Connection, ids: Mapping[str, object]) -> Mapping[str, list[TaxProfile]]:
    profiles: dict[str, list[TaxProfile]] = defaultdict(list)
    for row in connection.execute(_PROFILES, ids):
        profiles[row.tenant_id].append(
            TaxProfile(row.from_day, row.country, Treatment(row.treatment), row.reason)
        )
    return profiles


def _deployments(
    connection: sa.Connection, asked: Mapping[str, object], period: Period
) -> Mapping[str, list[DeploymentMonth]]:
    """Each tenant's deployments with something to bill, by slug."""
    held = _subscriptions(connection, {"ids": asked["ids"]})
    usage = _usage(connection, asked)
    charges = _charges(connection, asked)
    by_tenant: dict[str, list[DeploymentMonth]] = defaultdict(list)
    for tenant_id, deployment_id, slug in connection.execute(_DEPLOYMENTS, {"ids": asked["ids"]}):
        key = (tenant_id, deployment_id)
        month = DeploymentMonth(
            deployment_id, slug, tuple(held.get(key, ())), usage.get(key, {}), charges.get(key)
        )
        if month.usage or month.llm or _is_in_service(month.subscriptions, period):
            by_tenant[tenant_id].append(month)
    return by_tenant


def _is_in_service(held: Iterable[Subscription], period: Period) -> bool:
    """Whether any of the subscriptions has a day in service in the period."""
    for subscription in held:
        points = subscription.timeline.points
        ends = [later.from_day for _, later in pairwise(points)]
        for point, end in zip(points, [*ends, date.max], strict=True):
            if point.status.in_service and point.from_day < period.end and end > period.start:
                return True
    return False


def _subscriptions(
    connection: sa.Connection, ids: Mapping[str, object]
) -> Mapping[_DeploymentKey, list[Subscription]]:
    """The subscriptions of each deployment, in the order of their start."""
    rows = connection.execute(_SUBSCRIPTIONS, ids)
    points = connection.execute(_POINTS, ids)
    addons = connection.execute(_ADDONS, ids)
    held: dict[_DeploymentKey, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions_from(rows, points, addons):
        held[subscription.tenant_id, subscription.deployment_id].append(subscription)
    for of_deployment in held.values():
        of_deployment.sort(key=lambda one: (one.timeline.start, one.created_at, one.id))
    return held


def _usage(connection: sa.Connection, asked: Mapping[str, object]) -> Mapping[_DeploymentKey, _Usage]:
    usage: dict[_DeploymentKey, dict[str, dict[date, Decimal]]] = defaultdict(dict)
    for tenant_id, deployment_id, kind, days, quantities in connection.execute(_USAGE, asked):
        usage[tenant_id, deployment_id][kind] = dict(zip(days, quantities, strict=True))
    return usage


def _charges(connection: sa.Connection, asked: Mapping[str, object]) -> Mapping[_DeploymentKey, LlmCharges]:
    return {
        (row.tenant_id, row.deployment_id): LlmCharges(row.total, row.currency, row.events)
        for row in connection.execute(_CHARGES, asked)
    }
