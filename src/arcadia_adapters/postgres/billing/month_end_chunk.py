"""Everything that a chunk of tenants, or one deployment, is priced from, in a constant number of statements
(data_model rule 10).

Owns the loading and the putting together. Who is in the chunk is `month_end_due`'s;
what a month costs is the domain's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.subscriptions import subscriptions_from
from arcadia_adapters.postgres.tables.deployments import cloud_deployments
from arcadia_adapters.postgres.tables.foundation import Day, Text, Uuid
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
from arcadia_domain.ports.month_end import DeploymentMonth, TenantMonth
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
_Whose = Callable[[sa.Table], sa.ColumnElement[bool]]

_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(Text))
_DEPLOYMENT: Final = sa.bindparam("deployment", type_=Uuid)


def _of_chunk(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows of the tenants of a chunk."""
    return table.c.tenant_id == sa.any_(_IDS)


def _of_one(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows of one deployment, and of its subscriptions."""
    if table is cloud_deployments:
        own = table.c.id == _DEPLOYMENT
    elif "deployment_id" in table.c:
        own = table.c.deployment_id == _DEPLOYMENT
    else:
        held = sa.select(subscriptions.c.id).where(_of_one(subscriptions))
        own = table.c.subscription_id.in_(held)
    return _of_chunk(table) & own


_PROFILES: Final = (
    sa.select(tenant_tax_profiles)
    .where(_of_chunk(tenant_tax_profiles))
    .order_by(tenant_tax_profiles.c.tenant_id, tenant_tax_profiles.c.from_day)
)


class _Statements(NamedTuple):
    """What deployments are priced from. The same for a chunk and for one: they can never disagree."""

    deployments: sa.Select[Any]
    subscriptions: sa.Select[Any]
    points: sa.Select[Any]
    addons: sa.Select[Any]
    usage: sa.Select[Any]
    charges: sa.Select[Any]


def _statements(whose: _Whose) -> _Statements:
    return _Statements(
        deployments=sa.select(cloud_deployments.c.tenant_id, cloud_deployments.c.id, cloud_deployments.c.slug)
        .where(whose(cloud_deployments))
        .order_by(cloud_deployments.c.slug.collate("C")),
        subscriptions=sa.select(subscriptions).where(whose(subscriptions)),
        points=sa.select(subscription_changes)
        .where(whose(subscription_changes))
        .order_by(subscription_changes.c.from_day),
        addons=sa.select(subscription_addons)
        .where(whose(subscription_addons))
        .order_by(subscription_addons.c.attached_at, subscription_addons.c.id),
        usage=_usage_of(whose),
        charges=_charges_of(whose),
    )


def _usage_of(whose: _Whose) -> sa.Select[Any]:
    """The folded sums and what is not folded yet, in one snapshot. A row for each deployment and kind, with
    its days in arrays: a row for each day costs ten times the decoding.
    """
    both = sa.union_all(*(_quantities_in(table, whose) for table in (usage_daily, usage_deltas))).subquery()
    key = (both.c.tenant_id, both.c.deployment_id, both.c.kind)
    return (
        sa.select(*key, sa.func.array_agg(both.c.day), sa.func.array_agg(both.c.qty))
        .group_by(*key)
        .order_by(both.c.kind.collate("C"))
    )


def _quantities_in(table: sa.Table, whose: _Whose) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in ("tenant_id", "deployment_id", "kind", "day", "qty"))).where(
        whose(table), table.c.day >= START, table.c.day < END, table.c.qty != 0
    )


def _charges_of(whose: _Whose) -> sa.Select[Any]:
    """Charges in two currencies are refused where they come in. Should they be here, the one that is not the
    tenant's is told, so that pricing refuses the tenant by name.
    """
    currency = llm_usage_events.c.currency
    foreign = sa.func.min(currency).filter(currency != tenants.c.currency)
    return (
        sa.select(
            llm_usage_events.c.tenant_id,
            llm_usage_events.c.deployment_id,
            sa.func.sum(llm_usage_events.c.charge).label("total"),
            sa.func.count().label("events"),
            sa.func.coalesce(foreign, sa.func.min(currency)).label("currency"),
        )
        .join(tenants, tenants.c.tenant_id == llm_usage_events.c.tenant_id)
        .where(whose(llm_usage_events), *BILLABLE)
        .group_by(llm_usage_events.c.tenant_id, llm_usage_events.c.deployment_id)
    )


_CHUNK: Final = _statements(_of_chunk)
_ONE: Final = _statements(_of_one)


def load(connection: sa.Connection, chunk: Sequence[Tenant], period: Period) -> list[TenantMonth]:
    """The month of each tenant, in the order of the chunk: its deployments with something to bill."""
    ids = {"ids": [tenant.tenant_id for tenant in chunk]}
    profiles = _profiles(connection, ids)
    deployments: dict[str, list[DeploymentMonth]] = defaultdict(list)
    for tenant_id, month in _deployments(connection, _CHUNK, ids, period):
        if month.usage or month.llm or _is_in_service(month.subscriptions, period):
            deployments[tenant_id].append(month)
    return [
        TenantMonth(
            tenant,
            tuple(profiles.get(tenant.tenant_id, ())),
            tuple(deployments.get(tenant.tenant_id, ())),
        )
        for tenant in chunk
    ]


def load_one(connection: sa.Connection, tenant: Tenant, deployment_id: UUID, period: Period) -> TenantMonth:
    """The month of one deployment of a tenant, also where nothing is to bill."""
    ids = {"ids": [tenant.tenant_id]}
    found = _deployments(connection, _ONE, {**ids, "deployment": deployment_id}, period)
    profiles = _profiles(connection, ids).get(tenant.tenant_id, ())
    return TenantMonth(tenant, tuple(profiles), tuple(month for _, month in found))


def _profiles(connection: sa.Connection, ids: Mapping[str, object]) -> Mapping[str, list[TaxProfile]]:
    profiles: dict[str, list[TaxProfile]] = defaultdict(list)
    for row in connection.execute(_PROFILES, ids):
        profiles[row.tenant_id].append(
            TaxProfile(row.from_day, row.country, Treatment(row.treatment), row.reason)
        )
    return profiles


def _deployments(
    connection: sa.Connection, statements: _Statements, whose: Mapping[str, object], period: Period
) -> list[tuple[str, DeploymentMonth]]:
    """Every deployment with its tenant, by slug."""
    bounds = {"start": period.start, "end": period.end}
    held = _subscriptions(connection, statements, whose)
    usage = _usage(connection.execute(statements.usage, {**whose, **bounds}))
    charges = _charges(connection.execute(statements.charges, {**whose, **bounds}))
    return [
        (
            tenant_id,
            DeploymentMonth(
                deployment_id,
                slug,
                tuple(held.get((tenant_id, deployment_id), ())),
                usage.get((tenant_id, deployment_id), {}),
                charges.get((tenant_id, deployment_id)),
            ),
        )
        for tenant_id, deployment_id, slug in connection.execute(statements.deployments, whose)
    ]


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
    connection: sa.Connection, statements: _Statements, whose: Mapping[str, object]
) -> Mapping[_DeploymentKey, list[Subscription]]:
    """The subscriptions of each deployment, in the order of their start."""
    rows = connection.execute(statements.subscriptions, whose)
    points = connection.execute(statements.points, whose)
    addons = connection.execute(statements.addons, whose)
    held: dict[_DeploymentKey, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions_from(rows, points, addons):
        held[subscription.tenant_id, subscription.deployment_id].append(subscription)
    for of_deployment in held.values():
        of_deployment.sort(key=lambda one: (one.timeline.start, one.created_at, one.id))
    return held


def _usage(rows: Iterable[sa.Row[*tuple[Any, ...]]]) -> Mapping[_DeploymentKey, _Usage]:
    usage: dict[_DeploymentKey, dict[str, Mapping[date, Decimal]]] = defaultdict(dict)
    for tenant_id, deployment_id, kind, days, quantities in rows:
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


def _charges(rows: Iterable[sa.Row[Any]]) -> Mapping[_DeploymentKey, LlmCharges]:
    return {
        (row.tenant_id, row.deployment_id): LlmCharges(row.total, row.currency, row.events) for row in rows
    }
