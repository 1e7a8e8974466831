"""What the provider charged: invoices, their lines, and operators' attributions (SPEC 10)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    Cents,
    Day,
    Document,
    Instant,
    Quantity,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    operators_table,
)

cloud_invoices: Final = operators_table(
    "cloud_invoices",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("account", Text, nullable=False),
    sa.Column("invoice_uuid", Text),
    sa.Column("period", Day, nullable=False),
    sa.Column("amount_cents", Cents, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("source", Text, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("ingested_at", Instant),
    # What the provider itself says: its number for people, the amount of its list, and what does not add up.
    sa.Column("invoice_number", Text),
    sa.Column("stated_cents", Cents),
    sa.Column("state", Text, nullable=False, server_default="ingested"),
    sa.Column("problem", Text),
    sa.Column("reconciled_at", Instant),
    sa.UniqueConstraint("account", "invoice_uuid"),
    one_of("source", "file", "discovery", "preview"),
    one_of("state", "discovered", "ingested", "reconciled", "flagged"),
    check("problem_when_flagged", "(state = 'flagged') = (problem IS NOT NULL)"),
    check("lines_not_negative", "lines >= 0"),
    # Ingested by hand and not yet known by its uuid: one per period, which discovery adopts.
    sa.Index(
        "uq_cloud_invoices_by_hand",
        "account",
        "period",
        unique=True,
        postgresql_where=sa.text("invoice_uuid IS NULL"),
    ),
    sa.Index(None, "period"),
)

# Keyed by what the row says: the same bytes twice in one file differ by their ordinal.
cloud_cost_lines: Final = operators_table(
    "cloud_cost_lines",
    sa.Column("invoice_id", Uuid, primary_key=True),
    sa.Column("row_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Uuid, nullable=False),
    sa.Column("line_no", sa.Integer, nullable=False),
    sa.Column("kind", Text),
    sa.Column("name", Text),
    sa.Column("product", Text, nullable=False),
    sa.Column("group_description", Text, nullable=False),
    sa.Column("description", Text, nullable=False),
    sa.Column("hours", Quantity),
    sa.Column("start_at", Instant, nullable=False),
    sa.Column("end_at", Instant, nullable=False),
    sa.Column("amount_cents", Cents, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("project_name", Text, nullable=False),
    sa.Column("category", Text),
    sa.Column("extra", Document, nullable=False),
    sa.Column("is_tax", sa.Boolean, nullable=False),
    sa.Column("provider_id", Text),  # whom the provider's JSON items name; its CSV names nobody
    sa.Column("resource_id", Uuid),
    sa.Column("match", Text, nullable=False),
    sa.Column("unmatched_reason", Text),
    foreign_key("invoice_id", "cloud_invoices id"),
    foreign_key("resource_id", "cloud_resources id"),
    sa.UniqueConstraint("id"),
    one_of("match", "id", "name", "operator", "none"),
    check("matched_has_resource", "match NOT IN ('id', 'name') OR resource_id IS NOT NULL"),
    sa.Index(None, "resource_id"),
)

# An operator's choice for a line. No foreign key to the line: a re-import replaces the lines, and
# the choice stays for the row that says the same.
cost_attributions: Final = operators_table(
    "cost_attributions",
    sa.Column("invoice_id", Uuid, primary_key=True),
    sa.Column("row_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tenant_id", Text),
    sa.Column("deployment_id", Uuid),
    sa.Column("actor", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    foreign_key("invoice_id", "cloud_invoices id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    check("deployment_has_tenant", "deployment_id IS NULL OR tenant_id IS NOT NULL"),
    sa.Index(None, "tenant_id", "deployment_id"),
)

cloud_balance_snapshots: Final = operators_table(
    "cloud_balance_snapshots",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("account", Text, nullable=False),
    sa.Column("month_to_date_usage", sa.Numeric(20, 2), nullable=False),
    sa.Column("month_to_date_balance", sa.Numeric(20, 2), nullable=False),
    sa.Column("account_balance", sa.Numeric(20, 2), nullable=False),
    sa.Column("generated_at", Instant, nullable=False),
    sa.Column("captured_at", Instant, nullable=False),
    sa.UniqueConstraint("account", "generated_at"),
    sa.Index(None, "account", "captured_at"),
)

# The billing history. Its rows have no id: keyed by what they say and how often it was said before.
cloud_billing_entries: Final = operators_table(
    "cloud_billing_entries",
    sa.Column("account", Text, primary_key=True),
    sa.Column("row_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", Text, nullable=False),
    sa.Column("description", Text, nullable=False),
    sa.Column("amount", sa.Numeric(20, 2), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("invoice_uuid", Text),
    sa.Column("invoice_id", Text),
    sa.Column("first_seen", Instant, nullable=False),
    sa.Index(None, "account", "at"),
)
