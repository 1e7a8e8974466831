"""A name that no database stores spoils its own resource and no other (SPEC 6)."""

from __future__ import annotations

from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.syncing import Speed
from tests.clouds.running import NOW
from tests.integration.inventory.conftest import OpenRoom


@pytest.mark.parametrize("spoilt", [{"name": "nul\0byte"}, {"tags": ["\0"]}, {"features": ["\0"]}], ids=ascii)
def test_a_text_that_cannot_be_stored_ends_no_sync(room_on: OpenRoom, spoilt: dict[str, Any]) -> None:
    account = content.empty(SandboxClock(at=NOW))
    bad, *good = content.fill(account, "droplet", 3)
    room = room_on(account)
    assert room.sync(Speed.FAST).complete
    account.all("droplet")[bad].update(spoilt)
    account.all("droplet")[good[0]]["name"] = "better-\U0001f600"
    synced = room.sync(Speed.FAST)
    (scope,) = synced.scopes
    assert (synced.complete, scope.shortfall, scope.seen) == (False, Shortfall.UNREADABLE, 2)
    assert scope.detail == "1 on page 1 cannot be read: a text in it holds NUL, or half of a surrogate pair"
    names = {id: row.name for (_, id), row in room.living().items()}
    assert (len(names), names[good[0]]) == (3, "better-\U0001f600")
    assert room.cloud.client.look_up("droplet", good[1]) is not None
