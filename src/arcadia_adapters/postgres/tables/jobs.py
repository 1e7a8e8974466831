"""Jobs: what was asked for and is done after the answer (SPEC 17, 18).

Owns the table. A row is written in the transaction that caused it, and is the truth about its job.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
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
    sa.Column("lease_until", Instant),
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
    one_of("state", "queued", "running", "succeeded", "failed"),
    check("error_only_when_failed", "(state = 'failed') = (error_code IS NOT NULL)"),
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
)
