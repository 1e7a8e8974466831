"""A sync stores exactly what there is: of every kind, of any number (SPEC 6)."""

from __future__ import annotations

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.syncing import Speed
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room, check_equal, check_log, check_projects

COUNTED_BESIDE = {"reserved_ip": "reserved_ipv6"}
"""Kinds of the sandbox that are one with another in the inventory."""


def check_counts(room: Room, count: int) -> None:
    """By the sandbox's own count, which is at least so many of each."""
    counts: dict[str, int] = room.cloud.door.get("/sandbox/account").json()
    living = [kind for kind, _ in room.living()]
    for kind in RESOURCE_KINDS:
        assert living.count(kind) == counts[kind] + counts.get(COUNTED_BESIDE.get(kind, ""), 0), kind
        assert counts[kind] >= count


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("count", [0, 1, 20, 21, 200, 201, 401])
def test_a_sync_stores_what_there_is_of_every_kind(room_on: OpenRoom, count: int) -> None:
    room = room_on(content.filled(count))
    synced = room.sync()
    assert [scope for scope in synced.scopes if not scope.settled] == []
    assert synced.complete
    check_counts(room, count)
    check_equal(room)
    check_projects(room)
    assert sum(scope.appeared for scope in synced.scopes) == len(room.stored())


def test_a_second_sync_finds_nothing_new(room_on: OpenRoom) -> None:
    room = room_on(content.filled(21))
    room.sync()
    first = room.stored()
    again = room.sync()
    assert again.complete
    found = [(s.appeared, s.changed, s.returned, s.disappeared, s.unconfirmed) for s in again.scopes]
    assert set(found) == {(0, 0, 0, 0, 0)}
    assert [row.id for row in room.stored()] == [row.id for row in first]
    assert all(row.last_seen > before.last_seen for row, before in zip(room.stored(), first, strict=True))
    check_log(room)


def test_a_fast_and_a_full_and_a_slow_sync_together_see_everything(room_on: OpenRoom) -> None:
    room = room_on(content.filled(3))
    for speed in (Speed.FAST, Speed.FULL, Speed.SLOW):
        synced = room.sync(speed)
        assert synced.complete
        assert {scope.kind for scope in synced.scopes} == set(speed.kinds)
        check_equal(room, speed.kinds)
    check_equal(room)


@pytest.mark.long
@pytest.mark.parametrize("server", ["embedded"], indirect=True)
def test_ten_thousand_of_every_kind(room_on: OpenRoom) -> None:
    room = room_on(content.filled(10_000))
    synced = room.sync()
    assert synced.complete
    check_counts(room, 10_000)
    check_equal(room)
    check_projects(room)
