"""Where a page of the catalogue ended: what stands in a cursor, checked as strictly as it was written."""

from __future__ import annotations

from msgspec import Struct

from arcadia_app.http import pages
from arcadia_app.wire.types import Code, Currency, Instant, Kind
from arcadia_domain.ports.catalog import PricePlace


class _CodePlace(Struct, array_like=True):
    code: Code


class _PricePlace(Struct, array_like=True):
    resource_kind: Kind
    currency: Currency
    from_at: Instant


def after_code(cursor: str | None) -> str | None:
    """The code of a plan or an addon. Raises InvalidCursor."""
    place = pages.after(cursor, _CodePlace)
    return None if place is None else place.code


def after_price(cursor: str | None) -> PricePlace | None:
    """What names a price. Raises InvalidCursor."""
    place = pages.after(cursor, _PricePlace)
    return None if place is None else (place.resource_kind, place.currency, place.from_at)
