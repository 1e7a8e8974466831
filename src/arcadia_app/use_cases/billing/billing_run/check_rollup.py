"""Whether a month can be rolled up at all, and how much of it is one transaction (SPEC 9)."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, midnight
from arcadia_domain.ports.unit_of_work import Work

CHUNK = 500
"""Tenants in one transaction."""


class MonthNotOver(DomainError):
    code = "month_not_over"
    sentence = "{month} is not over yet: it can be rolled up from {from_day} on."
    field = "period"


class UnknownTenant(DomainError):
    code = "unknown_tenant"
    sentence = "There is no tenant {tenant_id!r}."
    field = "tenant_id"


def check_rollup(work: Work, by: Principal, *, period: Period, now: datetime, tenant_id: str | None) -> None:
    """Refuse what can be known to come to nothing. Raises OperatorsOnly, MonthNotOver, UnknownTenant."""
    by.must_be_operator("roll up a month")
    if now < midnight(period.end):
        raise MonthNotOver(month=period.start.strftime("%Y-%m"), from_day=period.end)
    if tenant_id is not None and work.tenants.get(tenant_id) is None:
        raise UnknownTenant(tenant_id=tenant_id)
