"""A month to roll up: the seeded catalogue, and `size` made-up subscriptions with a month of use behind them.

Five subscriptions to four tenants; three plans, none to two addons; four metered kinds, a row a day, of which
the last two days are not folded yet; every third has gateway charges; every tenth begins within the month.
Made by SQL from a counter, as the operator, so that the same size gives the same rows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final, LiteralString

import psycopg

from arcadia_app.arcadia import Arcadia
from arcadia_app.settings import DatabaseUrls
from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog
from arcadia_domain.identity import operator
from arcadia_domain.period import month_of

APRIL: Final = month_of(date(2026, 4, 1))
MAY_FIRST: Final = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
"""When the month end runs (SPEC 17)."""

BY: Final = operator("bench")

# Ids grow with the counter, as those of the product grow with time; a tenant's name sorts as it does.
_SUBSCRIPTIONS: Final = """
CREATE TEMP TABLE temp_seed ON COMMIT DROP AS
SELECT i,
       'tenant-' || lpad(CAST(i / 5 * 4 + least(i %% 5, 3) AS text), 7, '0') AS tenant_id,
       CAST('0190a000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') AS uuid) AS deployment_id,
       CAST('0190b000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') AS uuid) AS subscription_id,
       version.id AS version_id,
       CAST(%(start)s AS date) + CASE WHEN i %% 10 = 7 THEN i %% 28 ELSE 0 END AS from_day
FROM generate_series(0, %(size)s - 1) AS i
JOIN (VALUES (0, 'starter'), (1, 'studio'), (2, 'studio'), (3, 'pro')) AS choice (rest, code)
    ON choice.rest = i %% 4
JOIN plans ON plans.code = choice.code
JOIN plan_versions AS version ON version.plan_id = plans.id AND version.status = 'active'
"""

_DAYS: Final = """
CREATE TEMP TABLE temp_seed_days ON COMMIT DROP AS
SELECT tenant_id, deployment_id, kind, CAST(day AS date) AS day,
       CASE kind
           WHEN 'droplet_hours' THEN 24 * (1 + i %% 5)
           WHEN 'spaces_gb_month' THEN round((20 + i * 37 %% 300) / 30.0, 6)
           WHEN 'snapshot_gb_month' THEN round((5 + i * 13 %% 80) / 30.0, 6)
           ELSE 1 + (i + extract(day FROM day)::int / 10) %% 5
       END AS qty
FROM temp_seed,
     unnest(ARRAY['droplet_hours', 'spaces_gb_month', 'snapshot_gb_month', 'dns_zones']) AS kind,
     generate_series(from_day, CAST(%(end)s AS date) - 1, interval '1 day') AS day
"""

_FILL: Final[tuple[LiteralString, ...]] = (
    _SUBSCRIPTIONS,
    "ANALYZE temp_seed",
    _DAYS,
    """
    INSERT INTO tenants (tenant_id, currency, shard, created_at)
    SELECT DISTINCT tenant_id, 'AUD', 0, CAST(%(start)s AS timestamptz) FROM temp_seed ORDER BY tenant_id
    """,
    """
    INSERT INTO cloud_deployments
        (tenant_id, id, slug, display_name, region, state, llm_mode, created_at)
    SELECT tenant_id, deployment_id, 'app-' || i, 'App ' || i, 'syd1', 'active', 'gateway', from_day
    FROM temp_seed
    """,
    """
    INSERT INTO subscriptions
        (tenant_id, id, deployment_id, plan_version_id, status, current_period_start, current_period_end,
         created_at)
    SELECT tenant_id, subscription_id, deployment_id, version_id, 'active', %(start)s, %(end)s, from_day
    FROM temp_seed
    """,
    """
    INSERT INTO subscription_changes (tenant_id, subscription_id, from_day, plan_version_id, status)
    SELECT tenant_id, subscription_id, from_day, version_id, 'active' FROM temp_seed
    """,
    """
    INSERT INTO subscription_addons
        (tenant_id, id, subscription_id, addon_id, code, resource_kind, qty, price_cents, currency,
         attached_at, from_day)
    SELECT tenant_id,
           CAST('0190c000-0000-7000-8' || lpad(to_hex(place), 3, '0') || '-' || lpad(to_hex(i), 12, '0')
                AS uuid),
           subscription_id, addons.id, code, resource_kind, qty, price_cents, currency, from_day, from_day
    FROM temp_seed
    JOIN (VALUES (0, 'storage_50gb'), (1, 'llm_1m_tokens')) AS held (place, code) ON place < i %% 3
    JOIN addons USING (code)
    """,
    """
    INSERT INTO usage_daily (tenant_id, deployment_id, kind, day, source, qty)
    SELECT tenant_id, deployment_id, kind, day, 'pushed',
           CASE WHEN day < CAST(%(end)s AS date) - 2 THEN qty ELSE 0 END
    FROM temp_seed_days
    """,
    """
    INSERT INTO usage_deltas (tenant_id, deployment_id, kind, day, batch_id, qty, at)
    SELECT tenant_id, deployment_id, kind, day, '0190d000-0000-7000-8000-000000000000', qty, day + 1
    FROM temp_seed_days WHERE day >= CAST(%(end)s AS date) - 2
    """,
    """
    INSERT INTO llm_usage_events
        (tenant_id, occurred_day, gateway_request_id, deployment_id, model, input_tokens, output_tokens,
         charge, currency, occurred_at, llm_mode, recorded_at)
    SELECT tenant_id, day, 'request-' || i || '-' || n, deployment_id, 'some-model', 1000, 200,
           0.01234567 * (1 + i %% 50), 'AUD', day, 'gateway', day
    FROM temp_seed, generate_series(1, 5) AS n, LATERAL (SELECT CAST(%(end)s AS date) - n AS day) AS at
    WHERE i %% 3 = 0 AND day >= from_day
    """,
)


def seed(app: Arcadia, urls: DatabaseUrls, size: int) -> None:
    """Fill a fresh database with `size` subscriptions, and let the planner look at them."""
    with app.transactions.begin(BY) as work:
        seed_catalog(work, BY, MAY_FIRST)
    facts = {"size": size, "start": APRIL.start, "end": APRIL.end}
    with psycopg.connect(urls.operator, options="-c TimeZone=UTC") as connection:
        for statement in _FILL:
            connection.execute(statement, facts)
    assert urls.owner is not None  # a throwaway database has one
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
