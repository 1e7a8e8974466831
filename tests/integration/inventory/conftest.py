"""What tests of syncs ask for: `room_on(account)` opens a room on any account of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from arcadia_adapters.postgres.pools import Pools
from tests.integration.inventory.room import Room, room_of
from tests.integration.servers import Database

OpenRoom = Callable[..., Room]
"""Takes an account, and by name what `cloud_of` takes."""


@pytest.fixture
def room_on(database: Database, pools: Pools) -> Iterator[OpenRoom]:
    """Opens a room on an account; it is closed with the test."""
    with ExitStack() as stack:
        yield lambda account, **how: stack.enter_context(room_of(account, database, pools, **how))
