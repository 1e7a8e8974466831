"""A sync of the inventory: which kinds it looks at, and the report of what it saw and could not see (SPEC 6).

Owns Speed and the report. What one look means for what is stored is looks'; who holds a tagged resource is
tagged's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.listing import Listing, Shortfall

NEVER_ENDED: Final = "It never ended: the next sync of its speed closed it."
"""What is said of a sync whose process died."""
DEAD_AFTER: Final = timedelta(hours=1)
"""How long ago an unfinished sync must have begun for the next one to close it."""
LOOK_BACK: Final = timedelta(days=2)
"""What was not seen for longer, while others were, is no reason to ask the provider for older actions."""


class Speed(StrEnum):
    """How much a sync looks at. FULL and SLOW are all there is; FAST is what moves most."""

    FAST = "fast"
    FULL = "full"
    SLOW = "slow"
    ALL = "all"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are listed, in the order in which they are."""
        return _KINDS[self]


_SLOW: Final = ("image", "registry", "space", "domain_record")
_KINDS: Final = MappingProxyType(
    {
        Speed.FAST: ("droplet",),
        Speed.FULL: tuple(kind for kind in RESOURCE_KINDS if kind not in _SLOW),
        Speed.SLOW: _SLOW,
        Speed.ALL: RESOURCE_KINDS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedScope:
    """What became of one listing: of a kind, and of one region where the provider lists by region.

    `seen` and `total` are the listing's; the others count resources. `disappeared` are those that the
    provider no longer knows, `unconfirmed` those that were not shown and could not be looked up: they are
    missing, and not tombstoned.
    """

    kind: str
    region: str | None = None
    seen: int = 0
    total: int | None = None
    shortfall: Shortfall | None = None
    detail: str | None = None
    appeared: int = 0
    changed: int = 0
    returned: int = 0
    disappeared: int = 0
    unconfirmed: int = 0

    @property
    def complete(self) -> bool:
        """Whether the listing was whole, so that what it did not show is missing."""
        return self.shortfall is None

    @property
    def settled(self) -> bool:
        """Whether what is stored of it is what the provider holds."""
        return self.complete and not self.unconfirmed


def scope_of(listing: Listing) -> SyncedScope:
    """The scope of a listing, nothing found out yet."""
    return SyncedScope(
        kind=listing.kind,
        region=listing.region,
        seen=listing.seen,
        total=listing.total,
        shortfall=listing.shortfall,
        detail=listing.detail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """One sync and what it came to. `finished_at` and `complete` are None while it runs, or where it died.

    `complete`: everything was asked and listed whole, and what was missing was looked up. `assigned` counts
    the change points that tags made in who holds a resource. `warnings` are sentences for an operator.
    """

    sync_id: UUID
    account: str
    speed: Speed
    actor: str
    started_at: datetime
    finished_at: datetime | None = None
    complete: bool | None = None
    scopes: tuple[SyncedScope, ...] = ()
    assigned: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def fell_short(self) -> bool:
        """Whether it is incomplete for another reason than that we lack what it takes to ask."""
        asked = (scope for scope in self.scopes if scope.shortfall is not Shortfall.NOT_ASKED)
        return self.complete is None or not all(scope.settled for scope in asked)
