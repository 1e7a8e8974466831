"""Read tenants, and how each is taxed (SPEC 9, 15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from arcadia_app.use_cases.billing.tenant_scope import visible_tenant
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def read_tenant(work: Work, by: Principal, *, tenant_id: str) -> Tenant:
    """One tenant. Raises TenantNotFound, also for another one than the principal's."""
    return visible_tenant(work, by, tenant_id)


def list_tenants(work: Work, by: Principal, *, after: str, limit: int) -> Sequence[Tenant]:
    """Tenants by id, from the one that follows `after` ('' at first). Raises OperatorsOnly."""
    by.must_be_operator("list tenants")
    return work.tenants.page(after=after, limit=limit)


def list_tax_profiles(
    work: Work, by: Principal, *, tenant_id: str, after: date | None, limit: int
) -> Sequence[TaxProfile]:
    """How a tenant is taxed, oldest first. Raises TenantNotFound, as `read_tenant` does."""
    visible_tenant(work, by, tenant_id)
    return work.tenants.tax_profiles(tenant_id, after=after, limit=limit)
