"""The rate limits: so many requests a minute and an hour for each token, and fewer on some paths.

Owns the counting and what the headers say. The windows slide: ratelimit-reset is when the oldest request of
the hour is forgotten. Only a burst's 429 tells how long to wait (retry-after).
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from arcadia_adapters.digitalocean.sandbox.exchange import Answer

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_SHOWN_WITHOUT_LIMIT = 5000


_Window = tuple[str, int | None, timedelta]


@dataclass(slots=True)
class Limits:
    """How many requests are let through. None: any number.

    `paths` holds further limits, by the beginning of a path: so many requests in so many seconds.
    """

    per_minute: int | None = 250
    per_hour: int | None = 5000
    paths: dict[str, tuple[int, int]] = field(default_factory=lambda: {"/v2/cdn/endpoints": (5, 10)})
    _met: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    @classmethod
    def none(cls) -> Limits:
        """No limit at all."""
        return cls(per_minute=None, per_hour=None, paths={})

    def take(self, token: str, path: str, now: datetime) -> Answer | None:
        """Count a request; the 429 if it is one too many."""
        windows: list[_Window] = [
            (f"{token} minute", self.per_minute, MINUTE),
            (f"{token} hour", self.per_hour, HOUR),
        ]
        for start, (few, seconds) in self.paths.items():
            if path.startswith(start):
                windows.append((f"{token} {start}", few, timedelta(seconds=seconds)))
        for name, most, length in windows:
            met = self._met[name]
            while met and met[0] + length <= now:
                met.popleft()
            if most is not None and len(met) >= most:
                burst = length != HOUR
                wait = -((now - met[0] - length) // timedelta(seconds=1)) if met else 1
                return too_many(retry_after=wait if burst else None)
        for name, _, _ in windows:
            self._met[name].append(now)
        return None

    def headers(self, token: str, now: datetime) -> dict[str, str]:
        """The headers of every answer: they speak of the hour."""
        met = self._met[f"{token} hour"]
        most = _SHOWN_WITHOUT_LIMIT if self.per_hour is None else self.per_hour
        reset = (met[0] if met else now) + HOUR
        return {
            "ratelimit-limit": str(most),
            "ratelimit-remaining": str(max(most - len(met), 0) if self.per_hour is not None else most - 1),
            "ratelimit-reset": str(int(reset.timestamp())),
        }

    def forget(self) -> None:
        """Start counting anew."""
        self._met.clear()


def too_many(retry_after: int | None) -> Answer:
    """The 429."""
    body = {"id": "too_many_requests", "message": "API rate limit exceeded."}
    return Answer(429, body, {} if retry_after is None else {"retry-after": str(retry_after)})
