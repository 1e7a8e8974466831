"""Who is due in a month, found in the database before anything is added up (SPEC 9).

Owns the finding, chunk by chunk. What a chunk is priced from is loaded by `month_end_chunk`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.billing.deployments import TENANT_OF
from arcadia_adapters.postgres.billing.month_end_chunk import BILLABLE, END, START, load, load_one
from arcadia_adapters.postgres.billing.tenants import tenant_from
from arcadia_adapters.postgres.billing.usage import USED
from arcadia_adapters.postgres.tables.foundation import Text
from arcadia_adapters.postgres.tables.invoices import tenant_invoices
from arcadia_adapters.postgres.tables.subscriptions import subscription_changes
from arcadia_adapters.postgres.tables.tenants import tenants
from arcadia_adapters.postgres.tables.usage import llm_usage_events, usage_daily
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking, Cut, Existing, TenantMonth
from arcadia_domain.pricing.stretch import Status

_IN_SERVICE: Final = [status.value for status in Status if status.in_service]


def _has_day_in_service() -> sa.Exists:
    """A change point in service that holds in the month: in it, or the last one by its first day."""
    point, later = subscription_changes, subscription_changes.alias("later")
    is_replaced = sa.exists().where(
        later.c.tenant_id == point.c.tenant_id,
        later.c.subscription_id == point.c.subscription_id,
        later.c.from_day > point.c.from_day,
        later.c.from_day <= START,
    )
    return sa.exists().where(
        point.c.tenant_id == tenants.c.tenant_id,
        point.c.status.in_(_IN_SERVICE),
        point.c.from_day < END,
        ~is_replaced,
    )


def _has_usage() -> sa.Exists:
    return sa.exists().where(
        usage_daily.c.tenant_id == tenants.c.tenant_id,
        usage_daily.c.day >= START,
        usage_daily.c.day < END,
        USED != 0,
    )


def _has_llm_charges() -> sa.Exists:
    return sa.exists().where(llm_usage_events.c.tenant_id == tenants.c.tenant_id, *BILLABLE)


def _has_invoice(*of_status: sa.ColumnElement[bool]) -> sa.Exists:
    return sa.exists().where(
        tenant_invoices.c.tenant_id == tenants.c.tenant_id,
        tenant_invoices.c.period_start == START,
        *of_status,
    )


@cache
def _are_due(existing: Existing, one_tenant: bool) -> sa.ColumnElement[bool]:
    """Whether a tenant is due."""
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
    return sa.and_(*conditions, sa.or_(*reasons))


@cache
def _due(existing: Existing, one_tenant: bool, ends: bool) -> sa.Select[Any]:
    within = [tenants.c.tenant_id > sa.bindparam("after", type_=Text)]
    if ends:
        within.append(tenants.c.tenant_id <= sa.bindparam("up_to", type_=Text))
    return (
        sa.select(tenants)
        .where(*within, _are_due(existing, one_tenant))
        .order_by(tenants.c.tenant_id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


@cache
def _cut(existing: Existing, one_tenant: bool) -> sa.Select[*tuple[Any, ...]]:
    place = sa.func.row_number().over(order_by=tenants.c.tenant_id) - 1
    due_now = (
        sa.select(tenants.c.tenant_id, (place // sa.bindparam("size", type_=sa.BigInteger)).label("shard"))
        .where(_are_due(existing, one_tenant))
        .subquery()
    )
    return (
        sa.select(sa.func.max(due_now.c.tenant_id), sa.func.count())
        .group_by(due_now.c.shard)
        .order_by(due_now.c.shard)
    )


def due(
    connection: sa.Connection,
    period: Period,
    existing: Existing,
    *,
    after: str,
    limit: int,
    tenant_id: str | None,
    up_to: str | None,
) -> list[TenantMonth]:
    """The next chunk of due tenants; see the port."""
    bounds = {"start": period.start, "end": period.end}
    asked = {**bounds, "after": after, "limit": limit, "tenant": tenant_id, "up_to": up_to}
    query = _due(existing, tenant_id is not None, up_to is not None)
    chunk = [tenant_from(row) for row in connection.execute(query, asked)]
    if not chunk:
        return []
    return load(connection, chunk, period)


def cut(connection: sa.Connection, asking: Asking, size: int) -> list[Cut]:
    """All who are due, in shards; see the port."""
    period = asking.run.period
    asked = {"start": period.start, "end": period.end, "tenant": asking.tenant_id, "size": size}
    query = _cut(asking.existing, asking.tenant_id is not None)
    return [Cut(up_to, count) for up_to, count in connection.execute(query, asked)]


_TENANT: Final = sa.select(tenants).where(tenants.c.tenant_id == TENANT_OF)


def of_deployment(connection: sa.Connection, deployment_id: UUID, period: Period) -> TenantMonth | None:
    """The month of one deployment, due or not; see the port."""
    row = connection.execute(_TENANT, {"deployment": deployment_id}).one_or_none()
    return None if row is None else load_one(connection, tenant_from(row), deployment_id, period)
