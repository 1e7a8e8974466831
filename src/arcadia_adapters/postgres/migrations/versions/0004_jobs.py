"""Jobs on any broker: who was told, who runs them, their history, and the schedule.

Frozen once released. Walls and rights follow from the definitions. The version before it must be stopped
first: it takes jobs whatever their name, and fails those it does not know, and it cannot list a job that
is parked or discarded. Its rows are kept, and what it left undone is done. From here on a version leaves
alone what it does not know, so the next one may run beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "job_history",
        sa.Column("ended_day", sa.Date(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('succeeded', 'failed', 'parked', 'retried', 'put_back', 'lost')",
            name=op.f("ck_job_history_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("ended_day", "job_id", "fence", name=op.f("pk_job_history")),
        postgresql_partition_by="RANGE (ended_day)",
    )
    op.create_index(op.f("ix_job_history_job_id"), "job_history", ["job_id"], unique=False)
    op.create_table(
        "billing_run_conflicts",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.CheckConstraint("tenant_id <> ''", name=op.f("ck_billing_run_conflicts_tenant_id_not_empty")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["billing_runs.id"], name=op.f("fk_billing_run_conflicts_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deployment_id"],
            ["cloud_deployments.tenant_id", "cloud_deployments.id"],
            name=op.f("fk_billing_run_conflicts_tenant_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "tenant_id", "deployment_id", "kind", "day", name=op.f("pk_billing_run_conflicts")
        ),
    )
    op.create_index(
        op.f("ix_billing_run_conflicts_tenant_id_deployment_id"),
        "billing_run_conflicts",
        ["tenant_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "billing_run_shards",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("asking_id", sa.Uuid(), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("up_to", sa.Text(), nullable=True),
        sa.Column("tenants", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rebuilt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'discarded')", name=op.f("ck_billing_run_shards_state_known")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["billing_runs.id"], name=op.f("fk_billing_run_shards_run_id")),
        sa.PrimaryKeyConstraint("run_id", "asking_id", "shard", name=op.f("pk_billing_run_shards")),
    )
    op.create_table(
        "schedule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_job_id", sa.Uuid(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.add_column("jobs", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("told", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("woken", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("jobs", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_jobs_finished_at"),
        "jobs",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_jobs_queue_id"),
        "jobs",
        ["queue", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('failed', 'parked')"),
    )
    for check in ("state_known", "error_only_when_failed"):
        op.drop_constraint(op.f(f"ck_jobs_{check}"), "jobs", type_="check")
    for check, condition in (
        ("state_known", "state IN ('queued', 'running', 'succeeded', 'failed', 'parked', 'discarded')"),
        ("error_when_failed", "state NOT IN ('failed', 'parked') OR error_code IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_jobs_{check}"), "jobs", condition)
