"""Tenants, tax rates and issuers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from arcadia_domain.billing.tax import TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.identity import Principal
from tests.fakes.state import State, must_be_operator, must_own, sees


class FakeTenants:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def ensure(self, tenant: Tenant, at: datetime) -> None:
        must_own(self._principal, tenant.tenant_id)
        self._state.tenants.setdefault(tenant.tenant_id, tenant)

    def get(self, tenant_id: str) -> Tenant | None:
        return self._state.tenants.get(tenant_id) if sees(self._principal, tenant_id) else None

    def add_tax_rate(self, rate: TaxRate) -> bool:
        must_be_operator(self._principal)
        key = (rate.country, rate.code, rate.from_day)
        if any(key == (there.country, there.code, there.from_day) for there in self._state.tax_rates):
            return False
        self._state.tax_rates.append(rate)
        return True

    def tax_rates(self) -> Sequence[TaxRate]:
        must_be_operator(self._principal)
        return sorted(self._state.tax_rates, key=lambda rate: (rate.country, rate.code, rate.from_day))

    def add_issuer(self, issuer: Issuer) -> bool:
        must_be_operator(self._principal)
        if self._state.issuers:
            return False
        self._state.issuers.append(issuer)
        return True
