"""Deployments, the billable unit, and the log of what happened to each (SPEC 5)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    INSERT,
    SELECT,
    Document,
    Instant,
    Text,
    Uuid,
    foreign_key,
    one_of,
    tenant_table,
    update_of,
)

cloud_deployments: Final = tenant_table(
    "cloud_deployments",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("slug", Text, nullable=False),
    sa.Column("display_name", Text, nullable=False),
    sa.Column("region", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("llm_mode", Text, nullable=False),
    sa.Column("billing_action_suspended", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("provisioning_state", Text, nullable=False, server_default="none"),
    sa.Column("template_code", Text),
    sa.Column("template_version", sa.Integer),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    foreign_key("tenant_id", "tenants tenant_id"),
    sa.UniqueConstraint("tenant_id", "slug"),
    one_of("state", "trial", "active", "past_due", "paused", "suspended", "cancelled", "archived"),
    one_of("llm_mode", "gateway", "plan", "byok", "off"),
    sa.Index(None, "id"),  # operators name a deployment without its tenant
    tenant=(INSERT, update_of("state", "revision")),
    gateway=(SELECT,),
)

# A change point: the next row of the deployment ends it. Only a deployment whose mode has changed has rows;
# the first of them says what held before.
llm_modes: Final = tenant_table(
    "llm_modes",
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("from_at", Instant, primary_key=True),
    sa.Column("llm_mode", Text, nullable=False),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    one_of("llm_mode", "gateway", "plan", "byok", "off"),
    gateway=(SELECT,),
)

cloud_deployment_events: Final = tenant_table(
    "cloud_deployment_events",
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Uuid, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("from_state", Text),
    sa.Column("to_state", Text),
    sa.Column("actor", Text, nullable=False),
    sa.Column("reason", Text),
    sa.Column("details", Document),
    sa.Column("at", Instant, nullable=False),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    sa.UniqueConstraint("tenant_id", "id"),
    one_of("kind", "state", "plan_change", "addon", "edited"),
    tenant=(INSERT,),
)
