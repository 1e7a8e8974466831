"""Projects, and which resources are in them (SPEC 6).

Owns cloud_projects, which follows the resources of the kind `project`, and `project_id` of all resources.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.turns import take_turn
from arcadia_domain.ports.syncs import Member

_MIRROR: Final = sa.text("""
INSERT INTO cloud_projects (id, account, provider_id, name, is_default, deleted_at)
SELECT id, account, provider_id, name,
       attrs -> 'is_default' IS NOT DISTINCT FROM CAST('true' AS jsonb), deleted_at
FROM cloud_resources WHERE id = ANY(CAST(:projects AS uuid[])) ORDER BY provider_id
ON CONFLICT (account, provider_id) DO UPDATE
SET name = excluded.name, is_default = excluded.is_default, deleted_at = excluded.deleted_at
""")

# Of a Space the provider tells the name and not the region: where two have it, nobody knows which is meant.
_MEANT: Final = """
project AS (SELECT id, deleted_at FROM cloud_projects WHERE account = :account AND provider_id = :project),
member AS (
    SELECT kind, name FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[])) AS told (kind, name)
),
meant AS (
    SELECT resource.id FROM member JOIN cloud_resources AS resource
        ON (resource.account, resource.kind, resource.provider_id) = (:account, member.kind, member.name)
    WHERE member.kind <> 'space'
    UNION
    SELECT space.id FROM member JOIN cloud_resources AS space
        ON (space.account, space.kind, space.name) = (:account, 'space', member.name)
        AND lower(space.name) = lower(member.name)  -- which has an index
    WHERE member.kind = 'space' AND space.deleted_at IS NULL AND NOT EXISTS (
        SELECT FROM cloud_resources AS other
        WHERE (other.account, other.kind, other.name) = (:account, 'space', member.name)
          AND lower(other.name) = lower(member.name)
          AND other.deleted_at IS NULL AND other.id <> space.id)
)
"""
_PLACE: Final = sa.text(f"""
WITH {_MEANT}
UPDATE cloud_resources AS resource SET project_id = project.id FROM project
WHERE resource.id IN (SELECT id FROM meant) AND resource.project_id IS DISTINCT FROM project.id
  AND project.deleted_at IS NULL
""")
_DISPLACE: Final = sa.text(f"""
WITH {_MEANT}
UPDATE cloud_resources AS resource SET project_id = NULL FROM project
WHERE resource.project_id = project.id AND resource.deleted_at IS NULL
  AND resource.id NOT IN (SELECT id FROM meant)
""")


_EMPTY: Final = sa.text("""
UPDATE cloud_resources SET project_id = NULL
WHERE project_id = ANY(CAST(:projects AS uuid[])) AND deleted_at IS NULL
""")


def mirror_projects(connection: sa.Connection, resource_ids: Sequence[UUID]) -> None:
    """Make the projects be what their resources say: the name, and whether they are gone."""
    connection.execute(_MIRROR, {"projects": list(resource_ids)})


def empty_projects(connection: sa.Connection, resource_ids: Sequence[UUID]) -> None:
    """Take what lives out of projects that are gone: where it is now, other lists tell."""
    connection.execute(_EMPTY, {"projects": list(resource_ids)})


def place(connection: sa.Connection, account: str, project_id: str, members: Collection[Member]) -> None:
    """See Syncs.place."""
    take_turn(connection, account)
    connection.execute(_PLACE, _told(account, project_id, members))


def displace(connection: sa.Connection, account: str, project_id: str, members: Collection[Member]) -> None:
    """See Syncs.displace."""
    take_turn(connection, account)
    connection.execute(_DISPLACE, _told(account, project_id, members))


def _told(account: str, project_id: str, members: Collection[Member]) -> dict[str, object]:
    return {
        "account": account,
        "project": project_id,
        "kinds": [kind for kind, _ in members],
        "names": [name for _, name in members],
    }
