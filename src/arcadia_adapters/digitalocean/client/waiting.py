"""Time as the client needs it: to date, to measure and to wait. Handed in, so that tests wait for nothing."""

from __future__ import annotations

import time
from typing import Protocol


class Waiting(Protocol):
    """A clock and a way to wait. All numbers are seconds."""

    def now(self) -> float:
        """Seconds since 1970, to compare with what the provider dates."""
        ...

    def elapsed(self) -> float:
        """Seconds of a clock that is never set back, to measure with."""
        ...

    def wait(self, seconds: float) -> None: ...


class SystemWaiting:
    """The clocks of this machine."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)
