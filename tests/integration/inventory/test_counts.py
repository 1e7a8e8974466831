"""`arcadia sync` stores exactly what there is: of every kind, of any number, at every speed (SPEC 6).

The command is a process of its own on a database and on the sandbox over a socket, whose answers are judged
by DigitalOcean's document. Where it would wait for its rate budget, from 200 of every kind on, the waits are
hastened: at 10,000 there are an hour and a half of them.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.syncing import Speed
from tests.clouds.running import TOKEN
from tests.integration.inventory.command import account_of, synced
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room, check_equal, check_log, check_projects

COUNTED_BESIDE = {"reserved_ip": "reserved_ipv6"}
"""Kinds of the sandbox that are one with another in the inventory."""
WITHOUT_WAITING = 100
"""A sync of fewer of every kind makes fewer calls than a minute allows."""
NOTHING_BEFORE = ("changed", "returned", "disappeared", "unconfirmed")

ALL = (Speed.ALL,)
EACH = (Speed.FAST, Speed.SLOW, Speed.FULL)
"""Together they see everything. The full one is last: it puts what is stored by then into the projects."""


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("count", [0, 1, 20, 200, 201, 401])
def test_a_sync_stores_what_there_is_of_every_kind(room_on: OpenRoom, count: int) -> None:
    check_commands(room_on(account_of(count)), count, ALL)


@pytest.mark.parametrize("speeds", [ALL, EACH], ids=" ".join)
def test_a_sync_of_a_page_and_one_stores_what_there_is_of_every_kind(
    room_on: OpenRoom, speeds: tuple[Speed, ...]
) -> None:
    """On every server."""
    check_commands(room_on(account_of(21)), 21, speeds)


@pytest.mark.long
@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("count", [0, 1, 20, 200, 201, 401])
def test_a_fast_and_a_slow_and_a_full_sync_together_store_what_there_is(
    room_on: OpenRoom, count: int
) -> None:
    check_commands(room_on(account_of(count)), count, EACH)


@pytest.mark.long
@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("speeds", [ALL, EACH], ids=" ".join)
def test_ten_thousand_of_every_kind(room_on: OpenRoom, speeds: tuple[Speed, ...]) -> None:
    """Every tenth exchange is judged: that of all would take longer than all else together."""
    check_commands(room_on(account_of(10_000), judged_every=10), 10_000, speeds)


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


def check_commands(room: Room, count: int, speeds: tuple[Speed, ...]) -> None:
    """A command of each speed, which together see everything, stores it and says what it stored."""
    appeared: Counter[str] = Counter()
    for speed in speeds:
        told = told_by_the_command(room, speed, hastened=count > WITHOUT_WAITING)
        assert told["complete"]
        assert {scope["kind"] for scope in told["scopes"]} == set(speed.kinds)
        for scope in told["scopes"]:
            assert scope["complete"], scope
            assert [scope[name] for name in NOTHING_BEFORE] == [0, 0, 0, 0], scope
            appeared[scope["kind"]] += scope["appeared"]
    check_counts(room, count, appeared)
    check_equal(room)
    check_projects(room)


def told_by_the_command(room: Room, speed: Speed, *, hastened: bool) -> dict[str, Any]:
    """What it says of a sync of that speed; without a word where that is its default."""
    done = synced(room, *(() if speed is Speed.ALL else ("--speed", speed)), hastened=hastened)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert hastened or "were waited" not in done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["speed"] == speed
    return told


def check_counts(room: Room, count: int, appeared: Counter[str]) -> None:
    """What the command said and what is stored are the sandbox's own count, at least so many of each."""
    counts: dict[str, int] = room.cloud.door.get("/sandbox/account").json()
    living = Counter(kind for kind, _ in room.living())
    for kind in RESOURCE_KINDS:
        assert counts[kind] >= count
        there = counts[kind] + counts.get(COUNTED_BESIDE.get(kind, ""), 0)
        assert (living[kind], appeared[kind]) == (there, there), kind
