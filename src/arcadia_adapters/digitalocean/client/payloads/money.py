"""Amounts, hours and instants of statements: read exactly, or refused. A statement is never guessed at."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_domain.errors import DomainError
from arcadia_domain.period import Period, parse_month
from arcadia_domain.quantity import EXACT

Amount = Any
"""Money as it is written: a string in DigitalOcean's document, perhaps a number."""

_AMOUNT = re.compile(r"(-?)\$?(-?)(\d{1,13})(?:\.(\d{1,12}))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,12})?", re.ASCII)


def amount(written: Amount) -> Decimal:
    """Dollars, exactly as written: 12.34, -12.34, $12.34, -$12.34 and $-12.34. Raises Unreadable."""
    found = _AMOUNT.fullmatch(_text(written))
    if found is None or (found[1] and found[2]):
        raise Unreadable("an amount is no amount")
    minus, whole, cents = found[1] or found[2], found[3], found[4]
    return EXACT.create_decimal(f"{minus}{whole}.{cents}" if cents else f"{minus}{whole}")


def hours(duration: Amount, unit: str | None) -> Decimal | None:
    """Hours, where the duration counts hours. Raises Unreadable."""
    if duration is None or duration == "" or (unit or "").lower() != "hours":
        return None
    if not _NUMBER.fullmatch(_text(duration)):
        raise Unreadable("a duration is no number")
    return EXACT.create_decimal(_text(duration))


def moment(text: str) -> datetime:
    """An instant in UTC. Raises Unreadable."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("an instant is no instant") from None
    if at.tzinfo is None:
        raise Unreadable("an instant has no time zone")
    return at.astimezone(UTC)


def moment_or_none(text: str | None) -> datetime | None:
    """The same where there may be none."""
    return moment(text) if text else None


def month(text: str) -> Period:
    """2026-04 as a month. Raises Unreadable."""
    try:
        return parse_month(text)
    except DomainError:
        raise Unreadable("a month is no month") from None


def _text(written: Amount) -> str:
    """A string or a number as its digits; anything else as what is neither."""
    return str(written) if type(written) in (str, int, Decimal) else ""
