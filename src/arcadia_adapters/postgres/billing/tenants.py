"""Tenants, how they are taxed, tax rates and issuers on Postgres (SPEC 5, 9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.foundation import Day, Text
from arcadia_adapters.postgres.tables.tenants import issuers, tax_rates, tenant_tax_profiles, tenants
from arcadia_domain.billing.tax import TaxProfile, TaxRate, Treatment
from arcadia_domain.billing.tenants import Issuer, Tenant

SHARDS: Final = 256
"""Into how many parts bulk work may cut the tenants. Stored with each: changing it needs a backfill."""

_ENSURE: Final = (
    insert(tenants)
    .on_conflict_do_nothing(index_elements=[tenants.c.tenant_id])
    .returning(tenants.c.tenant_id)
)
_TENANT: Final = sa.select(tenants).where(tenants.c.tenant_id == sa.bindparam("tenant", type_=Text))
# Not FOR UPDATE: what is written for the tenant meanwhile refers to it, and need not wait for us.
_CURRENCIES: Final = sa.select(tenants.c.tenant_id, tenants.c.currency).where(
    tenants.c.tenant_id == sa.any_(sa.bindparam("tenants", type_=sa.ARRAY(Text)))
)
_TENANT_LOCKED: Final = _TENANT.with_for_update(key_share=True)
_PAGE: Final = (
    sa.select(tenants)
    .where(tenants.c.tenant_id > sa.bindparam("after", type_=Text))
    .order_by(tenants.c.tenant_id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_EDIT: Final = (
    sa.update(tenants)
    .where(tenants.c.tenant_id == sa.bindparam("tenant", type_=Text))
    .values(
        country=sa.bindparam("new_country"),
        terms_days=sa.bindparam("new_terms_days"),
        legal_name=sa.bindparam("new_legal_name"),
        abn=sa.bindparam("new_abn"),
        revision=sa.bindparam("new_revision"),
    )
)

_P: Final = tenant_tax_profiles.c
_TAX_PROFILES: Final = (
    sa.select(tenant_tax_profiles)
    .where(_P.tenant_id == sa.bindparam("tenant", type_=Text), _P.from_day > sa.bindparam("after", type_=Day))
    .order_by(_P.from_day)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_new_profile = insert(tenant_tax_profiles)
_PUT_TAX_PROFILE: Final = _new_profile.on_conflict_do_update(
    index_elements=list(tenant_tax_profiles.primary_key),
    set_={name: _new_profile.excluded[name] for name in ("country", "treatment", "reason")},
)

_ADD_TAX_RATE: Final = (
    insert(tax_rates)
    .on_conflict_do_nothing(index_elements=list(tax_rates.primary_key))
    .returning(tax_rates.c.country)
)
_TAX_RATES: Final = sa.select(tax_rates).order_by(
    tax_rates.c.country.collate("C"), tax_rates.c.code.collate("C"), tax_rates.c.from_day
)

# "There is none yet" has no key that could hold it: the table is locked against other writers instead.
_LOCK_ISSUERS: Final = sa.text("LOCK TABLE issuers IN SHARE ROW EXCLUSIVE MODE")
_ADD_ISSUER: Final = (
    insert(issuers)
    .from_select(
        [column.name for column in issuers.columns],
        sa.select(
            *(sa.bindparam(f"new_{column.name}", type_=column.type) for column in issuers.columns)
        ).where(~sa.exists(sa.select(issuers.alias("there").c.id))),
    )
    .returning(issuers.c.id)
)


class PostgresTenants:
    """Tenants, as the role of this connection may read and write them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def ensure(self, tenant: Tenant, at: datetime) -> bool:
        row = {
            "tenant_id": tenant.tenant_id,
            "currency": tenant.currency,
            "country": tenant.country,
            "terms_days": tenant.terms_days,
            "shard": shard_of(tenant.tenant_id),
            "created_at": at,
        }
        # What the invoices say about a tenant is an operator's to write: named only where it is given.
        said = {"legal_name": tenant.legal_name, "abn": tenant.abn}
        given = {name: value for name, value in said.items() if value is not None}
        return self._connection.scalar(_ENSURE, {**row, **given}) is not None

    def get(self, tenant_id: str) -> Tenant | None:
        return self._one(_TENANT, tenant_id)

    def get_locked(self, tenant_id: str) -> Tenant | None:
        return self._one(_TENANT_LOCKED, tenant_id)

    def page(self, *, after: str, limit: int) -> Sequence[Tenant]:
        return [tenant_from(row) for row in self._connection.execute(_PAGE, {"after": after, "limit": limit})]

    def currencies(self, tenant_ids: Collection[str]) -> Mapping[str, str]:
        rows = self._connection.execute(_CURRENCIES, {"tenants": list(tenant_ids)})
        return {row.tenant_id: row.currency for row in rows}

    def edit(self, tenant: Tenant) -> None:
        self._connection.execute(
            _EDIT,
            {
                "tenant": tenant.tenant_id,
                "new_country": tenant.country,
                "new_terms_days": tenant.terms_days,
                "new_legal_name": tenant.legal_name,
                "new_abn": tenant.abn,
                "new_revision": tenant.revision,
            },
        )

    def tax_profiles(self, tenant_id: str, *, after: date | None, limit: int) -> Sequence[TaxProfile]:
        asked = {"tenant": tenant_id, "after": after or date.min, "limit": limit}
        return [
            TaxProfile(row.from_day, row.country, Treatment(row.treatment), row.reason)
            for row in self._connection.execute(_TAX_PROFILES, asked)
        ]

    def put_tax_profile(self, tenant_id: str, profile: TaxProfile) -> None:
        self._connection.execute(
            _PUT_TAX_PROFILE,
            {
                "tenant_id": tenant_id,
                "from_day": profile.from_day,
                "country": profile.country,
                "treatment": profile.treatment.value,
                "reason": profile.reason,
            },
        )

    def add_tax_rate(self, rate: TaxRate) -> bool:
        row = {"country": rate.country, "code": rate.code, "from_day": rate.from_day, "rate": rate.rate}
        return self._connection.scalar(_ADD_TAX_RATE, row) is not None

    def tax_rates(self) -> Sequence[TaxRate]:
        return [
            TaxRate(row.country, row.code, row.from_day, row.rate)
            for row in self._connection.execute(_TAX_RATES)
        ]

    def add_issuer(self, issuer: Issuer) -> bool:
        self._connection.execute(_LOCK_ISSUERS)
        row = {
            "new_id": issuer.id,
            "new_legal_name": issuer.legal_name,
            "new_abn": issuer.abn,
            "new_country": issuer.country,
            "new_time_zone": issuer.time_zone,
            "new_currency": issuer.currency,
            "new_placeholder": issuer.placeholder,
        }
        return self._connection.scalar(_ADD_ISSUER, row) is not None

    def _one(self, statement: sa.Select[Any], tenant_id: str) -> Tenant | None:
        row = self._connection.execute(statement, {"tenant": tenant_id}).one_or_none()
        return None if row is None else tenant_from(row)


def tenant_from(row: sa.Row[Any]) -> Tenant:
    """A whole row of `tenants`."""
    return Tenant(
        tenant_id=row.tenant_id,
        currency=row.currency,
        country=row.country,
        terms_days=row.terms_days,
        legal_name=row.legal_name,
        abn=row.abn,
        revision=row.revision,
    )


def shard_of(tenant_id: str) -> int:
    """The part of the tenants that this one is in: the same on every machine."""
    return crc32(tenant_id.encode()) % SHARDS
