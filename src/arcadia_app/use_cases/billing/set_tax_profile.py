"""Say how a tenant is taxed from a day on: a change point, which the next one ends (SPEC 9)."""

from __future__ import annotations

from datetime import UTC, datetime

from arcadia_app.use_cases.billing.effective_day import effective_day
from arcadia_app.use_cases.billing.tenant_scope import locked_tenant
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def set_tax_profile(
    work: Work, by: Principal, *, tenant_id: str, profile: TaxProfile, now: datetime
) -> TaxProfile:
    """The profile, stored in place of one from the same day.

    An invoice is taxed as its period's last day is. Drafts stay as they are until they are made anew; what an
    issued invoice was taxed by never changes.
    Raises OperatorsOnly, TenantNotFound, DateOutOfRange, PeriodInvoiced.
    """
    by.must_be_operator("say how a tenant is taxed")
    locked_tenant(work, tenant_id)
    today = now.astimezone(UTC).date()
    effective_day(
        work, by, tenant_id, asked=profile.from_day, today=today, what="The first day of the profile"
    )
    work.tenants.put_tax_profile(tenant_id, profile)
    return profile
