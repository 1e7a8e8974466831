"""`arcadia sync` as a process, set on a sandbox by its environment (SPEC 18)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean.client.access import SPACES_REGIONS
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from tests.clouds.running import TOKEN
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room, check_equal, check_projects

MANY = 21


@pytest.fixture
def room(room_on: OpenRoom) -> Room:
    """Some of every kind, at the machine's time; the buckets where DigitalOcean offers any."""
    account = content.filled(MANY, SandboxClock(SystemClock()))
    for n, space in enumerate(account.every("space")):
        space["region"] = SPACES_REGIONS[n % len(SPACES_REGIONS)]
    return room_on(account)


def synced(room: Room, *words: str) -> subprocess.CompletedProcess[str]:
    access, database = room.cloud.access, room.database
    assert access.spaces is not None
    settings = {
        "ARCADIA_DATABASE_URL": database.tenant_url,
        "ARCADIA_DATABASE_OPERATOR_URL": database.operator_url,
        "ARCADIA_DATABASE_GATEWAY_URL": database.gateway_url,
        "ARCADIA_DO_URL": access.url,
        "ARCADIA_DO_TOKEN": TOKEN,
        "ARCADIA_SPACES_KEY": access.spaces.key.reveal(),
        "ARCADIA_SPACES_SECRET": access.spaces.secret.reveal(),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("ARCADIA_")}
    return subprocess.run(
        [sys.executable, "-m", "arcadia_app", "sync", "--json", *words],
        env=others | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_stores_what_there_is_and_says_what_it_saw(room: Room) -> None:
    done = synced(room)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["complete"]
    seen = dict.fromkeys(RESOURCE_KINDS, 0)
    for scope in told["scopes"]:
        assert scope["complete"], scope
        seen[scope["kind"]] += scope["appeared"]
    living = [kind for kind, _ in room.living()]
    assert seen == {kind: living.count(kind) for kind in RESOURCE_KINDS}
    assert min(seen.values()) >= MANY
    check_equal(room)
    check_projects(room)
    assert TOKEN not in done.stdout + done.stderr


def test_the_command_exits_1_where_something_could_not_be_seen(room: Room) -> None:
    room.cloud.fault(fault="status", status=403, id="forbidden", path="/v2/volumes", times=None)
    done = synced(room, "--speed", "full")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert not told["complete"]
    (scope,) = (scope for scope in told["scopes"] if not scope["complete"])
    assert (scope["kind"], scope["shortfall"]) == ("volume", "failed")
    assert scope["detail"]
