"""The rate budget: how many calls we may still make, known before the provider has to say no.

Owns the counting, ahead of the call, and the waiting for a place; shared by all threads of a process. Other
processes with the same token are known by what the provider says is left. What a refusal means is calls'.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

from attrs import frozen

from arcadia_adapters.digitalocean.client.access import Limits
from arcadia_adapters.digitalocean.client.waiting import Waiting

_MARGIN = 0.5
"""Seconds added to every window: two clocks and a wire lie between our count and the provider's."""
_SLOWLY = 1.0
"""Seconds between calls when the hour is used up: places come back one by one, as old calls expire."""
_NARROW = {"/v2/cdn/endpoints": (5, 10.0), "/v2/account/keys": (10, 60.0)}
"""Paths with a limit of their own: calls, seconds."""


@frozen(kw_only=True)
class BudgetState:
    """The budget as numbers, for a metric. `reset_at`: when the hour has a place again (seconds since 1970),
    None where it has one now.
    """

    per_minute: int
    minute_left: int
    per_hour: int
    hour_left: int
    reset_at: float | None
    waited: float
    """Seconds that calls have waited for a place, in all."""


class NoPlace(Exception):
    """A place would take longer to come than we wait. `at` is when it comes, in seconds since 1970."""

    def __init__(self, at: float) -> None:
        self.at = at
        super().__init__(at)


class _Window:
    """At most `limit` calls in any `seconds`. Places are times on the elapsed clock, also ahead of now."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self._seconds = seconds + _MARGIN
        self._places: list[float] = []

    def next_place(self, at: float, now: float) -> float:
        """The first time, `at` or later, that has a place."""
        del self._places[: bisect_right(self._places, now - self._seconds)]
        full = len(self._places) - self.limit
        return at if full < 0 else max(at, self._places[full] + self._seconds)

    def take(self, at: float) -> None:
        insort(self._places, at)

    def left(self, now: float) -> int:
        used = len(self._places) - bisect_right(self._places, now - self._seconds)
        return max(0, self.limit - used)


class Budget:
    """Places for calls. `place` waits for one; `learn` takes in what an answer says."""

    def __init__(self, limits: Limits, waiting: Waiting) -> None:
        self._waiting = waiting
        self._patience = limits.patience
        self._lock = Lock()
        self._minute = _Window(limits.calls_per_minute, 60.0)
        self._hour = _Window(limits.calls_per_hour, 3600.0)
        self._narrow = {path: _Window(*narrow) for path, narrow in _NARROW.items()}
        self._held_until = 0.0
        self._told_limit: int | None = None
        self._told_left: int | None = None
        self._told_reset = 0.0
        self._under_way = 0
        self._waited = 0.0

    @contextmanager
    def place(self, path: str) -> Iterator[None]:
        """Wait for a place for one call, and hold it while the call is under way. Raises NoPlace."""
        seconds = self._reserve(path)
        try:
            if seconds > 0:
                self._waiting.wait(seconds)
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in the provider's own count of the hour, which knows of other processes too."""
        limit, left, reset = (_number(headers.get(f"ratelimit-{name}")) for name in _HEADERS)
        if left is None:
            return
        with self._lock:
            self._told_limit = limit
            # Those under way are not counted in it yet: this call's own place is one of them.
            self._told_left = max(0, left - max(0, self._under_way - 1))
            self._told_reset = self._on_elapsed(reset) if reset is not None else 0.0

    def hold(self, seconds: float) -> None:
        """Let no call begin before these seconds are over: the provider said so."""
        with self._lock:
            self._held_until = max(self._held_until, self._waiting.elapsed() + seconds)

    def state(self) -> BudgetState:
        """How things stand now."""
        with self._lock:
            now = self._waiting.elapsed()
            left = self._hour.left(now) if self._told_left is None else self._told_left
            begins = max(self._held_until, self._told_reset if self._told_left == 0 else 0.0)
            return BudgetState(
                per_minute=self._minute.limit,
                minute_left=self._minute.left(now),
                per_hour=self._told_limit or self._hour.limit,
                hour_left=left,
                reset_at=self._on_calendar(begins) if begins > now else None,
                waited=self._waited,
            )

    def _reserve(self, path: str) -> float:
        with self._lock:
            now = self._waiting.elapsed()
            at = max(now, self._held_until, self._told_reset if self._told_left == 0 else now)
            windows = [self._minute, *self._narrow_of(path)]
            if self._told_left is None:
                windows.append(self._hour)
            at = max(window.next_place(at, now) for window in windows)
            if at - now > self._patience:
                raise NoPlace(self._on_calendar(at))
            for window in windows:
                window.take(at)
            self._count(at)
            self._under_way += 1
            self._waited += at - now
            return at - now

    def _count(self, at: float) -> None:
        if self._told_left == 0:
            self._told_reset = at + _SLOWLY
        elif self._told_left is not None:
            self._told_left -= 1

    def _narrow_of(self, path: str) -> Iterator[_Window]:
        return (window for prefix, window in self._narrow.items() if path.startswith(prefix))

    def _on_elapsed(self, calendar: float) -> float:
        return self._waiting.elapsed() + (calendar - self._waiting.now())

    def _on_calendar(self, elapsed: float) -> float:
        return self._waiting.now() + (elapsed - self._waiting.elapsed())


_HEADERS = ("limit", "remaining", "reset")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None
