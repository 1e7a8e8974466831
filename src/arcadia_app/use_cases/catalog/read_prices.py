"""Read fallback prices: those to come, those in force and those that were (SPEC 3)."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_domain.identity import Principal
from arcadia_domain.ports.catalog import PricePlace
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import ResourcePrice


def list_prices(
    work: Work, by: Principal, *, after: PricePlace | None, limit: int, kind: str | None = None
) -> Sequence[ResourcePrice]:
    """Prices by kind, currency and start; `kind` narrows the list. Raises OperatorsOnly."""
    by.must_be_operator("read prices")
    return work.catalog.price_page(after=after, limit=limit, kind=kind)
