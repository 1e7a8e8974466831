"""Month-end runs, the invoices they make, and what proves each invoice (SPEC 9).

Owns the tables; that an issued invoice never changes is held by `guards`.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from arcadia_adapters.postgres.tables.foundation import (
    Cents,
    Day,
    Document,
    Instant,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    operators_table,
    tenant_table,
)

billing_runs: Final = operators_table(
    "billing_runs",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("period", Day, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("as_of", Instant, nullable=False),
    sa.Column("rules_version", sa.Integer, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.UniqueConstraint("period", "kind"),
)

billing_run_failures: Final = operators_table(
    "billing_run_failures",
    sa.Column("run_id", Uuid, primary_key=True),
    sa.Column("tenant_id", Text, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    foreign_key("run_id", "billing_runs id"),
    foreign_key("tenant_id", "tenants tenant_id"),
    sa.Index(None, "tenant_id"),
)

# A day of a kind that was pushed and metered: billed by the source that had it first.
billing_run_conflicts: Final = operators_table(
    "billing_run_conflicts",
    sa.Column("run_id", Uuid, primary_key=True),
    sa.Column("tenant_id", Text, primary_key=True),
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("day", Day, primary_key=True),
    sa.Column("first", Text, nullable=False),
    sa.Column("second", Text, nullable=False),
    foreign_key("run_id", "billing_runs id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    sa.Index(None, "tenant_id", "deployment_id"),
)

# Tenants whose id sorts after `after`, up to `up_to`.
# An asking is a job, which may be gone before its run is.
billing_run_shards: Final = operators_table(
    "billing_run_shards",
    sa.Column("run_id", Uuid, primary_key=True),
    sa.Column("asking_id", Uuid, primary_key=True),
    sa.Column("shard", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("after", Text, nullable=False),
    sa.Column("up_to", Text),
    sa.Column("tenants", sa.Integer, nullable=False),
    sa.Column("created", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rebuilt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unchanged", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", Text, nullable=False),
    sa.Column("job_id", Uuid),
    sa.Column("finished_at", Instant),
    foreign_key("run_id", "billing_runs id"),
    one_of("state", "waiting", "done", "discarded"),
)

tenant_invoices: Final = tenant_table(
    "tenant_invoices",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("period_start", Day, nullable=False),
    sa.Column("period_end", Day, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("status", Text, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("subtotal_cents", Cents, nullable=False),
    sa.Column("tax_cents", Cents, nullable=False),
    sa.Column("total_cents", Cents, nullable=False),
    sa.Column("issuer_id", Uuid),
    sa.Column("number", Text),
    sa.Column("issued_at", Instant),
    sa.Column("due_on", Day),
    sa.Column("paid_at", Instant),
    sa.Column("void_reason", Text),
    sa.Column("replaces_id", Uuid),
    sa.Column("rules_version", sa.Integer, nullable=False),
    sa.Column("quote_hash", Text, nullable=False),
    sa.Column("as_of", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    foreign_key("tenant_id", "tenants tenant_id"),
    foreign_key("issuer_id", "issuers id"),
    foreign_key("tenant_id replaces_id", "tenant_invoices tenant_id id"),
    sa.UniqueConstraint("issuer_id", "number"),
    one_of("status", "draft", "issued", "paid", "void"),
    check("period_not_empty", "period_end > period_start"),
    check("generation_not_negative", "generation >= 0"),
    check("total_adds_up", "subtotal_cents + tax_cents = total_cents"),
    check("total_not_negative", "total_cents >= 0"),
    check("numbered_when_issued", "(number IS NULL) = (issued_at IS NULL)"),
    check("number_has_issuer", "number IS NULL OR issuer_id IS NOT NULL"),
    check("draft_has_no_number", "status <> 'draft' OR number IS NULL"),
    check("issued_has_number", "status NOT IN ('issued', 'paid') OR number IS NOT NULL"),
    check("issued_has_due_day", "status NOT IN ('issued', 'paid') OR due_on IS NOT NULL"),
    check("paid_with_its_time", "(status = 'paid') = (paid_at IS NOT NULL)"),
    check("void_with_its_reason", "(status = 'void') = (void_reason IS NOT NULL)"),
    sa.Index(
        "uq_tenant_invoices_period",
        "tenant_id",
        "period_start",
        unique=True,
        postgresql_where=sa.text("status <> 'void'"),
    ),
    sa.Index(None, "tenant_id", "replaces_id"),
    sa.Index(None, "period_start", "tenant_id"),
    sa.Index(None, "id"),  # operators name an invoice without its tenant
)

tenant_invoice_lines: Final = tenant_table(
    "tenant_invoice_lines",
    sa.Column("invoice_id", Uuid, primary_key=True),
    sa.Column("line_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Uuid, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("deployment_id", Uuid),
    sa.Column("resource_kind", Text),
    sa.Column("description", Text, nullable=False),
    sa.Column("qty", sa.Numeric(29, 9), nullable=False),
    sa.Column("unit", Text, nullable=False),
    sa.Column("unit_price_cents", Cents),
    sa.Column("amount_cents", Cents, nullable=False),
    sa.Column("meta", Document, nullable=False),
    foreign_key("tenant_id invoice_id", "tenant_invoices tenant_id id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    sa.UniqueConstraint("tenant_id", "id"),
    one_of(
        "kind",
        "plan_base",
        "addon",
        "overage",
        "llm_usage",
        "tax",
        "adjustment",
        "credit",
        "discount",
        "one_off",
    ),
    sa.Index(None, "tenant_id", "deployment_id"),
)

# The canonical inputs of each quote of an invoice: json, not jsonb, because the hash is over the
# bytes and jsonb would put the keys in another order.
invoice_inputs: Final = tenant_table(
    "invoice_inputs",
    sa.Column("invoice_id", Uuid, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("deployment_id", Uuid, nullable=False),
    sa.Column("inputs", postgresql.JSON, nullable=False),
    sa.Column("hash", Text, nullable=False),
    foreign_key("tenant_id invoice_id", "tenant_invoices tenant_id id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    sa.Index(None, "tenant_id", "deployment_id"),
)

# What an invoice billed, so that late usage can be told from it later. `kind` is a resource kind
# or `llm_charge`, whose quantity is the exact sum of the charges.
billed_usage: Final = tenant_table(
    "billed_usage",
    sa.Column("invoice_id", Uuid, primary_key=True),
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("service_month", Day, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("qty", sa.Numeric(29, 8), nullable=False),
    foreign_key("tenant_id invoice_id", "tenant_invoices tenant_id id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    sa.Index(None, "tenant_id", "deployment_id", "service_month"),
)
