"""The control figures of a provider invoice: exact sums of its amounts, and how a sentence says them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from arcadia_domain.quantity import EXACT

ZERO = Decimal(0)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    found = ZERO
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


def dollars(cents: int) -> Decimal:
    """Cents as the provider's amounts."""
    return Decimal(cents).scaleb(-2, EXACT)


def written(amount: Decimal) -> str:
    """At least two decimals, and as many as there are."""
    whole, _, decimals = format(amount, "f").partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def unequal(one: str, found: Decimal, other: str, expected: Decimal) -> str:
    """What two sources say of the same figure, and how far they are apart."""
    apart = EXACT.subtract(found, expected)
    way = "more" if apart > ZERO else "less"
    off = f"{written(EXACT.abs(apart))} USD {way}"
    return f"{one} {written(found)} USD, but {other} {written(expected)} USD: {off}"
