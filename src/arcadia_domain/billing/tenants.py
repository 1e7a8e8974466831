"""Tenants: whom we bill, in which currency, on which terms (SPEC 5). And issuers: who bills them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import PLATFORM
from arcadia_domain.money import currency


class InvalidTenant(DomainError):
    code = "invalid_tenant"
    sentence = (
        "{tenant_id!r} cannot be a tenant: 1 to 200 characters are expected, and no leading underscore."
    )
    field = "tenant_id"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer. Its row is made by its first deployment: AUD, Australia, 14 days."""

    tenant_id: str
    currency: str = "AUD"
    country: str = "AU"
    terms_days: int = 14
    legal_name: str | None = None
    abn: str | None = None

    def __post_init__(self) -> None:
        currency(self.currency)
        ok = isinstance(self.tenant_id, str) and 0 < len(self.tenant_id) <= 200
        if (
            not ok
            or not self.tenant_id.strip()
            or self.tenant_id.startswith(PLATFORM[0])
            or "\0" in self.tenant_id
        ):
            raise InvalidTenant(tenant_id=self.tenant_id)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the invoices. The seed's one is marked as a placeholder for the owner to replace."""

    id: UUID
    legal_name: str
    country: str
    time_zone: str
    currency: str
    abn: str | None = None
    placeholder: bool = False
