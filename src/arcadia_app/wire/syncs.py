"""Syncs of the inventory on the wire: asked for, and what they saw and could not see (SPEC 6)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.wire.types import Body, Instant, InventoryKind, Shape
from arcadia_domain.cloud import syncing
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.syncing import Speed


class SyncToRequest(Body):
    """How much is looked at: `fast` droplets, `slow` images, registries, Spaces and records of domains,
    `full` every other kind with droplets, `all` every kind.
    """

    speed: Speed


class SyncScope(Shape):
    """One listing: of a kind, and of one region where the provider lists by region.

    `shortfall` says why it was not whole; then nothing of it is taken for gone. `not_asked`: we lack what it
    takes to ask. `disappeared` are no longer known to the provider, `unconfirmed` are missing and were not
    looked up: they stay as they are until a later sync.
    """

    kind: InventoryKind
    region: str | None
    complete: bool
    seen: int
    total: Annotated[int | None, Meta(description="How many the provider says there are, if it does.")]
    shortfall: Shortfall | None
    detail: str | None
    appeared: int
    changed: int
    returned: int
    disappeared: int
    unconfirmed: int

    @classmethod
    def of(cls, scope: syncing.SyncedScope) -> SyncScope:
        return cls(
            kind=scope.kind,
            region=scope.region,
            complete=scope.complete,
            seen=scope.seen,
            total=scope.total,
            shortfall=scope.shortfall,
            detail=scope.detail,
            appeared=scope.appeared,
            changed=scope.changed,
            returned=scope.returned,
            disappeared=scope.disappeared,
            unconfirmed=scope.unconfirmed,
        )


class InventorySync(Shape):
    """A sync and what it came to. It is `complete` where every kind of its speed was listed whole and all
    that was missing was looked up; null while it runs. `assigned` counts what tags changed in who holds what.
    """

    id: UUID
    account: str
    speed: Speed
    actor: str
    started_at: Instant
    finished_at: Instant | None
    complete: bool | None
    scopes: list[SyncScope]
    assigned: int
    warnings: list[str]

    @classmethod
    def of(cls, synced: syncing.Synced) -> InventorySync:
        return cls(
            id=synced.sync_id,
            account=synced.account,
            speed=synced.speed,
            actor=synced.actor,
            started_at=synced.started_at,
            finished_at=synced.finished_at,
            complete=synced.complete,
            scopes=[SyncScope.of(scope) for scope in synced.scopes],
            assigned=synced.assigned,
            warnings=list(synced.warnings),
        )


class InventorySyncs(Shape):
    """A page of syncs, newest first."""

    items: list[InventorySync]
    next_cursor: str | None
