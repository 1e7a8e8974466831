"""Syncs: which kinds each speed looks at, and when a report says that all was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.listing import Listing, Shortfall
from arcadia_domain.cloud.syncing import Speed, Synced, SyncedScope, scope_of

AT = datetime(2026, 5, 3, tzinfo=UTC)


def test_full_and_slow_together_are_every_kind_and_share_none() -> None:
    assert set(Speed.FULL.kinds) | set(Speed.SLOW.kinds) == set(RESOURCE_KINDS) == set(Speed.ALL.kinds)
    assert not set(Speed.FULL.kinds) & set(Speed.SLOW.kinds)
    assert Speed.FAST.kinds == ("droplet",)
    assert Speed.SLOW.kinds == ("image", "registry", "space", "domain_record")


def test_a_scope_says_what_its_listing_said() -> None:
    listing = Listing(
        kind="space", region="syd1", seen=2, total=3, shortfall=Shortfall.TOO_FEW, detail="2 of 3"
    )
    scope = scope_of(listing)
    assert (scope.kind, scope.region, scope.seen, scope.total) == ("space", "syd1", 2, 3)
    assert (scope.shortfall, scope.detail, scope.complete) == (Shortfall.TOO_FEW, "2 of 3", False)


WHOLE = SyncedScope(kind="droplet", seen=3)
UNASKED = SyncedScope(kind="space", shortfall=Shortfall.NOT_ASKED)
FAILED = SyncedScope(kind="vpc", shortfall=Shortfall.FAILED)
UNSURE = SyncedScope(kind="volume", unconfirmed=1)


@pytest.mark.parametrize(
    ("scopes", "fell_short"),
    [
        ((), False),
        ((WHOLE,), False),
        ((WHOLE, UNASKED), False),
        ((UNASKED, FAILED), True),
        ((WHOLE, UNSURE), True),
    ],
)
def test_a_sync_falls_short_where_what_was_asked_for_was_not_seen_whole(
    scopes: tuple[SyncedScope, ...], fell_short: bool
) -> None:
    complete = all(scope.settled for scope in scopes)
    told = {"account": "a", "speed": Speed.ALL, "actor": "olga", "started_at": AT}
    synced = Synced(sync_id=UUID(int=1), complete=complete, scopes=scopes, **told)  # type: ignore[arg-type]
    assert synced.fell_short is fell_short
    assert Synced(sync_id=UUID(int=1), scopes=scopes, **told).fell_short  # type: ignore[arg-type]
