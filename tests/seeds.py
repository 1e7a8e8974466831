"""The seed of a test that draws lots: told, so that what it found can be run again."""

from __future__ import annotations

import os
from random import SystemRandom


def seed() -> int:
    """That of ARCADIA_TEST_SEED, or a new one; printed."""
    named = os.environ.get("ARCADIA_TEST_SEED")
    drawn = SystemRandom().randrange(2**32) if named is None else int(named)
    print(f"ARCADIA_TEST_SEED={drawn}")
    return drawn
