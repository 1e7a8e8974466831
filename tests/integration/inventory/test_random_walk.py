"""Random accounts, faults and syncs: whenever a sync is complete, what is stored is what is there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.provider_errors import ProviderError
from arcadia_domain.cloud.syncing import Speed, Synced
from arcadia_domain.ports.cloud_provider import CloudInventory
from tests.clouds.running import NOW
from tests.integration.inventory.changes import Elsewhere
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.faults import FAULTS, LISTS, SHORT
from tests.integration.inventory.room import (
    Key,
    Room,
    Wrapped,
    check_equal,
    check_log,
    check_projects,
    there,
)

LONG_SEEDS: Final = range(100, 300)


@dataclass
class Walk:
    """One random walk. `rows` is the id of every row that ever was, by what it is of."""

    room: Room
    rng: random.Random
    elsewhere: Elsewhere
    rows: dict[Key, Any] = field(default_factory=dict)
    complete: int = 0
    incomplete: int = 0

    def go(self, steps: int) -> None:
        for _ in range(steps):
            for _ in range(self.rng.randint(0, 4)):
                self.elsewhere.change()
            faulty = self.rng.random() < 0.6
            moving = self.rng.random() < 0.2
            self.step(self.rng.choice(list(Speed)), faulty=faulty, moving=moving)
        self.step(Speed.ALL, faulty=False, moving=False)
        assert self.complete
        check_equal(self.room)
        check_projects(self.room)
        check_log(self.room)

    def step(self, speed: Speed, *, faulty: bool, moving: bool) -> None:
        """One sync, perhaps with faults, perhaps while the account changes; what must hold after any."""
        account = self.room.cloud.account
        before, there_before = set(self.room.living()), there(account)
        if faulty:
            self.arm(speed)
        ever, always = set(there_before), set(there_before)
        asked = iter(range(10**6))
        change_at = {self.rng.randrange(12) for _ in range(3)} if moving else set()

        def meanwhile(_: str) -> None:
            if next(asked) in change_at:
                self.elsewhere.change()
                # What comes and goes within a sync may have been seen; what goes and comes, buried.
                ever.update(there(account))
                always.intersection_update(there(account))

        synced = self.sync(speed, Wrapped(self.room.cloud.client, meanwhile))
        fired = self.disarm()
        always &= there(account)
        living = self.room.living().keys()
        assert before & always <= living, "alive all the time, and tombstoned"
        assert living <= before | ever
        self.check_rows()
        if synced is None:
            assert fired
            self.incomplete += 1
        else:
            self.check_verdict(synced, speed, moving=moving, fired=fired)

    def sync(self, speed: Speed, provider: CloudInventory) -> Synced | None:
        """None where it was not even learnt whose account it is: nothing is looked at then."""
        try:
            return self.room.sync(speed, provider)
        except ProviderError:
            return None

    def check_rows(self) -> None:
        """Nothing is doubled, and what returns is the row that it was."""
        rows = [((row.kind, row.provider_id), row.id) for row in self.room.stored()]
        assert len({key for key, _ in rows}) == len(rows)
        for key, id in rows:
            assert self.rows.setdefault(key, id) == id
        assert self.rows.keys() == {key for key, _ in rows}

    def check_verdict(self, synced: Synced, speed: Speed, *, moving: bool, fired: bool) -> None:
        assert synced.complete is all(scope.settled for scope in synced.scopes)
        assert synced.complete or fired or moving, synced
        if not synced.complete:
            self.incomplete += 1
        elif not moving:
            self.complete += 1
            check_equal(self.room, speed.kinds)

    def arm(self, speed: Speed) -> None:
        """Up to three faults, most of them on a list of that speed, some on whatever comes."""
        for _ in range(self.rng.randint(1, 3)):
            aimed = [LISTS[kind] for kind in speed.kinds]
            path = self.rng.choice([*aimed, *aimed, "/v2/*", "/v2/*/*", "/v2/actions"])
            how = {
                "path": path,
                "page": self.rng.choice([None, None, 1, 2]),
                "times": self.rng.choice([1, None, None]),
                "after": self.rng.choice([0, 0, 0, 0, 1]),
            }
            fault = self.rng.choice([fault for fault in FAULTS if fault.get("status") != 404])
            if fault["fault"] == "shrink":  # from its first page on, it is a whole list of a smaller account
                how["page"] = 2
            if fault["fault"] == "silence":
                self.room.cloud.start_anew(read=SHORT)
            self.room.cloud.fault(**fault, **how)

    def disarm(self) -> bool:
        """Whether anything may have gone wrong: a fault fell on a request, or patience was short."""
        armed = self.room.cloud.door.get("/sandbox/faults").json()["faults"]
        self.room.cloud.door.delete("/sandbox/faults").raise_for_status()
        self.room.cloud.start_anew()  # a client that was told to wait obeys for an hour
        return any(fault["fired"] or fault["fault"] == "silence" for fault in armed)


def walk(room_on: OpenRoom, seed: int, steps: int) -> Walk:
    account = content.empty(SandboxClock(at=NOW))
    rng = random.Random(seed)
    for kind in RESOURCE_KINDS:
        content.fill(account, kind, rng.choice((0, 1, 3, 21)))
    walked = Walk(room_on(account), rng, Elsewhere(rng, account))
    walked.go(steps)
    return walked


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_stored_is_what_is_there_whenever_a_sync_completes(room_on: OpenRoom, seed: int) -> None:
    walked = walk(room_on, seed, steps=25)
    assert walked.complete > 5
    assert walked.incomplete > 2


@pytest.mark.long
@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_the_same_over_many_walks(room_on: OpenRoom, seed: int) -> None:
    walk(room_on, seed, steps=60)
