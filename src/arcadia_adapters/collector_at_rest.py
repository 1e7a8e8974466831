"""The cyclic garbage collector at rest, while many objects are made that hold no cycle.

Owns the switch, which is the whole process's: for moments, never while somebody outside is waited for.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """It would look through all of the new objects, many times, in vain; and through the whole program."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
