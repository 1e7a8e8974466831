"""A store holds one account of the provider: another one's token changes nothing in it (SPEC 6)."""

from __future__ import annotations

import pytest

from arcadia_adapters.digitalocean.sample.account import sample_resources
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_app.use_cases.cloud.same_account import AccountMismatch
from arcadia_domain.cloud.syncing import Speed
from tests.clouds.connected import cloud_of
from tests.clouds.running import NOW
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import ACCOUNT, check_equal
from tests.world import OLGA


def test_the_account_of_another_token_buries_nothing(room_on: OpenRoom) -> None:
    room = room_on(content.filled(3))
    room.sync(Speed.FULL)
    before = room.stored()
    other = content.empty(SandboxClock(at=NOW))
    other.record["team"] = {"uuid": "0123456789", "name": "Others"}
    with cloud_of(other) as cloud, pytest.raises(AccountMismatch, match="is of the account 0123456789"):
        room.sync(Speed.FULL, cloud.client)
    assert room.stored() == before
    assert room.query("SELECT count(*) FROM sync_runs") == [(1,)]
    assert room.sync(Speed.FULL).complete


def test_an_account_without_a_team_is_known_by_its_user(room_on: OpenRoom) -> None:
    room = room_on(content.empty(SandboxClock(at=NOW)))
    del room.cloud.account.record["team"]
    room.sync(Speed.FAST)
    user = room.cloud.account.record["uuid"]
    assert room.query("SELECT account, identity FROM cloud_accounts") == [(ACCOUNT, user)]


def test_the_sample_is_what_the_first_sync_sees(room_on: OpenRoom) -> None:
    room = room_on(content.sample(SandboxClock(at=NOW)))
    now = room.clock.now()
    with room.transactions.begin(OLGA) as work:
        seen = sample_resources(work.new_id, now)
        record_inventory(work, OLGA, account=ACCOUNT, seen=seen, now=now)
    (scope,) = room.sync(Speed.FAST).scopes
    assert (scope.seen, scope.appeared, scope.changed) == (len(seen), 0, 0)
    check_equal(room, ["droplet"])
