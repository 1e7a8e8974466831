"""The spine: tenants, catalogue, deployments, subscriptions, usage, invoices, cloud, costs.

Frozen once released: a later change is a migration of its own, and there is no way back but
forward. Guards and walls are not made here: they are brought to the definitions after each
upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - a migration is one long list
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "addons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_addons_price_not_negative")),
        sa.CheckConstraint("qty > 0", name=op.f("ck_addons_qty_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addons")),
        sa.UniqueConstraint("code", name=op.f("uq_addons_code")),
    )
    op.create_table(
        "billing_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
        sa.UniqueConstraint("period", "kind", name=op.f("uq_billing_runs_period_kind")),
    )
    op.create_table(
        "cloud_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("invoice_uuid", sa.Text(), nullable=True),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("ingested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('file', 'discovery')", name=op.f("ck_cloud_invoices_source_known")),
        sa.CheckConstraint("lines >= 0", name=op.f("ck_cloud_invoices_lines_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_invoices")),
        sa.UniqueConstraint("account", "invoice_uuid", name=op.f("uq_cloud_invoices_account_invoice_uuid")),
    )
    op.create_index(op.f("ix_cloud_invoices_period"), "cloud_invoices", ["period"], unique=False)
    op.create_index(
        "uq_cloud_invoices_by_hand",
        "cloud_invoices",
        ["account", "period"],
        unique=True,
        postgresql_where=sa.text("invoice_uuid IS NULL"),
    )
    op.create_table(
        "cloud_projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_projects")),
        sa.UniqueConstraint("account", "provider_id", name=op.f("uq_cloud_projects_account_provider_id")),
    )
    op.create_table(
        "fx_rates",
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_fx_rates_rate_positive")),
        sa.PrimaryKeyConstraint("base", "quote", "from_day", "source", name=op.f("pk_fx_rates")),
    )
    op.create_table(
        "ingest_keys",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_ingest_keys_tenant_id_not_empty")),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_ingest_keys")),
    )
    op.create_table(
        "issuers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("abn", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("placeholder", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuers")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_plans_code")),
    )
    op.create_table(
        "resource_prices",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_resource_prices_price_not_negative")),
        sa.PrimaryKeyConstraint("kind", "currency", "from_at", name=op.f("pk_resource_prices")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.CheckConstraint("rate >= 0", name=op.f("ck_tax_rates_rate_not_negative")),
        sa.PrimaryKeyConstraint("country", "code", "from_day", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), server_default="AU", nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("abn", sa.Text(), nullable=True),
        sa.Column("terms_days", sa.Integer(), server_default="14", nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_tenants_tenant_id_not_empty")),
        sa.CheckConstraint("shard >= 0", name=op.f("ck_tenants_shard_not_negative")),
        sa.CheckConstraint("terms_days >= 0", name=op.f("ck_tenants_terms_days_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_index(op.f("ix_tenants_shard_tenant_id"), "tenants", ["shard", "tenant_id"], unique=False)
    op.create_table(
        "billing_run_failures",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_billing_run_failures_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(["run_id"], ["billing_runs.id"], name=op.f("fk_billing_run_failures_run_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_billing_run_failures_tenant_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "tenant_id", name=op.f("pk_billing_run_failures")),
    )
    op.create_index(
        op.f("ix_billing_run_failures_tenant_id"),
        "billing_run_failures",
        ["tenant_id"],
        unique=False,
    )
    op.create_table(
        "cloud_deployments",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("llm_mode", sa.Text(), nullable=False),
        sa.Column(
            "billing_action_suspended",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
        sa.Column("provisioning_state", sa.Text(), server_default="none", nullable=False),
        sa.Column("template_code", sa.Text(), nullable=True),
        sa.Column("template_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "llm_mode IN ('gateway', 'plan', 'byok', 'off')",
            name=op.f("ck_cloud_deployments_llm_mode_known"),
        ),
        sa.CheckConstraint(
            "state IN ('trial', 'active', 'past_due', 'paused', 'suspended', 'cancelled', 'archived')",
            name=op.f("ck_cloud_deployments_state_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_cloud_deployments_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_cloud_deployments_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cloud_deployments")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_cloud_deployments_tenant_id_slug")),
    )
    op.create_index(op.f("ix_cloud_deployments_id"), "cloud_deployments", ["id"], unique=False)
    op.create_table(
        "number_counters",
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_number > 0", name=op.f("ck_number_counters_next_number_positive")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuers.id"], name=op.f("fk_number_counters_issuer_id")),
        sa.PrimaryKeyConstraint("issuer_id", "series", name=op.f("pk_number_counters")),
    )
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("base_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'draft') = (published_at IS NULL)",
            name=op.f("ck_plan_versions_published_unless_draft"),
        ),
        sa.CheckConstraint(
            "(status = 'retired') = (retired_at IS NOT NULL)",
            name=op.f("ck_plan_versions_retired_with_its_time"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'retired')", name=op.f("ck_plan_versions_status_known")
        ),
        sa.CheckConstraint("base_price_cents >= 0", name=op.f("ck_plan_versions_base_price_not_negative")),
        sa.CheckConstraint("version > 0", name=op.f("ck_plan_versions_version_positive")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_versions_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_versions_plan_id_version")),
    )
    op.create_index(
        "uq_plan_versions_active",
        "plan_versions",
        ["plan_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "tenant_invoices",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("quote_hash", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'paid') = (paid_at IS NOT NULL)",
            name=op.f("ck_tenant_invoices_paid_with_its_time"),
        ),
        sa.CheckConstraint(
            "(status = 'void') = (void_reason IS NOT NULL)",
            name=op.f("ck_tenant_invoices_void_with_its_reason"),
        ),
        sa.CheckConstraint(
            "status <> 'draft' OR number IS NULL",
            name=op.f("ck_tenant_invoices_draft_has_no_number"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'issued', 'paid', 'void')",
            name=op.f("ck_tenant_invoices_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('issued', 'paid') OR due_on IS NOT NULL",
            name=op.f("ck_tenant_invoices_issued_has_due_day"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('issued', 'paid') OR number IS NOT NULL",
            name=op.f("ck_tenant_invoices_issued_has_number"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_tenant_invoices_tenant_id_not_empty")),
        sa.CheckConstraint(
            "(number IS NULL) = (issued_at IS NULL)",
            name=op.f("ck_tenant_invoices_numbered_when_issued"),
        ),
        sa.CheckConstraint("generation >= 0", name=op.f("ck_tenant_invoices_generation_not_negative")),
        sa.CheckConstraint(
            "number IS NULL OR issuer_id IS NOT NULL",
            name=op.f("ck_tenant_invoices_number_has_issuer"),
        ),
        sa.CheckConstraint("period_end > period_start", name=op.f("ck_tenant_invoices_period_not_empty")),
        sa.CheckConstraint(
            "subtotal_cents + tax_cents = total_cents",
            name=op.f("ck_tenant_invoices_total_adds_up"),
        ),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_tenant_invoices_total_not_negative")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuers.id"], name=op.f("fk_tenant_invoices_issuer_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces_id"],
            ["tenant_invoices.tenant_id", "tenant_invoices.id"],
            name=op.f("fk_tenant_invoices_tenant_id_replaces_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_tenant_invoices_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_invoices")),
        sa.UniqueConstraint("issuer_id", "number", name=op.f("uq_tenant_invoices_issuer_id_number")),
    )
    op.create_index(op.f("ix_tenant_invoices_id"), "tenant_invoices", ["id"], unique=False)
    op.create_index(
        op.f("ix_tenant_invoices_period_start_tenant_id"),
        "tenant_invoices",
        ["period_start", "tenant_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tenant_invoices_tenant_id_replaces_id"),
        "tenant_invoices",
        ["tenant_id", "replaces_id"],
        unique=False,
    )
    op.create_index(
        "uq_tenant_invoices_period",
        "tenant_invoices",
        ["tenant_id", "period_start"],
        unique=True,
        postgresql_where=sa.text("status <> 'void'"),
    )
    op.create_table(
        "tenant_tax_profiles",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("treatment", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_tenant_tax_profiles_tenant_id_not_empty")),
        sa.CheckConstraint(
            "treatment IN ('standard', 'exempt', 'reverse_charge', 'foreign')",
            name=op.f("ck_tenant_tax_profiles_treatment_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_tenant_tax_profiles_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "from_day", name=op.f("pk_tenant_tax_profiles")),
    )
    op.create_table(
        "billed_usage",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("service_month", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=29, scale=8), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_billed_usage_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_billed_usage_tenant_id_deployment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["tenant_invoices.tenant_id", "tenant_invoices.id"],
            name=op.f("fk_billed_usage_tenant_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "invoice_id",
            "deployment_id",
            "service_month",
            "kind",
            name=op.f("pk_billed_usage"),
        ),
    )
    op.create_index(
        op.f("ix_billed_usage_tenant_id_deployment_id_service_month"),
        "billed_usage",
        ["tenant_id", "deployment_id", "service_month"],
        unique=False,
    )
    op.create_table(
        "cloud_deployment_events",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('state', 'plan_change', 'addon')",
            name=op.f("ck_cloud_deployment_events_kind_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_cloud_deployment_events_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_cloud_deployment_events_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "deployment_id", "seq", name=op.f("pk_cloud_deployment_events")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_cloud_deployment_events_tenant_id_id")),
    )
    op.create_table(
        "cloud_resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("size_slug", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column(
            "tags",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "attrs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_sync", sa.Uuid(), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_cloud_resources_tenant_id_not_empty")),
        sa.CheckConstraint(
            "deployment_id IS NULL OR tenant_id IS NOT NULL",
            name=op.f("ck_cloud_resources_deployment_has_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_cloud_resources_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_resources")),
        sa.UniqueConstraint(
            "account",
            "kind",
            "provider_id",
            name=op.f("uq_cloud_resources_account_kind_provider_id"),
        ),
    )
    op.create_index(
        "ix_cloud_resources_kind_lower_name",
        "cloud_resources",
        ["kind", sa.literal_column("lower(name)")],
        unique=False,
    )
    op.create_index(
        op.f("ix_cloud_resources_tenant_id_deployment_id"),
        "cloud_resources",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "cost_attributions",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("row_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_cost_attributions_tenant_id_not_empty")),
        sa.CheckConstraint(
            "deployment_id IS NULL OR tenant_id IS NOT NULL",
            name=op.f("ck_cost_attributions_deployment_has_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["cloud_invoices.id"], name=op.f("fk_cost_attributions_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_cost_attributions_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("invoice_id", "row_sha256", "ordinal", name=op.f("pk_cost_attributions")),
    )
    op.create_index(
        op.f("ix_cost_attributions_tenant_id_deployment_id"),
        "cost_attributions",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "invoice_inputs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("inputs", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_invoice_inputs_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_invoice_inputs_tenant_id_deployment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["tenant_invoices.tenant_id", "tenant_invoices.id"],
            name=op.f("fk_invoice_inputs_tenant_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "invoice_id", "position", name=op.f("pk_invoice_inputs")),
    )
    op.create_index(
        op.f("ix_invoice_inputs_tenant_id_deployment_id"),
        "invoice_inputs",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "llm_usage_events",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("occurred_day", sa.Date(), nullable=False),
        sa.Column("gateway_request_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("charge", sa.Numeric(precision=20, scale=8), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("llm_mode", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "charge >= 0 AND charge <> 'NaN'", name=op.f("ck_llm_usage_events_charge_not_negative")
        ),
        sa.CheckConstraint(
            "llm_mode IN ('gateway', 'plan', 'byok', 'off')",
            name=op.f("ck_llm_usage_events_llm_mode_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_llm_usage_events_tenant_id_not_empty")),
        sa.CheckConstraint(
            "input_tokens >= 0 AND output_tokens >= 0",
            name=op.f("ck_llm_usage_events_tokens_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_llm_usage_events_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "occurred_day", "gateway_request_id", name=op.f("pk_llm_usage_events")
        ),
        postgresql_partition_by="RANGE (occurred_day)",
    )
    op.create_index(
        op.f("ix_llm_usage_events_tenant_id_deployment_id_occurred_day"),
        "llm_usage_events",
        ["tenant_id", "deployment_id", "occurred_day"],
        unique=False,
    )
    op.create_table(
        "plan_items",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("included_qty", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("overage_unit", sa.Text(), nullable=False),
        sa.Column("overage_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("hard_cap_qty", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.CheckConstraint("hard_cap_qty >= 0", name=op.f("ck_plan_items_hard_cap_not_negative")),
        sa.CheckConstraint("included_qty >= 0", name=op.f("ck_plan_items_included_not_negative")),
        sa.CheckConstraint("overage_price_cents >= 0", name=op.f("ck_plan_items_overage_price_not_negative")),
        sa.ForeignKeyConstraint(["version_id"], ["plan_versions.id"], name=op.f("fk_plan_items_version_id")),
        sa.PrimaryKeyConstraint("version_id", "resource_kind", name=op.f("pk_plan_items")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("current_period_start", sa.Date(), nullable=False),
        sa.Column("current_period_end", sa.Date(), nullable=False),
        sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'cancelled')",
            name=op.f("ck_subscriptions_status_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_subscriptions_tenant_id_not_empty")),
        sa.CheckConstraint(
            "current_period_end > current_period_start",
            name=op.f("ck_subscriptions_period_not_empty"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_versions.id"], name=op.f("fk_subscriptions_plan_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_subscriptions_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_plan_version_id"), "subscriptions", ["plan_version_id"], unique=False
    )
    op.create_index(
        op.f("ix_subscriptions_tenant_id_deployment_id"),
        "subscriptions",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_index(
        "uq_subscriptions_live",
        "subscriptions",
        ["tenant_id", "deployment_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_table(
        "tenant_invoice_lines",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("resource_kind", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=29, scale=9), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("meta", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('plan_base', 'addon', 'overage', 'llm_usage', 'tax', 'adjustment',"
            " 'credit', 'discount', 'one_off')",
            name=op.f("ck_tenant_invoice_lines_kind_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_tenant_invoice_lines_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_tenant_invoice_lines_tenant_id_deployment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invoice_id"],
            ["tenant_invoices.tenant_id", "tenant_invoices.id"],
            name=op.f("fk_tenant_invoice_lines_tenant_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "invoice_id", "line_no", name=op.f("pk_tenant_invoice_lines")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tenant_invoice_lines_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_tenant_invoice_lines_tenant_id_deployment_id"),
        "tenant_invoice_lines",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "usage_daily",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=20, scale=6), server_default="0", nullable=False),
        sa.CheckConstraint("qty <> 'NaN'", name=op.f("ck_usage_daily_qty_is_number")),
        sa.CheckConstraint("source IN ('metered', 'pushed')", name=op.f("ck_usage_daily_source_known")),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_usage_daily_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_usage_daily_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "deployment_id", "kind", "day", name=op.f("pk_usage_daily")),
    )
    op.create_index(op.f("ix_usage_daily_day"), "usage_daily", ["day"], unique=False)
    op.create_table(
        "usage_events",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("occurred_day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("qty >= 0 AND qty <> 'NaN'", name=op.f("ck_usage_events_qty_not_negative")),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_usage_events_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_usage_events_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "occurred_day", "event_id", name=op.f("pk_usage_events")),
        postgresql_partition_by="RANGE (occurred_day)",
    )
    op.create_index(
        op.f("ix_usage_events_tenant_id_deployment_id_occurred_day"),
        "usage_events",
        ["tenant_id", "deployment_id", "occurred_day"],
        unique=False,
    )
    op.create_table(
        "cloud_cost_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("row_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("group_description", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_tax", sa.Boolean(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("unmatched_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "match IN ('id', 'name', 'operator', 'none')",
            name=op.f("ck_cloud_cost_lines_match_known"),
        ),
        sa.CheckConstraint(
            "match NOT IN ('id', 'name') OR resource_id IS NOT NULL",
            name=op.f("ck_cloud_cost_lines_matched_has_resource"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["cloud_invoices.id"], name=op.f("fk_cloud_cost_lines_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["cloud_resources.id"], name=op.f("fk_cloud_cost_lines_resource_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "row_sha256", "ordinal", name=op.f("pk_cloud_cost_lines")),
        sa.UniqueConstraint("id", name=op.f("uq_cloud_cost_lines_id")),
    )
    op.create_index(
        op.f("ix_cloud_cost_lines_resource_id"), "cloud_cost_lines", ["resource_id"], unique=False
    )
    op.create_table(
        "cloud_resource_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["cloud_resources.id"],
            name=op.f("fk_cloud_resource_events_resource_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_resource_events")),
    )
    op.create_index(
        op.f("ix_cloud_resource_events_resource_id_at"),
        "cloud_resource_events",
        ["resource_id", "at"],
        unique=False,
    )
    op.create_table(
        "resource_assignments",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "by IN ('operator', 'provisioning', 'tag')",
            name=op.f("ck_resource_assignments_by_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_resource_assignments_tenant_id_not_empty")),
        sa.CheckConstraint(
            "deployment_id IS NULL OR tenant_id IS NOT NULL",
            name=op.f("ck_resource_assignments_deployment_has_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["cloud_resources.id"],
            name=op.f("fk_resource_assignments_resource_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_resource_assignments_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("resource_id", "from_at", name=op.f("pk_resource_assignments")),
    )
    op.create_index(
        op.f("ix_resource_assignments_tenant_id_deployment_id_from_at"),
        "resource_assignments",
        ["tenant_id", "deployment_id", "from_at"],
        unique=False,
    )
    op.create_table(
        "subscription_addons",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("addon_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_subscription_addons_tenant_id_not_empty")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_subscription_addons_price_not_negative")),
        sa.CheckConstraint("qty > 0", name=op.f("ck_subscription_addons_qty_positive")),
        sa.CheckConstraint("to_day >= from_day", name=op.f("ck_subscription_addons_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["addon_id"], ["addons.id"], name=op.f("fk_subscription_addons_addon_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name=op.f("fk_subscription_addons_tenant_id_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subscription_addons")),
    )
    op.create_index(
        op.f("ix_subscription_addons_addon_id"), "subscription_addons", ["addon_id"], unique=False
    )
    op.create_index(
        op.f("ix_subscription_addons_tenant_id_subscription_id"),
        "subscription_addons",
        ["tenant_id", "subscription_id"],
        unique=False,
    )
    op.create_table(
        "subscription_changes",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('trial', 'active', 'paused', 'cancelled')",
            name=op.f("ck_subscription_changes_status_known"),
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_subscription_changes_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["plan_versions.id"],
            name=op.f("fk_subscription_changes_plan_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name=op.f("fk_subscription_changes_tenant_id_subscription_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "subscription_id", "from_day", name=op.f("pk_subscription_changes")
        ),
    )
    op.create_index(
        op.f("ix_subscription_changes_plan_version_id"),
        "subscription_changes",
        ["plan_version_id"],
        unique=False,
    )
    op.create_table(
        "usage_deltas",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("qty <> 0 AND qty <> 'NaN'", name=op.f("ck_usage_deltas_qty_not_zero")),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_usage_deltas_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id", "kind", "day"],
            [
                "usage_daily.tenant_id",
                "usage_daily.deployment_id",
                "usage_daily.kind",
                "usage_daily.day",
            ],
            name=op.f("fk_usage_deltas_tenant_id_deployment_id_kind_day"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "deployment_id", "kind", "day", "batch_id", name=op.f("pk_usage_deltas")
        ),
    )
