"""Read syncs of the inventory: what each saw, and could not see (SPEC 6). Operators only."""

from __future__ import annotations

from uuid import UUID

from arcadia_domain.cloud.syncing import Synced
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


class SyncNotFound(DomainError):
    code = "sync_not_found"
    sentence = "There is no sync {sync_id}."
    field = "sync_id"


def read_sync(work: Work, by: Principal, *, sync_id: UUID) -> Synced:
    """The sync as it stands. Raises OperatorsOnly, SyncNotFound."""
    by.must_be_operator("read syncs")
    synced = work.syncs.get(sync_id)
    if synced is None:
        raise SyncNotFound(sync_id=sync_id)
    return synced


def list_syncs(work: Work, by: Principal, *, after: UUID | None, limit: int) -> list[Synced]:
    """Syncs, newest first, from the one that follows `after`. Raises OperatorsOnly."""
    by.must_be_operator("read syncs")
    return work.syncs.page(after=after, limit=limit)
