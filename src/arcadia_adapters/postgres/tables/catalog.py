"""Plans, their versions and items, addons, and prices of what no plan covers (SPEC 3)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    Cents,
    Instant,
    Quantity,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    shared_table,
)

plans: Final = shared_table(
    "plans",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("code"),
)

# Frozen once it is no draft: see guards.
plan_versions: Final = shared_table(
    "plan_versions",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("plan_id", Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("base_price_cents", Cents, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("retired_at", Instant),
    foreign_key("plan_id", "plans id"),
    sa.UniqueConstraint("plan_id", "version"),
    one_of("status", "draft", "active", "retired"),
    check("version_positive", "version > 0"),
    check("base_price_not_negative", "base_price_cents >= 0"),
    check("published_unless_draft", "(status = 'draft') = (published_at IS NULL)"),
    check("retired_with_its_time", "(status = 'retired') = (retired_at IS NOT NULL)"),
    sa.Index(
        "uq_plan_versions_active",
        "plan_id",
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    ),
)

plan_items: Final = shared_table(
    "plan_items",
    sa.Column("version_id", Uuid, primary_key=True),
    sa.Column("resource_kind", Text, primary_key=True),
    sa.Column("included_qty", Quantity, nullable=False),
    sa.Column("overage_unit", Text, nullable=False),
    sa.Column("overage_price_cents", Cents, nullable=False),
    sa.Column("hard_cap_qty", Quantity),
    foreign_key("version_id", "plan_versions id"),
    check("included_not_negative", "included_qty >= 0"),
    check("overage_price_not_negative", "overage_price_cents >= 0"),
    check("hard_cap_not_negative", "hard_cap_qty >= 0"),
)

addons: Final = shared_table(
    "addons",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("resource_kind", Text, nullable=False),
    sa.Column("qty", Quantity, nullable=False),
    sa.Column("price_cents", Cents, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.UniqueConstraint("code"),
    check("qty_positive", "qty > 0"),
    check("price_not_negative", "price_cents >= 0"),
)

# A change point: the next row of the kind and currency ends it.
resource_prices: Final = shared_table(
    "resource_prices",
    sa.Column("kind", Text, primary_key=True),
    sa.Column("currency", Text, primary_key=True),
    sa.Column("from_at", Instant, primary_key=True),
    sa.Column("unit", Text, nullable=False),
    sa.Column("price_cents", Cents, nullable=False),
    check("price_not_negative", "price_cents >= 0"),
)
