"""Tenants, who invoices them, and the dated rates that invoices need (SPEC 5, 9, 14)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    Day,
    Instant,
    Text,
    Uuid,
    check,
    foreign_key,
    insert_of,
    one_of,
    operators_table,
    select_of,
    shared_table,
    tenant_table,
)

# A tenant's row is made by its first deployment (SPEC 5), so by the tenant's own role; what its
# invoices say about it (legal name, ABN) is an operator's to write.
tenants: Final = tenant_table(
    "tenants",
    sa.Column("currency", Text, nullable=False),
    sa.Column("country", Text, nullable=False, server_default="AU"),
    sa.Column("legal_name", Text),
    sa.Column("abn", Text),
    sa.Column("terms_days", sa.Integer, nullable=False, server_default="14"),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    check("terms_days_not_negative", "terms_days >= 0"),
    check("shard_not_negative", "shard >= 0"),
    sa.Index(None, "shard", "tenant_id"),
    tenant=(insert_of("tenant_id", "currency", "country", "terms_days", "shard", "created_at"),),
    gateway=(select_of("tenant_id", "currency"),),
)

# A change point: the next row of the tenant ends it.
tenant_tax_profiles: Final = tenant_table(
    "tenant_tax_profiles",
    sa.Column("from_day", Day, primary_key=True),
    sa.Column("country", Text, nullable=False),
    sa.Column("treatment", Text, nullable=False),
    sa.Column("reason", Text),
    foreign_key("tenant_id", "tenants tenant_id"),
    one_of("treatment", "standard", "exempt", "reverse_charge", "foreign"),
)

issuers: Final = operators_table(
    "issuers",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("legal_name", Text, nullable=False),
    sa.Column("abn", Text),
    sa.Column("country", Text, nullable=False),
    sa.Column("time_zone", Text, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("placeholder", sa.Boolean, nullable=False),
)

number_counters: Final = operators_table(
    "number_counters",
    sa.Column("issuer_id", Uuid, primary_key=True),
    sa.Column("series", Text, primary_key=True),
    sa.Column("next_number", sa.BigInteger, nullable=False),
    foreign_key("issuer_id", "issuers id"),
    check("next_number_positive", "next_number > 0"),
)

# Public law: a tenant's upcoming invoice shows its tax.
tax_rates: Final = shared_table(
    "tax_rates",
    sa.Column("country", Text, primary_key=True),
    sa.Column("code", Text, primary_key=True),
    sa.Column("from_day", Day, primary_key=True),
    sa.Column("rate", sa.Numeric(9, 6), nullable=False),
    check("rate_not_negative", "rate >= 0"),
)

fx_rates: Final = operators_table(
    "fx_rates",
    sa.Column("base", Text, primary_key=True),
    sa.Column("quote", Text, primary_key=True),
    sa.Column("from_day", Day, primary_key=True),
    sa.Column("source", Text, primary_key=True),
    sa.Column("rate", sa.Numeric(20, 10), nullable=False),
    check("rate_positive", "rate > 0"),
)
