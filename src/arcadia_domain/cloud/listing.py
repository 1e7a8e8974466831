"""What one look at the provider showed, and whether it showed everything (SPEC 6).

Owns SeenResource, Listing and the reasons for which a listing is not whole. What follows from a listing (the
row, the event, the tombstone) is the inventory's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from arcadia_domain.cloud.inventory import inventory_kind


def _no_attrs() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenResource:
    """A resource as the provider tells of it now: a CloudResource without what only we know.

    `provider_id` is what the provider calls it; of a part of something it is the whole's and its own, as in
    `example.com/284` for a record of a domain. `attrs` holds what the provider tells beside the named fields,
    as JSON values with Decimal for numbers with a fraction, and never a secret. No text holds NUL or half of
    a surrogate pair. `created_at` is None where the provider does not tell.
    """

    kind: str
    provider_id: str
    name: str
    region: str | None = None
    size_slug: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    attrs: Mapping[str, object] = field(default_factory=_no_attrs, hash=False)


class Shortfall(StrEnum):
    """Why a listing may not show everything: whoever acts on absence must not act on such a one."""

    NOT_ASKED = "not_asked"
    """We lack what it takes to ask, such as the keys of Spaces."""
    FAILED = "failed"
    """A page could not be had."""
    UNREADABLE = "unreadable"
    """An object of it could not be read."""
    NO_TOTAL = "no_total"
    """The provider did not say how many there are."""
    TOTAL_CHANGED = "total_changed"
    """The provider said another number on a later page."""
    REPEATED = "repeated"
    """An object came twice: the list moved under us, or a page was served again."""
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    """More pages than we read of one list."""
    AHEAD = "ahead"
    """Something of it was stored by a look later than this one, by a clock that ran ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The verdict on one listing: of one kind, and of one region where the provider lists by region.

    `seen` counts different objects, `total` is the number that the provider said (None: it said none).
    Also a whole listing can miss what moved between two pages while another object came and one went:
    a resource that it does not show is to be looked up before it is taken for gone.
    """

    kind: str
    region: str | None = None
    seen: int = 0
    total: int | None = None
    shortfall: Shortfall | None = None
    detail: str | None = None
    """The shortfall in a sentence, for whoever has to look into it."""

    def __post_init__(self) -> None:
        inventory_kind(self.kind)

    @property
    def complete(self) -> bool:
        """Whether what was not seen can be said to be missing."""
        return self.shortfall is None
