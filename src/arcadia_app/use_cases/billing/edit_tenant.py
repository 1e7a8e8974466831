"""Edit a tenant: what its invoices say of it, and when they are due (SPEC 5)."""

from __future__ import annotations

from collections.abc import Callable

from arcadia_app.use_cases.billing.tenant_scope import locked_tenant
from arcadia_domain.billing.tenants import Tenant, TenantChanges
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def edit_tenant(
    work: Work,
    by: Principal,
    *,
    tenant_id: str,
    changes: TenantChanges,
    before: Callable[[Tenant], None] = lambda found: None,
) -> Tenant:
    """The tenant with the changes. `before` may refuse what it finds. What is issued stays as it is.

    Raises OperatorsOnly, TenantNotFound, InvalidCountry, InvalidTermsDays, EmptyName, InvalidAbn.
    """
    by.must_be_operator("edit a tenant")
    found = locked_tenant(work, tenant_id)
    before(found)
    edited = found.edited(changes)
    if edited is not found:
        work.tenants.edit(edited)
    return edited
