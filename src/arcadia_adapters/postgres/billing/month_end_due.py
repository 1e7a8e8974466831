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
from arcadia_domain.ports.month_end import Existing, TenantMonth
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
    chunk = [tenant_from(row) for row in connection.execute(_due(existing, tenant_id is not None), asked)]
    if not chunk:
        return []
    return load(connection, chunk, period)


_TENANT: Final = sa.select(tenants).where(tenants.c.tenant_id == TENANT_OF)


def of_deployment(connection: sa.Connection, deployment_id: UUID, period: Period) -> TenantMonth | None:
    """The month of one deployment, due or not; see the port."""
    row = connection.execute(_TENANT, {"deployment": deployment_id}).one_or_none()
    return None if row is None else load_one(connection, tenant_from(row), deployment_id, period)
