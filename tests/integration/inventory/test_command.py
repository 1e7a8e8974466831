"""What `arcadia sync` says and how it exits where not all was seen. What it stores is in test_counts."""

from __future__ import annotations

import json

from tests.integration.inventory.command import account_of, synced
from tests.integration.inventory.conftest import OpenRoom


def test_the_command_exits_1_where_something_could_not_be_seen(room_on: OpenRoom) -> None:
    room = room_on(account_of(21))
    room.cloud.fault(fault="status", status=403, id="forbidden", path="/v2/volumes", times=None)
    done = synced(room, "--speed", "full")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert not told["complete"]
    (scope,) = (scope for scope in told["scopes"] if not scope["complete"])
    assert (scope["kind"], scope["shortfall"]) == ("volume", "failed")
    assert scope["detail"]
