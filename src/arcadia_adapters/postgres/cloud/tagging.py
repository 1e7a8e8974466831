"""What tags say of the resources of a page, made into assignments (SPEC 6).

Owns the finding of those whose holder is not whom their tags name. The rule is the domain's (tagged).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.findings import write_assignments
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.gaps import Gap
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import Look
from arcadia_domain.cloud.tagged import Held, Naming, assignment_by_tag, holder, namings_of, objection

_TENANTS: Final = sa.text("SELECT id, tenant_id FROM cloud_deployments WHERE id = ANY(CAST(:ids AS uuid[]))")

# What a tag may give to another: the latest assignment is a tag's, or there is none. Rows that this look
# wrote are locked by it, so that nobody assigns them meanwhile.
_AMISS: Final = sa.text("""
SELECT known.id, provider_id, held.from_at, held.deployment_id
FROM unnest(CAST(:names AS text[]), CAST(:holders AS uuid[])) AS told (provider_id, holder)
JOIN cloud_resources AS known USING (provider_id)
LEFT JOIN LATERAL (
    SELECT from_at, deployment_id, by FROM resource_assignments
    WHERE resource_id = known.id ORDER BY from_at DESC LIMIT 1
) AS held ON true
WHERE account = :account AND kind = :kind AND known.provider_id = ANY(CAST(:names AS text[]))
  AND last_seen_sync = :sync AND last_seen = :at
  AND coalesce(by, 'tag') = 'tag' AND held.deployment_id IS DISTINCT FROM holder
""")


class Tagging:
    """The tags of one page. `gaps`: by resource, of those that came back after one."""

    def __init__(
        self,
        connection: sa.Connection,
        look: Look,
        page: Sequence[SeenResource],
        gaps: Mapping[UUID, Gap],
    ) -> None:
        self._connection = connection
        self._look = look
        self._page = page
        self._gaps = gaps
        self._namings = namings_of(page)
        self._tenants = self._tenants_of(self._namings.values())

    def tagged_for(self, resource: CloudResource) -> UUID | None:
        """The deployment that the tags of the page give a resource to."""
        return holder(self._namings.get(resource.provider_id), self._tenants)

    def assign(self, new: Iterable[CloudResource], changed: Iterable[CloudResource]) -> int:
        """Assign what is new from its birth, and what was known from this look on; how many.

        What came back after a gap began when that ended.
        """
        arrived = {one.provider_id: one for one in new}
        known = (self._namings.keys() | {one.provider_id for one in changed}) - arrived.keys()
        made = [self._assignment(one.id, one.provider_id, None, _birth(one)) for one in arrived.values()]
        if known:
            made += [self._reassignment(row) for row in self._amiss(sorted(known))]
        assignments = [assignment for assignment in made if assignment is not None]
        if assignments:
            write_assignments(self._connection, assignments, self._look.actor)
        return len(assignments)

    def objections(self) -> tuple[str, ...]:
        """Why tags of this page assign nothing, a sentence each."""
        tagged = (one for one in self._page if one.provider_id in self._namings)
        said = (objection(one, self._namings[one.provider_id], self._tenants) for one in tagged)
        return tuple(sentence for sentence in said if sentence is not None)

    def _amiss(self, names: Sequence[str]) -> Sequence[sa.Row[Any]]:
        facts = {
            "account": self._look.account,
            "kind": self._look.kind,
            "at": self._look.at,
            "sync": self._look.sync_id,
            "names": names,
            "holders": [holder(self._namings.get(name), self._tenants) for name in names],
        }
        return self._connection.execute(_AMISS, facts).all()

    def _reassignment(self, row: sa.Row[Any]) -> Assignment | None:
        held = None if row.from_at is None else Held(row.from_at, row.deployment_id, by_tag=True)
        gap = self._gaps.get(row.id)
        return self._assignment(row.id, row.provider_id, held, self._look.at if gap is None else gap.end)

    def _assignment(
        self, resource_id: UUID, provider_id: str, held: Held | None, from_at: datetime
    ) -> Assignment | None:
        naming = self._namings.get(provider_id)
        return assignment_by_tag(resource_id, naming, held, self._tenants, from_at=from_at)

    def _tenants_of(self, namings: Iterable[Naming]) -> Mapping[UUID, str]:
        """The deployments that are named and exist, each with its tenant."""
        named = {naming.deployment_id for naming in namings if naming.deployment_id is not None}
        if not named:
            return {}
        found = self._connection.execute(_TENANTS, {"ids": list(named)})
        return {row.id: row.tenant_id for row in found}


def _birth(resource: CloudResource) -> datetime:
    return resource.created_at or resource.first_seen
