"""Where a page of the catalogue ended: what stands in a cursor, checked as strictly as it was written."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from arcadia_app.http.pages import Pages
from arcadia_app.wire.types import Code, Currency, Instant, Kind
from arcadia_domain.ports.catalog import PricePlace


class _CodePlace(Struct, array_like=True):
    code: Code


class _PricePlace(Struct, array_like=True):
    resource_kind: Kind
    currency: Currency
    from_at: Instant


PLANS: Final = Pages("plans", _CodePlace)
ADDONS: Final = Pages("addons", _CodePlace)
PRICES: Final = Pages("prices", _PricePlace)


def after_plan(cursor: str | None) -> str | None:
    """The code of a plan. Raises InvalidCursor."""
    place = PLANS.after(cursor)
    return None if place is None else place.code


def after_addon(cursor: str | None) -> str | None:
    """The code of an addon. Raises InvalidCursor."""
    place = ADDONS.after(cursor)
    return None if place is None else place.code


def after_price(cursor: str | None) -> PricePlace | None:
    """What names a price. Raises InvalidCursor."""
    place = PRICES.after(cursor)
    return None if place is None else (place.resource_kind, place.currency, place.from_at)
