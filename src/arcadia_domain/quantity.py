"""Quantities: Decimal at the doors, whole millionths inside.

Owns the project's own decimal context (an importing program's `getcontext()` never changes a result) and the
way between a Decimal and its millionths. Rounding is money's; nothing here rounds.
"""

from __future__ import annotations

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

from arcadia_domain.errors import DomainError

MICRO = 1_000_000
"""Millionths in one unit: the finest quantity there is (numeric(20,6) in the database)."""

EXACT = Context(prec=60, Emin=-999, Emax=999, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
"""Every Decimal operation runs in this context; a result that would have to be rounded raises instead."""

_DIGITS = 14
"""Whole digits of the largest quantity."""


class InvalidQuantity(DomainError):
    code = "invalid_quantity"
    sentence = (
        "The quantity of {what} must be a Decimal from zero to below 10^14 with at most six decimals, "
        "but is {quantity!r}."
    )


def to_micro(quantity: Decimal | int, what: str) -> int:
    """A quantity, zero or more, in whole millionths.

    Raises InvalidQuantity for a negative, NaN, infinite, too large or too fine one, and for what is no
    Decimal or int (a float is refused: it is not the number that was meant).
    """
    number = Decimal(quantity) if type(quantity) is int else quantity
    micro = scaled(number, 6) if type(number) is Decimal else None
    if micro is None or micro < 0:
        raise InvalidQuantity(what=what, quantity=quantity)
    return micro


def scaled(number: Decimal, places: int) -> int | None:
    """number × 10^places where that is a whole number; None where it is not, or has too many digits."""
    if type(number) is not Decimal or not number.is_finite() or number.adjusted() >= _DIGITS:
        return None
    try:
        moved = number.scaleb(places, EXACT)
    except Inexact:  # more digits than a quantity can have
        return None
    whole = int(moved)
    return whole if whole == moved else None


def from_micro(micro: int, factor: int = 1) -> Decimal:
    """Millionths of a base unit as a Decimal count of units of `factor` base units each,
    with no trailing zeros.

    from_micro(500_000_000_000, 1000) is Decimal("500"). Raises decimal.Inexact where the result has no end:
    the registry of kinds holds only factors that are powers of ten.
    """
    whole, rest = divmod(micro, MICRO * factor)
    if not rest:
        return Decimal(whole)
    return EXACT.divide(Decimal(micro), Decimal(MICRO * factor)).normalize(EXACT)


def plain(quantity: Decimal) -> str:
    """A quantity as digits, without exponent and trailing zeros: how it stands in JSON and in a hash."""
    text = format(quantity, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
