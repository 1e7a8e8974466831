"""Locks between processes: a file each, let go by the system when their holder dies.

Owns nothing but the two ways to take one (flock(2), per open file, so threads count too).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def locked(path: Path, how: int) -> int:
    """Open `path` and wait for its lock; closing the number given back lets it go."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, how)
    except BaseException:
        os.close(fd)
        raise
    return fd


def lock_now(fd: int, how: int) -> bool:
    """Take the lock if that needs no waiting; whether it was taken."""
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
