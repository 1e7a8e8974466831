"""Jobs: what was asked for and is done after the answer (SPEC 17, 18).

Owns the tables. A row is written in the transaction that caused it, and is the truth about its job; the
history has a row for each try that ended.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    Day,
    Document,
    Instant,
    Text,
    Uuid,
    check,
    one_of,
    operators_table,
)

jobs: Final = operators_table(
    "jobs",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("queue", Text, nullable=False),
    sa.Column("payload", Document, nullable=False),
    sa.Column("input", sa.LargeBinary),
    sa.Column("dedupe_key", Text),
    sa.Column("ordering_key", Text),
    sa.Column("state", Text, nullable=False, server_default="queued"),
    sa.Column("run_after", Instant, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_at", Instant),
    sa.Column("told", sa.Integer, nullable=False, server_default="0"),
    sa.Column("woken", sa.Boolean, nullable=False, server_default=sa.text("false")),
    sa.Column("lease_until", Instant),
    sa.Column("worker", Text),
    sa.Column("begun_at", Instant),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.BigInteger),
    sa.Column("result", Document),
    sa.Column("error_code", Text),
    sa.Column("error_detail", Text),
    sa.Column("cause", Text, nullable=False),
    sa.Column("created_by", Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("started_at", Instant),
    sa.Column("finished_at", Instant),
    one_of("state", "queued", "running", "succeeded", "failed", "parked", "discarded"),
    check("error_when_failed", "state NOT IN ('failed', 'parked') OR error_code IS NOT NULL"),
    # One waiting job for each key: asked for twice before it is begun, it is done once.
    sa.Index(
        "uq_jobs_dedupe_key",
        "dedupe_key",
        unique=True,
        postgresql_where=sa.text("state = 'queued'"),
    ),
    # Of the jobs with one ordering key one runs at a time.
    sa.Index(
        "uq_jobs_ordering_key",
        "ordering_key",
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    ),
    sa.Index(None, "queue", "run_after", postgresql_where=sa.text("state IN ('queued', 'running')")),
    sa.Index(None, "queue", "id", postgresql_where=sa.text("state IN ('failed', 'parked')")),
    sa.Index(None, "finished_at", postgresql_where=sa.text("finished_at IS NOT NULL")),
)

job_history: Final = operators_table(
    "job_history",
    sa.Column("ended_day", Day, primary_key=True),
    sa.Column("job_id", Uuid, primary_key=True),
    sa.Column("fence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("queue", Text, nullable=False),
    sa.Column("outcome", Text, nullable=False),
    sa.Column("worker", Text, nullable=False),
    sa.Column("cause", Text, nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("error_code", Text),
    sa.Column("error_detail", Text),
    one_of("outcome", "succeeded", "failed", "parked", "retried", "put_back", "lost"),
    sa.Index(None, "job_id"),
    postgresql_partition_by="RANGE (ended_day)",
)

# A tick is fired by whoever moves `next_at` on, in the transaction that stores its job.
schedule: Final = operators_table(
    "schedule",
    sa.Column("name", Text, primary_key=True),
    sa.Column("cron", Text, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("last_at", Instant),
    sa.Column("last_job_id", Uuid),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")),
)
