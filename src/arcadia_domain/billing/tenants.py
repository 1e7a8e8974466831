"""Tenants: whom we bill, in which currency, on which terms (SPEC 5). And issuers: who bills them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypedDict
from uuid import UUID

from arcadia_domain.billing.abn import check_abn
from arcadia_domain.billing.tax import country
from arcadia_domain.errors import DomainError
from arcadia_domain.money import currency
from arcadia_domain.pricing.catalog import not_empty

LONGEST_TERMS_DAYS = 365
LONGEST_TENANT_ID = 200

_NEVER = r"\x00-\x1f\x7f-\x9f\ufeff/\\"
TENANT_ID = rf"^(?!\.\.?\Z)[^{_NEVER}\s_]([^{_NEVER}]*[^{_NEVER}\s])?\Z"
"""Which text names a tenant, as a regular expression: each can stand in a path, and is told from any other by
eye. An underscore in front is the platform's own.
"""


class InvalidTenant(DomainError):
    code = "invalid_tenant"
    sentence = (
        "{tenant_id!r} cannot be a tenant: 1 to 200 characters are expected, no leading underscore, no slash "
        "or control character, and no space around them."
    )
    field = "tenant_id"


class InvalidTermsDays(DomainError):
    code = "invalid_terms_days"
    sentence = "An invoice is due 0 to 365 days after it is issued, but not {terms_days!r}."
    field = "terms_days"


class TenantChanges(TypedDict, total=False):
    """What an operator may change of a tenant; what is left out stays. Its currency never changes."""

    country: str
    terms_days: int
    legal_name: str | None
    abn: str | None


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer. Its row is made by its first deployment: AUD, Australia, 14 days.

    `country` is its address; how it is taxed is said by its tax profiles. Raises InvalidTenant,
    InvalidCurrency, InvalidCountry, InvalidTermsDays, EmptyName, InvalidAbn.
    """

    tenant_id: str
    currency: str = "AUD"
    country: str = "AU"
    terms_days: int = 14
    legal_name: str | None = None
    abn: str | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        currency(self.currency)
        country(self.country)
        if not 0 <= self.terms_days <= LONGEST_TERMS_DAYS:
            raise InvalidTermsDays(terms_days=self.terms_days)
        if self.legal_name is not None:
            not_empty(self.legal_name, "A tenant's legal name")
        if self.abn is not None:
            check_abn(self.abn)
        given = self.tenant_id
        if not (isinstance(given, str) and len(given) <= LONGEST_TENANT_ID and re.match(TENANT_ID, given)):
            raise InvalidTenant(tenant_id=given)

    def edited(self, changes: TenantChanges) -> Tenant:
        """The tenant with the changes, in its next revision; itself where nothing differs.

        Raises what a bad value raises.
        """
        edited = replace(self, **changes)
        return self if edited == self else replace(edited, revision=self.revision + 1)


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
