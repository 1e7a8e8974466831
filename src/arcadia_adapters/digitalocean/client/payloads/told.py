"""What all payloads share: free JSON, instants, regions, and the recording of what was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from attrs import frozen

from arcadia_adapters.digitalocean.client.redaction import needs_redaction, without_secrets
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.period import FIRST_DAY

Json = Any
"""A value that is recorded as it is."""


class Payload(Protocol):
    """An object of a list."""

    def seen(self) -> SeenResource:
        """What it says, as a fact of the inventory."""
        ...


@frozen
class Region:
    """A region; its sizes and features are its own business."""

    slug: str


def with_value(**fields: object) -> dict[str, object]:
    """The fields that have a value: null and absent are one."""
    return {name: value for name, value in fields.items() if value is not None}


def told(**fields: object) -> dict[str, object]:
    """The fields that have a value, without what may be secret inside them."""
    found = with_value(**fields)
    if not needs_redaction(found.values()):
        return found
    return {name: without_secrets(value) for name, value in found.items()}


def instant(text: str | None) -> datetime | None:
    """An instant in UTC or with an offset; None where it is none, or stands for none (year 1)."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year >= FIRST_DAY.year else None


def slug(region: Region | None) -> str | None:
    """The region's slug, where there is a region."""
    return region.slug if region is not None else None


def tags_of(tags: list[str] | None) -> tuple[str, ...]:
    """Tags as a tuple; null is none."""
    return tuple(tags) if tags else ()
