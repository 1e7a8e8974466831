"""When the provider's actions ended: the instants at which a resource was resized or destroyed (SPEC 6).

Owns the reading of a list of actions. What an instant means for a meter or a tombstone is the sync's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from arcadia_domain.cloud.actions import Action, ActionStatus

DATED_KINDS: Final = ("droplet", "volume", "snapshot", "image")
"""Kinds whose ends the provider's actions may tell."""

_KINDS_OF_TYPE: Final = MappingProxyType(
    {"droplet": ("droplet",), "volume": ("volume",), "image": ("image", "snapshot")}
)


@dataclass(frozen=True, slots=True)
class Endings:
    """`resized`: droplets by provider id, the latest resize of each. `destroyed`: by kind and provider id."""

    resized: Mapping[str, datetime] = field(default_factory=dict)
    destroyed: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


def endings(actions: Iterable[Action]) -> Endings:
    """What the actions that were completed tell."""
    resized: dict[str, datetime] = {}
    destroyed: dict[tuple[str, str], datetime] = {}
    for action in actions:
        ended, resource_id = action.completed_at, action.resource_id
        if action.status is not ActionStatus.COMPLETED or ended is None or resource_id is None:
            continue
        if action.type == "resize" and action.resource_type == "droplet":
            resized[resource_id] = max(ended, resized.get(resource_id, ended))
        elif action.type == "destroy":
            for kind in _KINDS_OF_TYPE.get(action.resource_type or "", ()):
                destroyed[kind, resource_id] = ended
    return Endings(resized, destroyed)
