"""Who held what was gone before it came back: assignments that end with it (SPEC 6).

Owns the statement that finds them, one for a page. Which of them end is the domain's rule (gaps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of
from arcadia_adapters.postgres.cloud.findings import write_assignments
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.gaps import Gap, ended_by, ending
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import AssignedBy

# The look wrote these resources, so that nobody assigns them meanwhile.
_LATEST: Final = sa.text("""
SELECT latest.* FROM unnest(CAST(:ids AS uuid[])) AS returned (id)
CROSS JOIN LATERAL (
    SELECT resource_id, from_at, tenant_id, deployment_id, by FROM resource_assignments
    WHERE resource_id = returned.id ORDER BY from_at DESC LIMIT 1
) AS latest
""")


def end_assignments(
    connection: sa.Connection,
    known: Iterable[CloudResource],
    gaps: Mapping[UUID, Gap],
    *,
    tagged_for: Callable[[CloudResource], UUID | None],
    actor: str,
) -> tuple[str, ...]:
    """End what does not go on after a gap; a sentence for each, in the order of `known`, as it was before."""
    if not gaps:
        return ()
    latest = {row.resource_id: row for row in connection.execute(_LATEST, {"ids": array_of(gaps)})}
    ended: list[Assignment] = []
    told: list[str] = []
    for one in known:
        if one.id not in gaps or one.id not in latest:
            continue
        row = latest[one.id]
        end = ended_by(
            gaps[one.id],
            Assignment(
                resource_id=one.id,
                from_at=row.from_at,
                tenant_id=row.tenant_id,
                deployment_id=row.deployment_id,
            ),
            by_tag=row.by == AssignedBy.TAG.value,
            tagged_for=tagged_for(one),
        )
        if end is not None:
            ended.append(end)
            told.append(ending(one, gaps[one.id]))
    if ended:
        write_assignments(connection, ended, actor)
    return tuple(told)
