"""Two syncs at once, and one that dies on the way: the end is the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_domain.cloud.syncing import Speed, Synced
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room, Wrapped, check_equal, check_log, check_projects
from tests.unit.adapters.digitalocean.waits import Waits

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60


class Killed(BaseException):
    """Nobody catches it, as nobody catches the end of a process."""


def together(room: Room, *speeds: Speed) -> list[Synced]:
    """So many syncs at once, each with a client of its own, all begun before any has asked for anything."""
    begun = threading.Barrier(len(speeds))

    def one(speed: Speed) -> Synced:
        first = iter([True])
        with DigitalOceanClient(room.cloud.access, Waits()) as client:
            return room.sync(speed, Wrapped(client, lambda _: next(first, False) and begun.wait(PATIENCE)))

    with ThreadPoolExecutor(len(speeds)) as pool:
        return list(pool.map(one, speeds))


def changed(room: Room) -> None:
    """Some of everything goes, comes, and is named otherwise."""
    account = room.cloud.account
    for kind in ("droplet", "volume", "domain", "image", "registry"):
        content.fill(account, kind, 2)
        ids = list(account.all(kind))
        account.remove(account.kinds[kind], ids[0])
        if account.kinds[kind].key != "name":
            account.all(kind)[ids[1]]["name"] = "named-otherwise"


@pytest.mark.parametrize("speeds", [(Speed.ALL, Speed.ALL), (Speed.FAST, Speed.FULL, Speed.SLOW)], ids=str)
def test_syncs_at_once_come_to_what_one_comes_to(room_on: OpenRoom, speeds: tuple[Speed, ...]) -> None:
    account = content.filled(21)
    content.fill(account, "droplet", 400)  # several pages, so that two looks meet within a kind
    room = room_on(account)
    for _ in range(3):
        assert all(synced.complete for synced in together(room, *speeds))
        check_equal(room)
        check_log(room)
        changed(room)
    assert room.sync().complete
    check_equal(room)
    check_projects(room)
    check_log(room)


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("at", [1, 2, 9, 20, 27])
def test_a_sync_that_dies_on_the_way_is_done_by_the_next(room_on: OpenRoom, at: int) -> None:
    room = room_on(content.filled(21))
    assert room.sync().complete
    changed(room)
    questions = iter(range(1, 10**6))

    def die(_: str) -> None:
        if next(questions) == at:
            raise Killed

    with pytest.raises(Killed):
        room.sync(provider=Wrapped(room.cloud.client, die))
    before = room.tombstones()
    synced = room.sync()
    assert synced.complete
    assert before <= room.tombstones()
    check_equal(room)
    check_projects(room)
    check_log(room)


def test_a_sync_whose_process_is_killed_is_done_by_the_next(room_on: OpenRoom) -> None:
    account = content.filled(21)
    content.fill(account, "volume", 400)
    room = room_on(account)
    killed_when(room, lambda: len(room.cloud.door.get("/sandbox/requests").json()["requests"]) > 20)
    (begun,) = room.query("SELECT complete, finished_at FROM sync_runs")
    assert begun == (None, None)
    assert len(room.stored()) > 0
    assert room.sync().complete
    check_equal(room)
    check_log(room)


def killed_when(room: Room, far_enough: Callable[[], bool]) -> None:
    """Another process syncs, and is killed as kill -9 does."""
    database, access, clock = room.database, room.cloud.access, room.cloud.account.clock
    assert access.spaces is not None
    urls = (database.tenant_url, database.operator_url, database.gateway_url, access.url)
    words = (*urls, access.spaces.key.reveal(), clock.now().isoformat(), "all")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.inventory.syncing_process", *words],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    ) as process:
        try:
            while not far_enough():
                assert process.poll() is None, "it was done, or failed, before it could be killed"
        finally:
            process.kill()
    clock.advance(timedelta(hours=1))  # its own was ahead by as many milliseconds as it had asked
