"""Whose turn it is to write to an account's inventory: syncs take it before anything else (SPEC 6).

Owns the one order of locks: whoever has the turn may write to rows in any order. A turn lasts for one page,
not for a sync.
"""

from __future__ import annotations

import hashlib
from typing import Final

import sqlalchemy as sa

# Nothing waits for the disk at each page: what a crash takes back the next sync sees again. The end of a sync
# is durable, and with it all that came before.
_TAKE_TURN: Final = sa.text(
    "SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(:account)"
)


def take_turn(connection: sa.Connection, account: str) -> None:
    """Wait until no other transaction of a sync writes to the account's inventory."""
    named = hashlib.sha256(f"sync\0{account}".encode()).digest()
    connection.execute(_TAKE_TURN, {"account": int.from_bytes(named[:8], "big", signed=True)})
