"""Look at what is in each project (SPEC 6).

Owns the rule that a list which was not whole takes nothing out of its project.
"""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_app.use_cases.cloud.sync_run import SyncRun
from arcadia_domain.cloud.listing import Listing
from arcadia_domain.cloud.orders import ProjectMember
from arcadia_domain.ports.syncs import Member


def look_at_members(run: SyncRun, project_ids: Sequence[str]) -> dict[str, Listing]:
    """The verdicts of the lists that were not whole, by project. Raises ProviderUnauthorized."""
    verdicts = ((project_id, _members_of(run, project_id)) for project_id in project_ids)
    return {project_id: listing for project_id, listing in verdicts if not listing.complete}


def _members_of(run: SyncRun, project_id: str) -> Listing:
    shown: set[Member] = set()

    def take(members: Sequence[ProjectMember]) -> None:
        kept = {
            (member.kind, member.provider_id)
            for member in members
            if member.kind is not None and member.provider_id is not None
        }
        with run.transactions.begin(run.by) as work:
            work.syncs.place(run.account, project_id, kept)
        shown.update(kept)

    listing = run.provider.list_members(project_id, take)
    if listing.complete:
        with run.transactions.begin(run.by) as work:
            work.syncs.displace(run.account, project_id, shown)
    return listing
