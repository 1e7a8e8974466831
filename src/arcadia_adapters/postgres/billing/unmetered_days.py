"""The days that metering still owes: a deployment held something metered and nobody claimed the day (SPEC 7).

Owns the one statement that finds them. It reads a tenure as `arcadia_domain.cloud.assignments` does and a
lifetime as `arcadia_domain.cloud.metering` does, in instants; the contract tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import sqlalchemy as sa

from arcadia_domain.cloud.inventory import BORN_WHEN_SEEN
from arcadia_domain.cloud.meters import METERED_AS
from arcadia_domain.period import Period, midnight

# A resource whose birth is not known, or whose death comes before it, counts as held for as long as it was
# assigned: metering refuses it by name, and its tenant is not billed short. (GREATEST and LEAST pass over
# NULL.)
_UNMETERED: Final = sa.text("""
WITH metered (kind, usage_kind) AS (
    SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:usage_kinds AS text[]))
),
resource AS (
    SELECT cloud_resources.*, usage_kind,
           COALESCE(created_at, CASE WHEN kind = ANY (:born_when_seen) THEN first_seen END) AS born_at
    FROM cloud_resources JOIN metered USING (kind)
),
tenure AS (
    SELECT resource_id, tenant_id, deployment_id, from_at,
           lead(from_at) OVER (PARTITION BY resource_id ORDER BY from_at) AS to_at
    FROM resource_assignments
    UNION ALL
    SELECT id, tenant_id, deployment_id, NULL, NULL
    FROM cloud_resources
    WHERE NOT EXISTS (SELECT FROM resource_assignments WHERE resource_id = cloud_resources.id)
),
held AS (
    SELECT tenure.tenant_id, tenure.deployment_id, usage_kind,
           GREATEST(from_at, CASE WHEN mortal THEN born_at END, :start) AS start_at,
           LEAST(to_at, CASE WHEN mortal THEN deleted_at END, :end) AS end_at
    FROM tenure JOIN resource ON resource.id = resource_id
    CROSS JOIN LATERAL (SELECT (deleted_at < born_at) IS NOT TRUE AS mortal) AS lifetime
    WHERE tenure.deployment_id IS NOT NULL
      AND tenure.tenant_id = COALESCE(CAST(:tenant AS text), tenure.tenant_id)
)
SELECT DISTINCT day, tenant_id COLLATE "C" AS tenant_id
FROM (
    SELECT tenant_id, deployment_id, usage_kind, CAST(each AS date) AS day
    FROM held, generate_series(
        date_trunc('day', start_at AT TIME ZONE 'UTC'),
        end_at AT TIME ZONE 'UTC' - interval '1 microsecond',
        interval '1 day'
    ) AS each
    WHERE start_at < end_at
) AS held_on
WHERE NOT EXISTS (
    SELECT FROM usage_daily AS claim
    WHERE (claim.tenant_id, claim.deployment_id, claim.kind, claim.day)
        = (held_on.tenant_id, held_on.deployment_id, held_on.usage_kind, held_on.day)
)
ORDER BY day, tenant_id
""")

_KINDS: Final = {
    "kinds": [kind for kind, usage_kinds in METERED_AS.items() for _ in usage_kinds],
    "usage_kinds": [usage_kind for usage_kinds in METERED_AS.values() for usage_kind in usage_kinds],
    "born_when_seen": sorted(BORN_WHEN_SEEN),
}


def unmetered_days(
    connection: sa.Connection, period: Period, tenant_id: str | None
) -> Sequence[tuple[date, str]]:
    """The days, each with a tenant that held something on it without any usage recorded, in order."""
    asked = {"start": midnight(period.start), "end": midnight(period.end), "tenant": tenant_id}
    return [(day, tenant) for day, tenant in connection.execute(_UNMETERED, {**_KINDS, **asked})]
