"""Time for tests of the client: it passes only while somebody waits, and every wait is written down."""

from __future__ import annotations

import threading

START = 1_775_000_000.0


class Waits:
    """A Waiting whose clocks stand still but for the waits."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self._passed = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return START + self._passed

    def elapsed(self) -> float:
        return 1000.0 + self._passed

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waited.append(seconds)
            self._passed += seconds

    def pass_(self, seconds: float) -> None:
        """Let time go by, without anybody waiting."""
        self._passed += seconds
