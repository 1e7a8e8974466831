"""Look at all of one kind, page by page, and confirm what is missing (SPEC 6).

Owns the time of a look: a page is as old as the instant before it was asked for, so that of two syncs at once
the later answer stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from arcadia_app.use_cases.cloud.confirm_missing import confirm_missing
from arcadia_app.use_cases.cloud.sync_run import Found, SyncRun
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.listing import Listing, SeenResource
from arcadia_domain.cloud.syncing import SyncedScope, scope_of


def look_at_kind(
    run: SyncRun, kind: str, shown: Callable[[Sequence[SeenResource]], object] | None = None
) -> list[SyncedScope]:
    """The scopes of a kind. `shown` is told of every page. Raises ProviderUnauthorized."""
    began = at = run.clock.now()
    found: Found = Counter()

    def take(seen: Sequence[SeenResource]) -> None:
        nonlocal at
        found.update(run.take_in(kind, seen, at))
        if shown is not None:
            shown(seen)
        at = run.clock.now()

    scopes = []
    for listing in run.provider.list_resources(kind, take):
        scope = scope_of(listing)
        if listing.complete:
            confirmed = confirm_missing(run, listing, began)
            found.update(confirmed.found)
            scope = replace(scope, disappeared=confirmed.buried, unconfirmed=confirmed.unconfirmed)
        scopes.append(_counted(scope, listing, found))
    return scopes


def _counted(scope: SyncedScope, listing: Listing, found: Found) -> SyncedScope:
    def count(event: EventKind) -> int:
        return sum(
            number
            for (of, region), number in found.items()
            if of is event and listing.region in (None, region)
        )

    return replace(
        scope,
        appeared=count(EventKind.APPEARED),
        changed=count(EventKind.CHANGED),
        returned=count(EventKind.RETURNED),
    )
