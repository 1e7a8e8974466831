"""How amounts and quantities are written for people."""

from __future__ import annotations

from decimal import Decimal

from arcadia_domain.quantity import plain


def dollars(cents: int) -> str:
    """Cents as 1,234.56; a minus sign stands in front."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02}"


def quantity(qty: Decimal) -> str:
    """A quantity with thousands separated: 1,488 or 11.290323."""
    whole, dot, rest = plain(qty).partition(".")
    return f"{int(whole):,}{dot}{rest}"
