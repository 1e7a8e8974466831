"""Usage: the keys of what was ingested, the raw events, the deltas and the claims of days.

Owns the tables of SPEC 7 and 8. A row of `usage_daily` is the sum of a day and the claim of its
one source at once (ADR 0004). The partitions of the raw events are made by `partitions`.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    INSERT,
    SELECT,
    Charge,
    Day,
    Instant,
    Quantity,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    operators_table,
    tenant_table,
)

# To Postgres NaN is a numeric greater than all others, so `>= 0` alone lets it in.
_IS_NUMBER: Final = "<> 'NaN'"

# Written first, in the transaction that ingests. Not a tenant's table: under row-level security
# an ON CONFLICT against another tenant's key would silently do nothing.
ingest_keys: Final = operators_table(
    "ingest_keys",
    sa.Column("source", Text, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("payload_sha256", sa.LargeBinary, nullable=False),
    sa.Column("tenant_id", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    gateway=(SELECT, INSERT),
)

llm_usage_events: Final = tenant_table(
    "llm_usage_events",
    sa.Column("occurred_day", Day, primary_key=True),
    sa.Column("gateway_request_id", Text, primary_key=True),
    sa.Column("deployment_id", Uuid, nullable=False),
    sa.Column("model", Text, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("charge", Charge, nullable=False),
    sa.Column("currency", Text, nullable=False),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("llm_mode", Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    one_of("llm_mode", "gateway", "plan", "byok", "off"),
    check("tokens_not_negative", "input_tokens >= 0 AND output_tokens >= 0"),
    check("charge_not_negative", f"charge >= 0 AND charge {_IS_NUMBER}"),
    sa.Index(None, "tenant_id", "deployment_id", "occurred_day"),
    gateway=(INSERT,),
    postgresql_partition_by="RANGE (occurred_day)",
)

usage_events: Final = tenant_table(
    "usage_events",
    sa.Column("occurred_day", Day, primary_key=True),
    sa.Column("event_id", Text, primary_key=True),
    sa.Column("deployment_id", Uuid, nullable=False),
    sa.Column("resource_kind", Text, nullable=False),
    sa.Column("qty", Quantity, nullable=False),
    sa.Column("occurred_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    check("qty_not_negative", f"qty >= 0 AND qty {_IS_NUMBER}"),
    sa.Index(None, "tenant_id", "deployment_id", "occurred_day"),
    gateway=(INSERT,),
    postgresql_partition_by="RANGE (occurred_day)",
)

usage_daily: Final = tenant_table(
    "usage_daily",
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("day", Day, primary_key=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("qty", Quantity, nullable=False, server_default="0"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    one_of("source", "metered", "pushed", "gateway"),
    check("qty_is_number", f"qty {_IS_NUMBER}"),
    sa.Index(None, "day"),  # metering looks at one day of everybody
    gateway=(SELECT, INSERT),
)

usage_deltas: Final = tenant_table(
    "usage_deltas",
    sa.Column("deployment_id", Uuid, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("day", Day, primary_key=True),
    sa.Column("batch_id", Uuid, primary_key=True),
    sa.Column("qty", Quantity, nullable=False),
    sa.Column("at", Instant, nullable=False),
    foreign_key("tenant_id deployment_id kind day", "usage_daily tenant_id deployment_id kind day"),
    check("qty_not_zero", f"qty <> 0 AND qty {_IS_NUMBER}"),
    gateway=(SELECT, INSERT),
)
