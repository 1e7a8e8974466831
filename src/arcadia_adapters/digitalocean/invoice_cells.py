"""The typed cells of a DigitalOcean invoice: money, hours and instants as they are written in its CSV.

Owns how one cell is read. A file repeats its cells, so each text is read once and remembered. Where the cell
stood, and so the refusal with its line number, is invoice_csv's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from arcadia_domain.money import half_up
from arcadia_domain.period import FIRST_DAY, LAST_DAY
from arcadia_domain.quantity import MICRO, from_micro

_AMOUNT = re.compile(r"(-?)\$?(-?)(\d{1,13}|\d{1,3}(?:,\d{3}){1,3})\.(\d\d)", re.ASCII)
_HOURS = re.compile(r"(\d{1,9})(?:\.(\d{1,30}))?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = FIRST_DAY.year, LAST_DAY.year
_ONE_SECOND = timedelta(seconds=1)

T = TypeVar("T")


class Unreadable(Exception):
    """A cell that does not read as what its column holds."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class Cells(dict[str, T], Generic[T]):
    """The values of one column by their text. A text that was not met before is read; raises Unreadable."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        value = self[text] = self._read(text)
        return value


def cents(text: str) -> int:
    """Cents of $1.00, -$1.00, $-1.00, 1.00 or $1,234.56: two decimals, so that a cut amount does not pass."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Unreadable(text)
    before, after, whole, decimals = found.groups()
    if before and after:
        raise Unreadable(text)
    amount = int(whole.replace(",", "") + decimals)
    return -amount if before or after else amount


def hours(text: str) -> Decimal | None:
    """Whole or fractional hours, to the millionth; None for an empty cell."""
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise Unreadable(text)
    whole, decimals = found.groups(default="")
    return from_micro(half_up(int(whole + decimals) * MICRO, 10 ** len(decimals)))


def instant(text: str) -> datetime:
    """2026-04-01 00:00:00 +0000 as an instant in UTC, of a day that the billing calendar knows."""
    if text[19:] != " +0000" or (text[4:5] + text[7:8] + text[10:11] + text[13:14] + text[16:17]) != "-- ::":
        raise Unreadable(text)
    try:
        at = datetime.fromisoformat(text[:19] + "+00:00")
    except ValueError:
        raise Unreadable(text) from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Unreadable(text)
    return at


def end_instant(text: str) -> datetime:
    """The same for an end, which is exclusive: 23:59:59 stands for the midnight that follows."""
    at = instant(text)
    return at + _ONE_SECOND if text[11:19] == "23:59:59" else at
