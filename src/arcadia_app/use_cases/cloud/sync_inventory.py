"""Sync the inventory with what runs at the provider (SPEC 6).

Owns the order of the steps and the report. The steps have a file each: look_at_kind, confirm_missing,
look_at_members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from arcadia_app.use_cases.cloud.look_at_kind import look_at_kind
from arcadia_app.use_cases.cloud.look_at_members import look_at_members
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_app.use_cases.cloud.sync_run import SyncRun
from arcadia_domain.cloud.endings import DATED_KINDS
from arcadia_domain.cloud.listing import SeenResource, Shortfall
from arcadia_domain.cloud.provider_errors import ProviderError, ProviderUnauthorized
from arcadia_domain.cloud.syncing import Speed, Synced, SyncedScope
from arcadia_domain.identity import Principal
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.cloud_provider import CloudInventory
from arcadia_domain.ports.unit_of_work import Transactions, Work

_STOPPED: Final = "The sync was stopped: {error}"

Progress = Callable[[str, int, int], object]
"""Is told the kind that is listed next, how many kinds are done, and of how many."""


def sync_inventory(
    transactions: Transactions,
    provider: CloudInventory,
    by: Principal,
    *,
    account: str,
    speed: Speed,
    clock: Clock,
    progress: Progress | None = None,
) -> Synced:
    """Look at every kind of that speed, and store what was seen. Again, or twice at once: nothing is doubled.

    What could not be seen stays as it is, and is in the report. Raises OperatorsOnly; AccountMismatch, and
    nothing is written; ProviderUnauthorized, and any ProviderError where it is not known whose account it
    is: then the sync stands as incomplete, with the reason.
    """
    by.must_be_operator("sync the inventory")
    now = clock.now()
    try:
        same_account(transactions, provider, by, account=account, now=now)
    except ProviderError as error:
        stopped = (_STOPPED.format(error=error),)
        with transactions.begin(by) as work:
            synced = _begun(work, by, account, speed, now)
            work.syncs.finish(replace(synced, finished_at=now, complete=False, warnings=stopped))
        raise
    synced, looked_since = _begin(transactions, by, account, speed, now)
    run = SyncRun(
        transactions=transactions,
        provider=provider,
        by=by,
        clock=clock,
        account=account,
        sync_id=synced.sync_id,
        started_at=synced.started_at,
        looked_since=looked_since,
    )
    scopes: list[SyncedScope] = []
    try:
        run.hear_of_actions()
        scopes.extend(_look(run, speed, progress))
    except ProviderUnauthorized as error:
        run.warn(_STOPPED.format(error=error))
        _finish(run, synced, scopes, complete=False)
        raise
    scopes = _without_what_is_ahead(run, scopes)
    return _finish(run, synced, scopes, complete=all(scope.settled for scope in scopes))


def _begun(work: Work, by: Principal, account: str, speed: Speed, now: datetime) -> Synced:
    synced = Synced(sync_id=work.new_id(), account=account, speed=speed, actor=by.subject, started_at=now)
    work.syncs.begin(synced)
    return synced


def _begin(
    transactions: Transactions, by: Principal, account: str, speed: Speed, now: datetime
) -> tuple[Synced, datetime | None]:
    """The sync, and the oldest last look at what the provider's actions may tell of."""
    dated = [kind for kind in speed.kinds if kind in DATED_KINDS]
    with transactions.begin(by) as work:
        return _begun(work, by, account, speed, now), work.syncs.looked_since(account, dated)


def _look(run: SyncRun, speed: Speed, progress: Progress | None) -> Iterator[SyncedScope]:
    """The scopes, as each is done; that of the projects last, with what is in them."""
    projects: list[str] = []
    of_projects: list[SyncedScope] = []

    def note(seen: Sequence[SeenResource]) -> None:
        projects.extend(project.provider_id for project in seen)

    for done, kind in enumerate(speed.kinds):
        if progress is not None:
            progress(kind, done, len(speed.kinds))
        if kind == "project":
            of_projects = look_at_kind(run, kind, note)
        else:
            yield from look_at_kind(run, kind)
    # once all else was looked at: what is in a project is known then
    for scope in of_projects:
        yield _with_members(run, scope, projects)


def _with_members(run: SyncRun, scope: SyncedScope, projects: Sequence[str]) -> SyncedScope:
    """The scope of the projects, which is not whole where what is in one of them was not seen whole."""
    for project_id, listing in look_at_members(run, projects).items():
        detail = f"what is in the project {project_id}: {listing.detail}"
        if scope.complete:
            scope = replace(scope, shortfall=listing.shortfall, detail=detail)
        run.warn(f"Not seen whole: {detail}")
    return scope


def _without_what_is_ahead(run: SyncRun, scopes: Sequence[SyncedScope]) -> list[SyncedScope]:
    """The scopes, of which none is whole that holds what was last seen after this sync ended."""
    with run.transactions.begin(run.by) as work:
        ahead = work.syncs.ahead(run.account, sorted({scope.kind for scope in scopes}), run.clock.now())
    return [_checked(run, scope, ahead) for scope in scopes]


def _checked(run: SyncRun, scope: SyncedScope, ahead: Mapping[tuple[str, str | None], int]) -> SyncedScope:
    number = sum(
        number
        for (kind, region), number in ahead.items()
        if kind == scope.kind and scope.region in (None, region)
    )
    if not number:
        return scope
    detail = f"{number} were last seen after this sync ended: a clock ran ahead"
    where = scope.kind if scope.region is None else f"{scope.kind} in {scope.region}"
    run.warn(f"Of the kind {where}, {detail}. Until that time has come, no sync changes them.")
    return replace(scope, shortfall=Shortfall.AHEAD, detail=detail) if scope.complete else scope


def _finish(run: SyncRun, synced: Synced, scopes: Sequence[SyncedScope], *, complete: bool) -> Synced:
    finished = replace(
        synced,
        finished_at=run.clock.now(),
        complete=complete,
        scopes=tuple(sorted(scopes, key=lambda scope: (scope.kind, scope.region or ""))),
        assigned=run.assigned,
        warnings=run.warnings,
    )
    with run.transactions.begin(run.by) as work:
        work.syncs.finish(finished)
    return finished
