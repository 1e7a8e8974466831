"""What runs at the cloud provider, and to whom each resource belongs from when on (SPEC 6)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    Document,
    Instant,
    Text,
    Uuid,
    check,
    foreign_key,
    one_of,
    operators_and_own_table,
    operators_table,
)

_DEPLOYMENT_HAS_TENANT: Final = "deployment_id IS NULL OR tenant_id IS NOT NULL"

# Our name of an account, and what the provider calls it: that of the first token that was used.
cloud_accounts: Final = operators_table(
    "cloud_accounts",
    sa.Column("account", Text, primary_key=True),
    sa.Column("identity", Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)

cloud_projects: Final = operators_table(
    "cloud_projects",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("account", Text, nullable=False),
    sa.Column("provider_id", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.UniqueConstraint("account", "provider_id"),
)

# A resource that is listed no longer keeps its row, as a tombstone (`deleted_at`). `seen_sha256` is that of
# what the last look saw: the same again needs no comparison. Every sync moves `last_seen` of every row: with
# room on its page for the row's next version, no index is written.
cloud_resources: Final = operators_and_own_table(
    "cloud_resources",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("account", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("provider_id", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("region", Text),
    sa.Column("size_slug", Text),
    sa.Column("status", Text),
    sa.Column("tags", Document, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("attrs", Document, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("project_id", Uuid),
    sa.Column("tenant_id", Text),
    sa.Column("deployment_id", Uuid),
    sa.Column("created_at", Instant),
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("last_seen", Instant, nullable=False),
    sa.Column("last_seen_sync", Uuid),
    sa.Column("seen_sha256", sa.LargeBinary),
    sa.Column("missing_since", Instant),
    sa.Column("deleted_at", Instant),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    foreign_key("project_id", "cloud_projects id"),
    sa.UniqueConstraint("account", "kind", "provider_id"),
    check("deployment_has_tenant", _DEPLOYMENT_HAS_TENANT),
    sa.Index("ix_cloud_resources_kind_lower_name", "kind", sa.text("lower(name)")),
    sa.Index(None, "project_id"),
    sa.Index(None, "tenant_id", "deployment_id"),
    postgresql_with={"fillfactor": 50},
)

# A change point: what the resource counts for from then on, by usage kind, as decimal strings (null: no size
# is told). Before its first row a resource counts as in its first row.
resource_meters: Final = operators_table(
    "resource_meters",
    sa.Column("resource_id", Uuid, primary_key=True),
    sa.Column("from_at", Instant, primary_key=True),
    sa.Column("rates", Document, nullable=False),
    foreign_key("resource_id", "cloud_resources id"),
)

# A change point: a row holds until the next row of its resource; no tenant means unassigned.
resource_assignments: Final = operators_and_own_table(
    "resource_assignments",
    sa.Column("resource_id", Uuid, primary_key=True),
    sa.Column("from_at", Instant, primary_key=True),
    sa.Column("tenant_id", Text),
    sa.Column("deployment_id", Uuid),
    sa.Column("by", Text, nullable=False),
    sa.Column("actor", Text, nullable=False),
    foreign_key("resource_id", "cloud_resources id"),
    foreign_key("tenant_id deployment_id", "cloud_deployments tenant_id id"),
    one_of("by", "operator", "provisioning", "tag"),
    check("deployment_has_tenant", _DEPLOYMENT_HAS_TENANT),
    sa.Index(None, "tenant_id", "deployment_id", "from_at"),
)

cloud_resource_events: Final = operators_table(
    "cloud_resource_events",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("resource_id", Uuid, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("before", Document),
    sa.Column("after", Document),
    foreign_key("resource_id", "cloud_resources id"),
    sa.Index(None, "resource_id", "at"),
)

# `complete`: every scope was listed whole, and every resource that was missing was looked up.
sync_runs: Final = operators_table(
    "sync_runs",
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("account", Text, nullable=False),
    sa.Column("speed", Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("complete", sa.Boolean),
    sa.Column("actor", Text, nullable=False),
    sa.Column("assigned", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("warnings", Document, nullable=False, server_default=sa.text("'[]'::jsonb")),
    one_of("speed", "fast", "full", "slow", "all"),
    check("complete_when_finished", "(finished_at IS NULL) = (complete IS NULL)"),
    sa.Index(None, "account", "started_at"),
)

# `region` is '' for a kind that is listed in one go. `disappeared` counts tombstones, `unconfirmed` what is
# missing and was not looked up.
sync_scopes: Final = operators_table(
    "sync_scopes",
    sa.Column("sync_id", Uuid, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("region", Text, primary_key=True),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("shortfall", Text),
    sa.Column("detail", Text),
    sa.Column("appeared", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("returned", sa.Integer, nullable=False),
    sa.Column("disappeared", sa.Integer, nullable=False),
    sa.Column("unconfirmed", sa.Integer, nullable=False),
    foreign_key("sync_id", "sync_runs id"),
)
