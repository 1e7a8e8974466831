"""Set a fallback price: what usage that no plan covers costs from a day on (SPEC 3)."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import check_day, check_instant
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import ResourcePrice


class PriceExists(DomainError):
    code = "price_exists"
    sentence = "There is a price of {kind} in {currency} from {from_at} already, and a price never changes."
    field = "from_at"


def set_price(
    work: Work,
    by: Principal,
    *,
    kind: str,
    currency: str,
    from_at: datetime,
    unit: str,
    price_cents: int,
) -> ResourcePrice:
    """The price of one `unit` from the UTC day of `from_at` on, a past one too. It ends the price before it.

    Raises OperatorsOnly, PriceExists, UnknownKind, UnknownUnit, InvalidCurrency,
    InvalidAmount, NaiveInstant, DateOutOfRange.
    """
    by.must_be_operator("set a price")
    what = f"The start of the price of {kind}"
    start = check_instant(from_at, what)
    check_day(start.date(), what)
    price = ResourcePrice(kind, currency, start, unit, price_cents)
    if not work.catalog.add_price(price):
        raise PriceExists(kind=kind, currency=currency, from_at=start.isoformat())
    return price
