"""What the HTTP door needs: kept answers, rate limits, jobs, llm modes, the gateway as a source of usage.

Frozen once released. Walls and rights follow from the definitions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_idempotency_keys_tenant_id_not_empty")),
        sa.PrimaryKeyConstraint("tenant_id", "principal", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_expires_at"), "idempotency_keys", ["expires_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("input", sa.LargeBinary(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("ordering_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'failed') = (error_code IS NOT NULL)", name=op.f("ck_jobs_error_only_when_failed")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed')", name=op.f("ck_jobs_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        op.f("ix_jobs_queue_run_after"),
        "jobs",
        ["queue", "run_after"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "uq_jobs_dedupe_key",
        "jobs",
        ["dedupe_key"],
        unique=True,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "uq_jobs_ordering_key",
        "jobs",
        ["ordering_key"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "rate_limits",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("free_at < 'infinity'", name=op.f("ck_rate_limits_free_at_finite")),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_rate_limits_tenant_id_not_empty")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_rate_limits")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "llm_modes",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("llm_mode", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "llm_mode IN ('gateway', 'plan', 'byok', 'off')", name=op.f("ck_llm_modes_llm_mode_known")
        ),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_llm_modes_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_llm_modes_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "deployment_id", "from_at", name=op.f("pk_llm_modes")),
    )
    op.add_column("tenants", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    for table, column in (("tenant_invoice_lines", "line_no"), ("invoice_inputs", "position")):
        op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.SmallInteger())
    for table, check, condition in (
        ("usage_daily", "source_known", "source IN ('metered', 'pushed', 'gateway')"),
        ("cloud_deployment_events", "kind_known", "kind IN ('state', 'plan_change', 'addon', 'edited')"),
    ):
        name = op.f(f"ck_{table}_{check}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, condition)
