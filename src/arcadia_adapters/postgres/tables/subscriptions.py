"""Subscriptions, their timeline of change points, and their addon snapshots (SPEC 5)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    DELETE,
    INSERT,
    UPDATE,
    Cents,
    Day,
    Instant,
    Quantity,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    tenant_table,
    update_of,
)

subscriptions: Final = tenant_table(
    "subscriptions",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("deployment_id", Uuid, nullable=False),
    sa.Column("plan_version_id", Uuid, nullable=False),
    sa.Column("status", Text, nullable=False),
    sa.Column("current_period_start", Day, nullable=False),
    sa.Column("current_period_end", Day, nullable=False),
    sa.Column("trial_ends_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    foreign_key("plan_version_id", "plan_versions id"),
    one_of("status", "active", "paused", "cancelled"),
    check("period_not_empty", "current_period_end > current_period_start"),
    sa.Index(
        "uq_subscriptions_live",
        "tenant_id",
        "deployment_id",
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    ),
    sa.Index(None, "tenant_id", "deployment_id"),
    sa.Index(None, "plan_version_id"),
    tenant=(
        INSERT,
        update_of(
            "plan_version_id",
            "status",
            "current_period_start",
            "current_period_end",
            "revision",
        ),
    ),
)

# A change point: the next row of the subscription ends it. The last change of a day replaces the
# earlier ones, hence the rights to update and delete.
subscription_changes: Final = tenant_table(
    "subscription_changes",
    sa.Column("subscription_id", Uuid, primary_key=True),
    sa.Column("from_day", Day, primary_key=True),
    sa.Column("plan_version_id", Uuid, nullable=False),
    sa.Column("status", Text, nullable=False),
    foreign_key("tenant_id subscription_id", "subscriptions tenant_id id"),
    foreign_key("plan_version_id", "plan_versions id"),
    one_of("status", "trial", "active", "paused", "cancelled"),
    sa.Index(None, "plan_version_id"),
    tenant=(INSERT, UPDATE, DELETE),
)

# What was attached, at the terms of that moment: a later catalogue change reprices nobody.
subscription_addons: Final = tenant_table(
    "subscription_addons",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("subscription_id", Uuid, nullable=False),
    sa.Column("addon_id", Uuid, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("resource_kind", Text, nullable=False),
    sa.Column("qty", Quantity, nullable=False),
    sa.Column("price_cents", Cents, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("attached_at", Instant, nullable=False),
    sa.Column("from_day", Day, nullable=False),
    sa.Column("to_day", Day),
    foreign_key("tenant_id subscription_id", "subscriptions tenant_id id"),
    foreign_key("addon_id", "addons id"),
    check("qty_positive", "qty > 0"),
    check("price_not_negative", "price_cents >= 0"),
    check("ends_after_it_starts", "to_day >= from_day"),
    sa.Index(None, "tenant_id", "subscription_id"),
    sa.Index(None, "addon_id"),
    tenant=(INSERT, update_of("to_day")),
)
