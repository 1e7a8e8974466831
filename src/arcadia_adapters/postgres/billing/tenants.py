"""Tenants, tax rates and issuers on Postgres (SPEC 5, 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.foundation import Text
from arcadia_adapters.postgres.tables.tenants import issuers, tax_rates, tenants
from arcadia_domain.billing.tax import TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant

SHARDS: Final = 256
"""Into how many parts bulk work may cut the tenants. Stored with each: changing it needs a backfill."""

_ENSURE: Final = insert(tenants).on_conflict_do_nothing(index_elements=[tenants.c.tenant_id])
_TENANT: Final = sa.select(tenants).where(tenants.c.tenant_id == sa.bindparam("tenant", type_=Text))

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

    def ensure(self, tenant: Tenant, at: datetime) -> None:
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
        self._connection.execute(_ENSURE, {**row, **{k: v for k, v in said.items() if v is not None}})

    def get(self, tenant_id: str) -> Tenant | None:
        row = self._connection.execute(_TENANT, {"tenant": tenant_id}).one_or_none()
        if row is None:
            return None
        return Tenant(
            tenant_id=row.tenant_id,
            currency=row.currency,
            country=row.country,
            terms_days=row.terms_days,
            legal_name=row.legal_name,
            abn=row.abn,
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


def shard_of(tenant_id: str) -> int:
    """The part of the tenants that this one is in: the same on every machine."""
    return crc32(tenant_id.encode()) % SHARDS
