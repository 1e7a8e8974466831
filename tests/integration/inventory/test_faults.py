"""Whatever breaks at whichever page: nothing alive is tombstoned, none is doubled, and the sync says it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_domain.cloud.inventory import RESOURCE_KINDS
from arcadia_domain.cloud.listing import Listing, SeenResource
from arcadia_domain.cloud.syncing import Speed, Synced
from arcadia_domain.ports.cloud_provider import CloudInventory, Take
from tests.clouds.running import NOW
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.faults import FAULTS, LISTS, PAGES, SHORT, Fault
from tests.integration.inventory.room import Key, Room, check_equal, check_log, there

MANY: Final = 401
"""Three pages."""
SPOILS_NOTHING: Final = "links"
"""The walk counts its pages itself."""


@dataclass(frozen=True)
class Case:
    """A fault, the page of the list on which it falls, and whether it goes away."""

    fault: Fault
    page: int
    passes: bool

    @property
    def hides(self) -> bool:
        """Shorter from its first page on, it is the whole list of a smaller account: what was known is looked
        up, and of what is new, nothing can be known.
        """
        return self.fault["fault"] == "shrink" and self.page == 1

    def __str__(self) -> str:
        return f"{self.fault} on page {self.page}, {'once' if self.passes else 'always'}"


CASES: Final = tuple(
    Case(fault, page, passes) for fault in FAULTS for page in PAGES for passes in (True, False)
)
SAMPLED: Final = ("droplet", "image", "database", "domain_record", "kubernetes_node_pool", "space")


def speed_of(kind: str) -> Speed:
    """A speed that lists the kind."""
    return Speed.SLOW if kind in Speed.SLOW.kinds else Speed.FULL


def room_with(room_on: OpenRoom, kind: str) -> Room:
    """A room on an account with three pages of a kind, all of it stored."""
    account = content.empty(SandboxClock(at=NOW))
    content.fill(account, kind, MANY)
    room = room_on(account)
    room.cloud.start_anew()
    assert room.sync().complete
    return room


def sync_under(room: Room, kind: str, case: Case) -> Synced:
    """One sync with the fault armed; afterwards it is not."""
    times = 1 if case.passes else None
    if case.fault["fault"] == "silence":
        room.cloud.start_anew(read=SHORT)
    room.cloud.fault(**case.fault, path=LISTS[kind], page=case.page, times=times)
    try:
        return room.sync(speed_of(kind))
    finally:
        room.cloud.door.delete("/sandbox/faults").raise_for_status()
        room.cloud.start_anew()  # a client that was told to wait obeys for an hour


def change(room: Room, kind: str) -> None:
    """Two of the kind are gone, of different pages, and two have come."""
    account = room.cloud.account
    own = account.kinds[kind]
    parent = next(iter(account.all(own.parent))) if own.parent else ""
    ids = [id for id, one in account.all(kind, parent).items() if not one.get("is_default")]
    for id in (ids[0], ids[-1]):
        account.remove(own, id, parent)
    content.fill(account, kind, 2)


def check_under(room: Room, kind: str, case: Case) -> None:
    """What must hold however the sync went, then a clean one."""
    before = set(room.living())
    change(room, kind)
    now = there(room.cloud.account)
    synced = sync_under(room, kind, case)
    keys: list[Key] = [(row.kind, row.provider_id) for row in room.stored()]
    assert len(keys) == len(set(keys)), case
    assert before & now <= room.living().keys(), f"{case}: alive, and tombstoned"
    assert room.living().keys() <= before | now, case
    scopes = [scope for scope in synced.scopes if scope.kind == kind]
    if all(scope.settled for scope in scopes):
        assert room.living().keys() & before == before & now, f"{case}: gone, and not looked up"
        if not case.hides:
            check_equal(room, [kind])
    assert all(scope.detail for scope in scopes if not scope.complete), case
    assert synced.complete is all(scope.settled for scope in synced.scopes), case
    if case.fault["fault"] == SPOILS_NOTHING:
        assert synced.complete, case
    assert room.sync(speed_of(kind)).complete, case
    check_equal(room, [kind])


@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("kind", SAMPLED)
def test_a_fault_on_a_page_of_a_list_spoils_no_row(room_on: OpenRoom, kind: str) -> None:
    room = room_with(room_on, kind)
    for case in random.Random(kind).sample(CASES, 12):
        check_under(room, kind, case)
    check_log(room)


@pytest.mark.long
@pytest.mark.parametrize("server", ["embedded"], indirect=True)
@pytest.mark.parametrize("kind", RESOURCE_KINDS)
def test_every_fault_on_every_page_of_every_list_spoils_no_row(room_on: OpenRoom, kind: str) -> None:
    room = room_with(room_on, kind)
    for case in CASES:
        check_under(room, kind, case)
    check_log(room)


@pytest.mark.parametrize("fault", [{"fault": "status", "status": 500}, {"fault": "truncate"}], ids=str)
def test_a_list_that_fails_half_way_says_what_it_could_not_see(room_on: OpenRoom, fault: Fault) -> None:
    room = room_with(room_on, "droplet")
    synced = sync_under(room, "droplet", Case(fault, 2, passes=False))
    (scope,) = (scope for scope in synced.scopes if scope.kind == "droplet")
    assert (synced.complete, scope.complete, scope.seen, scope.disappeared) == (False, False, 200, 0)
    assert scope.detail
    assert len(room.living()) == len(there(room.cloud.account))


def test_what_is_missing_and_cannot_be_looked_up_stays(room_on: OpenRoom) -> None:
    room = room_with(room_on, "droplet")
    change(room, "droplet")
    room.cloud.fault(fault="status", status=500, path="/v2/droplets/*", times=None)
    synced = room.sync(Speed.FAST)
    (scope,) = synced.scopes
    assert (synced.complete, scope.complete, scope.disappeared, scope.unconfirmed) == (False, True, 0, 2)
    assert room.tombstones() == set()
    room.cloud.door.delete("/sandbox/faults").raise_for_status()
    synced = room.sync(Speed.FAST)
    assert (synced.complete, synced.scopes[0].disappeared) == (True, 2)
    check_equal(room)
    assert len(room.tombstones()) == 2


@dataclass(frozen=True)
class Overlooking:
    """A provider one of whose lists leaves something out and is whole by every count: as when an object moves
    to a page that was read already, while another one comes.
    """

    provider: CloudInventory
    hidden: Key

    def list_resources(self, kind: str, take: Take) -> Sequence[Listing]:
        def hand_on(seen: Sequence[SeenResource]) -> None:
            take([one for one in seen if (one.kind, one.provider_id) != self.hidden])

        return self.provider.list_resources(kind, hand_on)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.provider, name)


def test_what_a_whole_list_leaves_out_is_looked_up_and_stays(room_on: OpenRoom) -> None:
    room = room_with(room_on, "volume")
    hidden = "volume", next(iter(room.cloud.account.all("volume")))
    synced = room.sync(Speed.FULL, Overlooking(room.cloud.client, hidden))
    (scope,) = (scope for scope in synced.scopes if scope.kind == "volume")
    assert (synced.complete, scope.disappeared, scope.unconfirmed) == (True, 0, 0)
    check_equal(room)
    room.cloud.account.remove(room.cloud.account.kinds["volume"], hidden[1])
    synced = room.sync(Speed.FULL, Overlooking(room.cloud.client, hidden))
    assert room.tombstones() == {hidden}
