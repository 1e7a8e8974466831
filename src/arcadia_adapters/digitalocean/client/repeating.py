"""Whether a call is made again by itself, and after how long.

Owns the rule: what reads, replaces or removes may be repeated, because twice is as good as once. What makes
or starts something (POST) never is: a second droplet costs money.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from random import random

from arcadia_adapters.digitalocean.client.exchange import Answer, NoAnswer

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
TOO_MANY_REQUESTS = 429
_PASSING = frozenset({TOO_MANY_REQUESTS, 500, 502, 503, 504})
_FIRST, _LONGEST = 0.5, 20.0
_AT_REFUSED = 2
"""Attempts where nobody listens: once more, for a server that is just being started anew."""


def may_repeat(method: str) -> bool:
    """Whether sending it twice is as good as once."""
    return method in _REPEATABLE


def passes(answer: Answer | NoAnswer) -> bool:
    """Whether the same call may be answered better in a while."""
    return isinstance(answer, NoAnswer) or answer.status in _PASSING


def attempts_at(answer: Answer | NoAnswer, attempts: int) -> int:
    """How often the call is made in all, of so many attempts, where the last one came to this."""
    return min(attempts, _AT_REFUSED) if isinstance(answer, NoAnswer) and answer.refused else attempts


def pause(attempt: int, answer: Answer | NoAnswer, now: float, jitter: Callable[[], float] = random) -> float:
    """Seconds until the call may be made again, after so many attempts (from 1). `now` since 1970.

    Retry-After is obeyed; a 429 without it waits for ratelimit-reset; all else backs off, doubling, with
    jitter, so that many workers do not come back at once. Where nobody listens, there is nobody to spare.
    """
    if isinstance(answer, NoAnswer) and answer.refused:
        return _FIRST
    told = _told(answer, now) if isinstance(answer, Answer) else None
    return told if told is not None else min(_LONGEST, _FIRST * 2**attempt) * (1 + jitter()) / 2


def _told(answer: Answer, now: float) -> float | None:
    after = _retry_after(answer.headers.get("retry-after", ""), now)
    if after is None and answer.status == TOO_MANY_REQUESTS:
        reset = answer.headers.get("ratelimit-reset", "")
        after = float(reset) - now if _digits(reset) else None
    return None if after is None else max(1.0, after)


def _retry_after(text: str, now: float) -> float | None:
    """Seconds, of either form of the header; None where there is none that can be read."""
    if _digits(text):
        return float(text)
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
