"""Look at all of one kind, page by page, and confirm what is missing (SPEC 6).

Owns what becomes of a listing. How its pages are stored while it goes on is taking_in's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from arcadia_app.use_cases.cloud.confirm_missing import confirm_missing
from arcadia_app.use_cases.cloud.sync_run import Found, SyncRun
from arcadia_app.use_cases.cloud.taking_in import taking_in
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.syncing import SyncedScope, scope_of


def look_at_kind(
    run: SyncRun, kind: str, shown: Callable[[Sequence[SeenResource]], object] | None = None
) -> list[SyncedScope]:
    """The scopes of a kind. `shown` is told of every page. Raises ProviderUnauthorized."""
    began = run.clock.now()
    with taking_in(run, kind, began) as pages:

        def take(seen: Sequence[SeenResource]) -> None:
            if shown is not None:
                shown(seen)
            pages.take(seen)

        listings = run.provider.list_resources(kind, take)
        found = pages.found()
    scopes = []
    for listing in listings:
        scope = scope_of(listing)
        if listing.complete:
            confirmed = confirm_missing(run, listing, began)
            found.update(confirmed.found)
            scope = replace(scope, disappeared=confirmed.buried, unconfirmed=confirmed.unconfirmed)
        scopes.append(_counted(scope, listing, found))
    return [*scopes, *_not_asked(run, kind, listings)]


def _not_asked(run: SyncRun, kind: str, listings: Sequence[Listing]) -> list[SyncedScope]:
    """The regions in which something of the kind lives, as far as is known, and which no listing covers."""
    asked = {listing.region for listing in listings}
    if None in asked:
        return []
    with run.transactions.begin(run.by) as work:
        regions = set(work.syncs.regions(run.account, kind)) - asked
    detail = "the region is not among those that are asked"
    return [
        SyncedScope(kind=kind, region=region, shortfall=Shortfall.NOT_ASKED, detail=detail)
        for region in sorted(regions)
    ]


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
