"""Tenants, tax rates and issuers in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from arcadia_domain.billing.tax import TaxProfile, TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.identity import Principal
from tests.fakes.state import State, must_be_operator, must_own, sees


class FakeTenants:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def ensure(self, tenant: Tenant, at: datetime) -> bool:
        must_own(self._principal, tenant.tenant_id)
        if tenant.tenant_id in self._state.tenants:
            return False
        self._state.tenants[tenant.tenant_id] = tenant
        return True

    def get(self, tenant_id: str) -> Tenant | None:
        return self._state.tenants.get(tenant_id) if sees(self._principal, tenant_id) else None

    def get_locked(self, tenant_id: str) -> Tenant | None:
        return self.get(tenant_id)

    def page(self, *, after: str, limit: int) -> Sequence[Tenant]:
        found = (one for one in self._state.tenants if one > after and sees(self._principal, one))
        return [self._state.tenants[one] for one in sorted(found)[:limit]]

    def currencies(self, tenant_ids: Collection[str]) -> Mapping[str, str]:
        seen = (one for one in self._state.tenants.values() if sees(self._principal, one.tenant_id))
        return {one.tenant_id: one.currency for one in seen if one.tenant_id in tenant_ids}

    def edit(self, tenant: Tenant) -> None:
        must_be_operator(self._principal)
        stored = self._state.tenants[tenant.tenant_id]
        self._state.tenants[tenant.tenant_id] = replace(tenant, currency=stored.currency)

    def tax_profiles(self, tenant_id: str, *, after: date | None, limit: int) -> Sequence[TaxProfile]:
        held = self._state.tax_profiles.get(tenant_id, []) if sees(self._principal, tenant_id) else []
        found = (profile for profile in held if after is None or profile.from_day > after)
        return sorted(found, key=lambda profile: profile.from_day)[:limit]

    def put_tax_profile(self, tenant_id: str, profile: TaxProfile) -> None:
        must_be_operator(self._principal)
        held = self._state.tax_profiles.setdefault(tenant_id, [])
        held[:] = [*(other for other in held if other.from_day != profile.from_day), profile]

    def add_tax_rate(self, rate: TaxRate) -> bool:
        must_be_operator(self._principal)
        key = (rate.country, rate.code, rate.from_day)
        if any(key == (there.country, there.code, there.from_day) for there in self._state.tax_rates):
            return False
        self._state.tax_rates.append(rate)
        return True

    def tax_rates(self) -> Sequence[TaxRate]:
        return sorted(self._state.tax_rates, key=lambda rate: (rate.country, rate.code, rate.from_day))

    def add_issuer(self, issuer: Issuer) -> bool:
        must_be_operator(self._principal)
        if self._state.issuers:
            return False
        self._state.issuers.append(issuer)
        return True
