"""Create a tenant before its first deployment does, on terms of its own (SPEC 5, 9)."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.billing.tax import HOME_COUNTRY, TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import FIRST_DAY
from arcadia_domain.ports.unit_of_work import Work


class TenantExists(DomainError):
    code = "tenant_exists"
    sentence = "There is a tenant {tenant_id!r} already."
    field = "tenant_id"


def create_tenant(work: Work, by: Principal, *, tenant: Tenant, now: datetime) -> Tenant:
    """The tenant, stored; one of another country is taxed as such from the first day on.

    Raises OperatorsOnly, TenantExists.
    """
    by.must_be_operator("create a tenant")
    if not work.tenants.ensure(tenant, now):
        raise TenantExists(tenant_id=tenant.tenant_id)
    if tenant.country != HOME_COUNTRY:
        work.tenants.put_tax_profile(tenant.tenant_id, TaxProfile(FIRST_DAY, tenant.country))
    return tenant
