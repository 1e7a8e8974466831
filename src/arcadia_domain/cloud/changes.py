"""What changed between two looks at the inventory: the resource event log (SPEC 6).

Owns the comparison of two looks. Desired against live is drift's, not this; which listing was complete is
told by the caller, because a half-failed listing makes nothing disappear.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.quantity import plain

Scope = tuple[str, str, str | None]
"""What one listing covers: account, kind, region (None for a listing of all regions)."""

_FIELDS = ("name", "region", "size_slug", "status")
_LOWERCASE = frozenset({"region", "size_slug"})
_RESTLESS = frozenset(
    {
        "locked",
        "next_backup_window",
        "pending_changes",
        "storage_usage_bytes",
        "storage_usage_bytes_updated_at",
        "updated_at",
        "zone_file",
    }
)
"""Attributes that move by themselves: recorded with the resource, but no event worth a reader's time."""


class EventKind(StrEnum):
    """What a look found out about a resource."""

    APPEARED = "appeared"
    CHANGED = "changed"
    DISAPPEARED = "disappeared"
    RETURNED = "returned"


def _nothing() -> Mapping[str, Change]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ResourceEvent:
    """One entry of the event log. `fields` holds what changed, by name; attributes as `attrs.<name>`."""

    kind: EventKind
    resource_id: UUID
    key: tuple[str, str, str]
    fields: Mapping[str, Change] = field(default_factory=_nothing, hash=False)


def changes(
    before: Iterable[CloudResource],
    after: Iterable[CloudResource],
    *,
    complete: Container[Scope] | None = None,
) -> list[ResourceEvent]:
    """The events that lead from one look to the next, in the order of the resources' keys.

    Looks may hold tombstoned resources; a tombstone counts as absent. `complete` names the scopes whose
    listing finished (None: all of them): a resource that is absent from an unfinished one keeps its state,
    without an event. An event carries the id by which the earlier look knew the resource. Whom a resource
    is assigned to is our knowledge, not the provider's, and is not compared.
    """
    old = {resource.key: resource for resource in before}
    new = {resource.key: resource for resource in after}
    events = []
    for key in sorted(old.keys() | new.keys()):
        event = _event(old.get(key), new.get(key), complete)
        if event is not None:
            events.append(event)
    return events


def _event(
    was: CloudResource | None, now: CloudResource | None, complete: Container[Scope] | None
) -> ResourceEvent | None:
    if was is None:
        if now is None or now.deleted_at is not None:
            return None
        return ResourceEvent(EventKind.APPEARED, now.id, now.key)
    was_gone = was.deleted_at is not None
    if now is None or now.deleted_at is not None:
        if was_gone or (now is None and not _listed(was, complete)):
            return None
        return ResourceEvent(EventKind.DISAPPEARED, was.id, was.key)
    fields = _changed_fields(was, now)
    if was_gone:
        return ResourceEvent(EventKind.RETURNED, was.id, was.key, fields)
    return ResourceEvent(EventKind.CHANGED, was.id, was.key, fields) if fields else None


def _listed(resource: CloudResource, complete: Container[Scope] | None) -> bool:
    if complete is None:
        return True
    account, kind = resource.account, resource.kind
    return (account, kind, resource.region) in complete or (account, kind, None) in complete


def _changed_fields(was: CloudResource, now: CloudResource) -> Mapping[str, Change]:
    found = {}
    for name in _FIELDS:
        old, new = getattr(was, name), getattr(now, name)
        if not _same(old, new) and not (name in _LOWERCASE and _fold(old) == _fold(new)):
            found[name] = Change(old, new)
    if _tag_set(was) != _tag_set(now):
        found["tags"] = Change(was.tags, now.tags)
    if was.attrs != now.attrs:
        for name in sorted((was.attrs.keys() | now.attrs.keys()) - _RESTLESS):
            old, new = was.attrs.get(name), now.attrs.get(name)
            if not _same(old, new):
                found[f"attrs.{name}"] = Change(old, new)
    return MappingProxyType(found)


def _tag_set(resource: CloudResource) -> set[str]:
    return {tag.lower() for tag in resource.tags}


def _fold(text: str | None) -> str:
    return (text or "").lower()


def _same(old: object, new: object) -> bool:
    """Equal, or equal but for the order of lists; absent, null and empty are one."""
    return old == new or _canonical(old) == _canonical(new)


def _canonical(value: object) -> str:
    if value is None or value in ("", [], (), {}):
        return ""
    if isinstance(value, list | tuple):
        return "[" + ",".join(sorted(_canonical(item) for item in value)) + "]"
    if isinstance(value, Mapping):
        items = {str(name): _canonical(item) for name, item in value.items()}
        return json.dumps({name: text for name, text in items.items() if text}, sort_keys=True)
    if isinstance(value, Decimal):
        return plain(value)  # 0.10 is 0.1
    return json.dumps(value, default=str)
