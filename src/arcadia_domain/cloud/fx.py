"""Exchange rates with a date from which they hold, and a conversion that loses no cent (SPEC 14).

Owns which rate holds on a day and how parts are converted so that they add up.
Where rates come from is the world's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from arcadia_domain.errors import DomainError
from arcadia_domain.money import currency, largest_remainder


class InvalidRate(DomainError):
    code = "invalid_rate"
    sentence = "The rate of {pair} must be a Decimal above zero, but is {rate!r}."
    field = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class FxRate:
    """One unit of `base` is worth `rate` units of `quote`, from `from_day` until the pair's next rate."""

    base: str
    quote: str
    from_day: date
    rate: Decimal
    source: str

    def __post_init__(self) -> None:
        currency(self.base)
        currency(self.quote)
        if type(self.rate) is not Decimal or not self.rate.is_finite() or self.rate <= 0:
            raise InvalidRate(pair=f"{self.base}/{self.quote}", rate=self.rate)


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate that a figure was converted with, and whether it was known or had to be assumed."""

    base: str
    quote: str
    rate: Decimal
    source: str
    assumed: bool

    @property
    def pair(self) -> str:
        """As in USD/AUD: one USD is worth `rate` AUD."""
        return f"{self.base}/{self.quote}"


def rate_on(rates: Iterable[FxRate], base: str, quote: str, day: date) -> Rate:
    """The rate of base/quote in force on `day`: the latest that began by then.

    Of two sources on one day the first by name counts. With none in force the rate is 1 and says that it is
    assumed; between a currency and itself it is 1, and that is no assumption.
    """
    if currency(base) == currency(quote):
        return Rate(base, quote, Decimal(1), "same currency", assumed=False)
    known = [rate for rate in rates if (rate.base, rate.quote) == (base, quote) and rate.from_day <= day]
    if not known:
        return Rate(base, quote, Decimal(1), "none", assumed=True)
    latest = min(known, key=lambda rate: (-rate.from_day.toordinal(), rate.source))
    return Rate(base, quote, latest.rate, latest.source, assumed=False)


def convert(amounts: Sequence[int], rate: Rate) -> list[int]:
    """Each amount in cents of the other currency, so that together they are half_up(their sum × rate)."""
    numerator, denominator = rate.rate.as_integer_ratio()
    return largest_remainder([amount * numerator for amount in amounts], denominator)
