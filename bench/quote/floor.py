"""The floor of a quote: whole numbers in, tuples out.

Does the sums that a quote needs, each rounded half up once, and nothing else: it makes no text, no Decimal
and no meta, checks nothing, and keeps nothing for a hash.
"""

from __future__ import annotations

from typing import NamedTuple

Row = tuple[str, str | None, int, str, int, int]
"""kind, resource kind, quantity in millionths of a base unit, unit, price of a unit, amount in cents."""

MICRO = 1_000_000


class Terms(NamedTuple):
    """A plan with addons, from a day of a month on: everything about a quote but the usage."""

    base: int
    addons: tuple[tuple[str, int, int], ...]
    """resource kind, millionths of a base unit, price"""
    items: tuple[tuple[str, int, int | None, str, int, int], ...]
    """resource kind, allowance and cap in millionths, unit, millionths in a unit, price of a unit"""
    days: int
    days_in_month: int


def quote_floor(terms: Terms, used: dict[str, int]) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of the full month, of the first invoice, and of overage. `used` is in millionths."""
    base, addons, items, days, in_month = terms
    twice = 2 * in_month
    month: list[Row] = [("plan_base", None, MICRO, "month", base, base)]
    first: list[Row] = [("plan_base", None, MICRO, "month", base, (2 * base * days + in_month) // twice)]
    lifts: dict[str, int] = {}
    for kind, qty, price in addons:
        month.append(("addon", kind, MICRO, "month", price, price))
        first.append(("addon", kind, MICRO, "month", price, (2 * price * days + in_month) // twice))
        lifts[kind] = lifts.get(kind, 0) + qty
    overage: list[Row] = []
    for kind, allowance, cap, unit, in_unit, price in items:
        billed = used.get(kind, 0) - allowance - lifts.get(kind, 0)
        if billed > 0:
            if cap is not None and billed > cap:
                billed = cap
            overage.append(
                ("overage", kind, billed, unit, price, (2 * billed * price + in_unit) // (2 * in_unit))
            )
    return month, first, overage
