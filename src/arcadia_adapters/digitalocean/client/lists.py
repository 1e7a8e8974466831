"""A list of the API as pages: what every listing, search and statement reads through."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from arcadia_adapters.collector_at_rest import collector_at_rest
from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.pages import PER_PAGE, Page, Walk, Walked
from arcadia_domain.cloud.listing import SeenResource, Shortfall
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete

T = TypeVar("T")

_TRIES = 3
_MOVED = frozenset({Shortfall.TOTAL_CHANGED, Shortfall.REPEATED, Shortfall.TOO_FEW, Shortfall.TOO_MANY})
"""Shortfalls of a list that changed under us: another walk may find it at rest."""


def page_reader(
    calls: Calls,
    path: str,
    root: str,
    payload: type[T],
    params: Mapping[str, str | int] | None = None,
    *,
    paged: bool = True,
) -> Callable[[int], Page[T]]:
    """How page n of a list is had. One that comes on a single page is asked for without page numbers."""

    def read(body: bytes) -> Page[T]:
        with collector_at_rest():
            return decoded(body)

    def decoded(body: bytes) -> Page[T]:
        parts = decoding.envelope(body)
        total, more = decoding.total(parts), decoding.has_next(parts)
        if total == 0 and root not in parts:  # an empty list may be left out
            return Page((), total, more)
        rows = decoding.rows(parts, root, payload)
        return Page(rows.read, total, more, rows.unread, rows.reason)

    def page(number: int) -> Page[T]:
        paging: dict[str, str | int] = {"page": number, "per_page": PER_PAGE} if paged else {}
        return calls.get(path, read, {**(params or {}), **paging})

    return page


def whole_list(
    calls: Calls,
    path: str,
    root: str,
    payload: type[T],
    params: Mapping[str, str | int] | None = None,
    *,
    must_total: bool = True,
) -> Sequence[T]:
    """A list of which every row counts, walked again where it moved meanwhile.

    Raises ProviderError: the one of a page that could not be had, or ProviderListingIncomplete.
    """
    walked = Walked(0, None, None)
    for _ in range(_TRIES):
        rows: list[T] = []
        read = page_reader(calls, path, root, payload, params)
        walked = Walk(read, rows.extend, key=None, must_total=must_total).run()
        if walked.shortfall is None:
            return rows
        if walked.shortfall not in _MOVED:
            break
    if walked.error is not None:
        raise walked.error
    raise ProviderListingIncomplete(call=f"GET {path}", message=walked.detail or "")


def find(
    read: Callable[[int], Page[Any]],
    path: str,
    key: Callable[[Any], Hashable],
    seen: Callable[[Any], SeenResource],
    fits: Callable[[SeenResource], bool],
    *,
    paged: bool = True,
) -> Sequence[SeenResource]:
    """What fits among the objects of a list that must be whole. Raises ProviderError."""
    rows: list[Any] = []
    walked = Walk(read, rows.extend, key=key, paged=paged).run()
    if walked.error is not None:
        raise walked.error
    if walked.shortfall is not None:
        raise ProviderListingIncomplete(call=f"GET {path}", message=walked.detail or "")
    return [resource for resource in map(seen, rows) if fits(resource)]
