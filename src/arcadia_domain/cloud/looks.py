"""What one look at the provider means for the inventory: what is new, and what it counts for now (SPEC 6).

Owns the way from what was seen to the stored resource, and the change points of its meters. What counts as a
change is changes'; what a resource counts for is meters'; which looks are made is the sync's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.gaps import Gap
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.meters import RateChange, rates


def _no_ends() -> Mapping[str, datetime]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One page of one kind, asked for at `at` or later: what was seen after `at` is newer.

    `resized` tells, by provider id, when the latest resize ended.
    """

    sync_id: UUID
    account: str
    kind: str
    at: datetime
    actor: str
    resized: Mapping[str, datetime] = field(default_factory=_no_ends, hash=False)


@dataclass(frozen=True, slots=True)
class FoundRates:
    """A change of what a resource counts for. `if_first`: stored only where no change of it is yet."""

    resource_id: UUID
    change: RateChange
    if_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look found out: how many of each event by region, and how many change points tags made.

    `warnings` are sentences.
    """

    found: Mapping[tuple[EventKind, str | None], int] = field(default_factory=dict, hash=False)
    assigned: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingResource:
    """A resource that a whole listing did not show; since when that is known."""

    id: UUID
    provider_id: str
    missing_since: datetime


@dataclass(frozen=True, slots=True)
class Grave:
    """A resource of which the provider knew nothing at `looked_at`. It ended at `deleted_at`, it is told."""

    resource_id: UUID
    deleted_at: datetime
    looked_at: datetime

    def end_of(self, gone: CloudResource) -> datetime:
        """When it ended, within our own looks: not before the last that saw it, nor after the look-up.

        Clocks differ, and the provider's is not ours. Nothing ended before it was born.
        """
        within = max(gone.last_seen, min(self.deleted_at, self.looked_at))
        return within if gone.created_at is None else max(within, gone.created_at)


def newcomer(look: Look, seen: SeenResource, new_id: UUID) -> CloudResource:
    """The row of what was seen for the first time."""
    return CloudResource(
        id=new_id,
        account=look.account,
        kind=look.kind,
        provider_id=seen.provider_id,
        name=seen.name,
        region=seen.region,
        size_slug=seen.size_slug,
        status=seen.status,
        tags=seen.tags,
        attrs=seen.attrs,
        created_at=seen.created_at,
        first_seen=look.at,
        last_seen=look.at,
    )


def as_seen(look: Look, seen: SeenResource, known: CloudResource) -> CloudResource:
    """The row of what was known before, as it is now: alive, and still with whom it was.

    Its date of creation never moves to later: before it, nothing is metered. What began again after a gap
    counts by its change points.
    """
    return replace(
        known,
        name=seen.name,
        region=seen.region,
        size_slug=seen.size_slug,
        status=seen.status,
        tags=seen.tags,
        attrs=seen.attrs,
        created_at=_created_at(seen, known),
        last_seen=look.at,
        deleted_at=None,
    )


def differs(seen: SeenResource, known: CloudResource) -> bool:
    """Whether a look has more to say of a known resource than that it is still there."""
    return (
        known.deleted_at is not None
        or (known.name, known.region, known.size_slug, known.status, known.tags)
        != (seen.name, seen.region, seen.size_slug, seen.status, seen.tags)
        or known.created_at != _created_at(seen, known)
        or dict(known.attrs) != dict(seen.attrs)
    )


def rates_found(
    look: Look, before: CloudResource | None, after: CloudResource, gap: Gap | None = None
) -> list[FoundRates]:
    """The changes that lead from what a resource counted for to what it counts for now.

    A new one counts from its birth, or from the first look where that is not told. A change holds from the
    end of the resize where the provider tells of one since the last look, else from this look, and never from
    later. In a gap it counts for nothing.
    """
    now = rates(after.kind, after.size_slug, after.attrs)
    if before is None:
        return [FoundRates(after.id, RateChange(_birth(after), now))] if now else []
    was = rates(before.kind, before.size_slug, before.attrs)
    if was == now and (gap is None or not now):
        return []
    changed_at = _changed_at(look, before, after) if gap is None else gap.end
    found = [FoundRates(after.id, RateChange(changed_at, now))]
    ended_at = changed_at if gap is None else gap.start
    if ended_at < changed_at:
        found.append(FoundRates(after.id, RateChange(ended_at, {})))
    if _birth(before) < ended_at:
        found.append(FoundRates(after.id, RateChange(_birth(before), was), if_first=True))
    return found


def _created_at(seen: SeenResource, known: CloudResource) -> datetime | None:
    """The earliest that was told; what the provider told only later had begun when it was first seen."""
    if seen.created_at is None:
        return known.created_at
    return min(seen.created_at, known.created_at or known.first_seen)


def _birth(resource: CloudResource) -> datetime:
    return resource.created_at or resource.first_seen


def _changed_at(look: Look, before: CloudResource, after: CloudResource) -> datetime:
    ended = look.resized.get(after.provider_id)
    if ended is None or before.size_slug == after.size_slug or ended < before.last_seen:
        return look.at
    return min(ended, look.at)
