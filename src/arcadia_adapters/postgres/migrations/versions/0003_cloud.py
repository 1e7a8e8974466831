"""What the cloud room needs: accounts, syncs, meters of resources, balance, billing history, reconciliation.

Frozen once released. Walls and rights follow from the definitions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "cloud_balance_snapshots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("month_to_date_usage", sa.Numeric(20, 2), nullable=False),
        sa.Column("month_to_date_balance", sa.Numeric(20, 2), nullable=False),
        sa.Column("account_balance", sa.Numeric(20, 2), nullable=False),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_balance_snapshots")),
        sa.UniqueConstraint(
            "account", "generated_at", name=op.f("uq_cloud_balance_snapshots_account_generated_at")
        ),
    )
    op.create_index(
        op.f("ix_cloud_balance_snapshots_account_captured_at"),
        "cloud_balance_snapshots",
        ["account", "captured_at"],
        unique=False,
    )
    op.create_table(
        "cloud_billing_entries",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("row_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(20, 2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invoice_uuid", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "row_sha256", "ordinal", name=op.f("pk_cloud_billing_entries")),
    )
    op.create_index(
        op.f("ix_cloud_billing_entries_account_at"), "cloud_billing_entries", ["account", "at"], unique=False
    )
    op.create_table(
        "cloud_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_cloud_accounts")),
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("speed", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("assigned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "warnings",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("speed IN ('fast', 'full', 'slow', 'all')", name=op.f("ck_sync_runs_speed_known")),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (complete IS NULL)", name=op.f("ck_sync_runs_complete_when_finished")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    op.create_index(
        op.f("ix_sync_runs_account_started_at"), "sync_runs", ["account", "started_at"], unique=False
    )
    op.create_table(
        "sync_scopes",
        sa.Column("sync_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("shortfall", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("appeared", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("disappeared", sa.Integer(), nullable=False),
        sa.Column("unconfirmed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sync_id"], ["sync_runs.id"], name=op.f("fk_sync_scopes_sync_id")),
        sa.PrimaryKeyConstraint("sync_id", "kind", "region", name=op.f("pk_sync_scopes")),
    )
    op.create_table(
        "resource_meters",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rates", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["cloud_resources.id"], name=op.f("fk_resource_meters_resource_id")
        ),
        sa.PrimaryKeyConstraint("resource_id", "from_at", name=op.f("pk_resource_meters")),
    )
    op.add_column("cloud_cost_lines", sa.Column("provider_id", sa.Text(), nullable=True))
    op.add_column("cloud_invoices", sa.Column("invoice_number", sa.Text(), nullable=True))
    op.add_column("cloud_invoices", sa.Column("stated_cents", sa.BigInteger(), nullable=True))
    op.add_column("cloud_invoices", sa.Column("state", sa.Text(), server_default="ingested", nullable=False))
    op.add_column("cloud_invoices", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column("cloud_invoices", sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cloud_projects", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE cloud_resources SET (fillfactor = 50)")
    op.add_column("cloud_resources", sa.Column("project_id", sa.Uuid(), nullable=True))
    op.add_column("cloud_resources", sa.Column("seen_sha256", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_cloud_resources_project_id"), "cloud_resources", "cloud_projects", ["project_id"], ["id"]
    )
    op.create_index(op.f("ix_cloud_resources_project_id"), "cloud_resources", ["project_id"], unique=False)
    for check, condition in (
        ("source_known", "source IN ('file', 'discovery', 'preview')"),
        ("state_known", "state IN ('discovered', 'ingested', 'reconciled', 'flagged')"),
        ("problem_when_flagged", "(state = 'flagged') = (problem IS NOT NULL)"),
    ):
        name = op.f(f"ck_cloud_invoices_{check}")
        if check == "source_known":
            op.drop_constraint(name, "cloud_invoices", type_="check")
        op.create_check_constraint(name, "cloud_invoices", condition)
