"""Money: integer cents of one currency, and the only rounding there is.

Every amount of the product is rounded here and nowhere else: half away from zero, to a whole unit (SPEC 4).
The functions take whole numbers, numerator over denominator, so that nothing is lost before the one rounding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NewType

from arcadia_domain.errors import DomainError

Cents = NewType("Cents", int)
"""An amount in hundredths of its currency's unit.
Which currency is said once, by the quote or the invoice.
"""

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


LARGEST_CENTS = 2**53 - 1
"""The largest amount that every reader of JSON takes exactly: many read its numbers as doubles."""

LARGEST_PRICE_CENTS = 10**12
"""A price above this is a mistake."""


class InvalidCurrency(DomainError):
    code = "invalid_currency"
    sentence = "{currency!r} is not a currency: three capital letters are expected, as in AUD."
    field = "currency"


class MixedCurrencies(DomainError):
    code = "mixed_currencies"
    sentence = "{what} is in {found}, but everything here is priced in {expected}."
    field = "currency"


class InvalidAmount(DomainError):
    code = "invalid_amount"
    sentence = "{what} must be a whole number of cents from zero to 10^12, but is {amount!r}."


class NothingToWeigh(DomainError):
    code = "nothing_to_weigh"
    sentence = (
        "{amount} cannot be allocated by the weights {weights}: they must be zero or more, and not all zero."
    )


def currency(code: str) -> str:
    """Return `code` if it looks like an ISO 4217 code, else raise InvalidCurrency."""
    if not isinstance(code, str) or not _CURRENCY.fullmatch(code):
        raise InvalidCurrency(currency=code)
    return code


def same_currency(expected: str, found: str, what: str) -> None:
    """Raise MixedCurrencies when `what` is not in the expected currency."""
    if found != expected:
        raise MixedCurrencies(what=what, found=found, expected=expected)


def price_cents(amount: int, what: str) -> Cents:
    """Return a price in cents; raise InvalidAmount for a negative or too large one, or what is no int."""
    if type(amount) is not int or not 0 <= amount <= LARGEST_PRICE_CENTS:
        raise InvalidAmount(what=what, amount=amount)
    return Cents(amount)


def in_units(cents: int) -> str:
    """Cents as a decimal string of the currency's unit, with both decimals: 1234.50, -0.05."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"


def half_up(numerator: int, denominator: int = 1) -> int:
    """numerator / denominator as a whole number; a half goes away from zero (as decimal.ROUND_HALF_UP).

    The denominator is positive.
    """
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def largest_remainder(numerators: Sequence[int], denominator: int) -> list[int]:
    """Each numerator / denominator as a whole number, so that together they are half_up(of their sum).

    Each share is floored; what is then missing goes, one unit each, to the largest remainders, the earlier
    share first among equals: the same input gives the same split every time.
    """
    shares = [numerator // denominator for numerator in numerators]
    missing = half_up(sum(numerators), denominator) - sum(shares)
    by_remainder = sorted(range(len(shares)), key=lambda i: -(numerators[i] % denominator))
    for i in by_remainder[:missing]:
        shares[i] += 1
    return shares


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` by `weights` (whole, zero or more) without losing a unit: sum(allocate(x, w)) == x.

    Raises NothingToWeigh when there is no positive weight or one is negative.
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise NothingToWeigh(amount=amount, weights=list(weights))
    return largest_remainder([amount * weight for weight in weights], total)
