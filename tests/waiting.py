"""Waiting for what another process does: a look now and then, and an end to the patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import Final

PATIENCE: Final = 60
"""Seconds until a test that hangs is a test that fails."""


def until(
    is_so: Callable[[], object],
    what: Callable[[], object] = lambda: None,
    *,
    patience: float = PATIENCE,
    pause: float = 0.05,
) -> None:
    """Look every `pause` seconds until it is so. Fails after `patience` seconds, with what there is then."""
    deadline, nothing = time.monotonic() + patience, Event()
    while not is_so():
        assert time.monotonic() < deadline, what()
        nothing.wait(pause)
