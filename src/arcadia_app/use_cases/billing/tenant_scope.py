"""The first wall around tenants: a principal reads its own, only operators edit one (SPEC 16)."""

from __future__ import annotations

from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class TenantNotFound(DomainError):
    code = "tenant_not_found"
    sentence = "There is no tenant {tenant_id!r}."
    field = "tenant_id"


def visible_tenant(work: Work, by: Principal, tenant_id: str) -> Tenant:
    """The tenant, to be read. Raises TenantNotFound, also for another one than the principal's."""
    tenant = work.tenants.get(tenant_id) if by.may_see(tenant_id) else None
    if tenant is None:
        raise TenantNotFound(tenant_id=tenant_id)
    return tenant


def locked_tenant(work: Work, tenant_id: str) -> Tenant:
    """The tenant, locked for this transaction, for an operator. Raises TenantNotFound."""
    tenant = work.tenants.get_locked(tenant_id)
    if tenant is None:
        raise TenantNotFound(tenant_id=tenant_id)
    return tenant
