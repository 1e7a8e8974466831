"""Everything that a chunk of tenants is priced from, in a constant number of statements (data_model rule 10).

Owns the loading and the putting together. Who is in the chunk is `month_end_due`'s; what a month costs is the
domain's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.subscriptions import subscriptions_from
from arcadia_adapters.postgres.tables.deployments import cloud_deployments
from arcadia_adapters.postgres.tables.foundation import Day, Text
from arcadia_adapters.postgres.tables.subscriptions import (
    subscription_addons,
    subscription_changes,
    subscriptions,
)
from arcadia_adapters.postgres.tables.tenants import tenant_tax_profiles, tenants
from arcadia_adapters.postgres.tables.usage import llm_usage_events, usage_daily, usage_deltas
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import LlmCharges
from arcadia_domain.billing.subscriptions import Subscription
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.period import Period
from arcadia_domain.ports.billing import DeploymentMonth, TenantMonth
from arcadia_domain.quantity import EXACT

START: Final = sa.bindparam("start", type_=Day)
END: Final = sa.bindparam("end", type_=Day)
BILLABLE: Final = (
    llm_usage_events.c.llm_mode == LlmMode.GATEWAY.value,
    llm_usage_events.c.occurred_day >= START,
    llm_usage_events.c.occurred_day < END,
)
"""Which events of the gateway the month's invoice bills."""

_DeploymentKey = tuple[str, UUID]
_Usage = Mapping[str, Mapping[date, Decimal]]

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


def _quantities_in(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in ("tenant_id", "deployment_id", "kind", "day", "qty"))).where(
        _of_chunk(table), table.c.day >= START, table.c.day < END, table.c.qty != 0
    )


# The folded sums and what is not folded yet, in one snapshot. A row for each deployment and kind, with its
# days in arrays: a row for each day costs ten times the decoding.
_quantities = sa.union_all(_quantities_in(usage_daily), _quantities_in(usage_deltas)).subquery()
_of_kind = (_quantities.c.tenant_id, _quantities.c.deployment_id, _quantities.c.kind)
_USAGE: Final = (
    sa.select(*_of_kind, sa.func.array_agg(_quantities.c.day), sa.func.array_agg(_quantities.c.qty))
    .group_by(*_of_kind)
    .order_by(_quantities.c.kind.collate("C"))
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
    .where(_of_chunk(llm_usage_events), *BILLABLE)
    .group_by(llm_usage_events.c.tenant_id, llm_usage_events.c.deployment_id)
)


def load(connection: sa.Connection, chunk: Sequence[Tenant], period: Period) -> list[TenantMonth]:
    """The month of each tenant, in the order of the chunk."""
    asked = {
        "ids": [tenant.tenant_id for tenant in chunk],
        "start": period.start,
        "end": period.end,
    }
    profiles = _profiles(connection, {"ids": asked["ids"]})
    deployments = _deployments(connection, asked, period)
    return [
        TenantMonth(
            tenant,
            tuple(profiles.get(tenant.tenant_id, ())),
            tuple(deployments.get(tenant.tenant_id, ())),
        )
        for tenant in chunk
    ]


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
    usage: dict[_DeploymentKey, dict[str, Mapping[date, Decimal]]] = defaultdict(dict)
    for tenant_id, deployment_id, kind, days, quantities in connection.execute(_USAGE, asked):
        if by_day := _by_day(days, quantities):
            usage[tenant_id, deployment_id][kind] = by_day
    return usage


def _by_day(days: Sequence[date], quantities: Sequence[Decimal]) -> Mapping[date, Decimal]:
    """The sum of each day. Most days stand once: they are folded, or are not yet."""
    once = dict(zip(days, quantities, strict=True))
    if len(once) == len(days):
        return once
    sums = dict.fromkeys(days, Decimal(0))
    for day, quantity in zip(days, quantities, strict=True):
        sums[day] = EXACT.add(sums[day], quantity)
    return {day: total for day, total in sums.items() if total}


def _charges(connection: sa.Connection, asked: Mapping[str, object]) -> Mapping[_DeploymentKey, LlmCharges]:
    return {
        (row.tenant_id, row.deployment_id): LlmCharges(row.total, row.currency, row.events)
        for row in connection.execute(_CHARGES, asked)
    }
