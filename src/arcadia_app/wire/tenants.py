"""Tenants and how they are taxed, on the wire (SPEC 5, 9)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from arcadia_app.wire.types import Body, Currency, Name, Shape, TenantId, Text
from arcadia_domain.billing import tax, tenants
from arcadia_domain.billing.tax import HOME_COUNTRY, Treatment
from arcadia_domain.billing.tenants import LONGEST_TERMS_DAYS, TenantChanges

NewTenantId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@-]*\Z",
        description="As the tokens of the tenant name it: a slug or a UUID.",
        examples=["acme"],
    ),
]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z", description="ISO 3166, two letters.", examples=["AU"])]
TermsDays = Annotated[
    int,
    Meta(
        ge=0,
        le=LONGEST_TERMS_DAYS,
        description="An invoice is due so many days after it is issued.",
        examples=[14],
    ),
]
Abn = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{11}\Z",
        description="Australian Business Number, eleven digits that check themselves.",
        examples=["53004085616"],
    ),
]


class Tenant(Shape):
    """Whom we bill, and on which terms. Its currency never changes."""

    tenant_id: TenantId
    currency: Currency
    country: Annotated[Country, Meta(description="Its address; how it is taxed is said by its tax profiles.")]
    terms_days: TermsDays
    legal_name: Name | None
    abn: Abn | None

    @classmethod
    def of(cls, tenant: tenants.Tenant) -> Tenant:
        return cls(
            tenant_id=tenant.tenant_id,
            currency=tenant.currency,
            country=tenant.country,
            terms_days=tenant.terms_days,
            legal_name=tenant.legal_name,
            abn=tenant.abn,
        )


class Tenants(Shape):
    """A page of tenants, by id."""

    items: list[Tenant]
    next_cursor: str | None


class TenantToCreate(Body):
    """A tenant that has no deployment yet: the first one would make it with AUD, AU and 14 days.

    A country other than AU is its first tax profile as well.
    """

    tenant_id: NewTenantId
    currency: Currency
    country: Country = HOME_COUNTRY
    terms_days: TermsDays = 14
    legal_name: Name | None = None
    abn: Abn | None = None

    def tenant(self) -> tenants.Tenant:
        """Raises InvalidAbn."""
        return tenants.Tenant(
            tenant_id=self.tenant_id,
            currency=self.currency,
            country=self.country,
            terms_days=self.terms_days,
            legal_name=self.legal_name,
            abn=self.abn,
        )


class TenantEdit(Body):
    """What changes; what is left out stays, and null takes away.

    The country is the address only: a tax profile says how the tenant is taxed.
    """

    country: Country | UnsetType = UNSET
    terms_days: TermsDays | UnsetType = UNSET
    legal_name: Name | UnsetType | None = UNSET
    abn: Abn | UnsetType | None = UNSET

    def changes(self) -> TenantChanges:
        changes: TenantChanges = {}
        if self.country is not UNSET:
            changes["country"] = self.country
        if self.terms_days is not UNSET:
            changes["terms_days"] = self.terms_days
        if self.legal_name is not UNSET:
            changes["legal_name"] = self.legal_name
        if self.abn is not UNSET:
            changes["abn"] = self.abn
        return changes


class TaxProfile(Shape):
    """How a tenant is taxed from a day on, until the day of its next profile."""

    from_day: date
    country: Country
    treatment: Treatment
    reason: Text | None

    @classmethod
    def of(cls, profile: tax.TaxProfile) -> TaxProfile:
        return cls(
            from_day=profile.from_day,
            country=profile.country,
            treatment=profile.treatment,
            reason=profile.reason,
        )


class TaxProfiles(Shape):
    """A page of a tenant's tax profiles, oldest first. With none, a tenant is a standard Australian one."""

    items: list[TaxProfile]
    next_cursor: str | None


class TaxProfileToSet(Body):
    """`standard` is taxed at the country's rate, abroad at none. An exemption says why."""

    country: Country
    treatment: Treatment
    reason: Text | None = None
