"""sync_inventory: what is stored is what runs at the provider, and what could not be seen is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from arcadia_app.use_cases.cloud import sync_run
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.cloud.actions import Action, ActionStatus
from arcadia_domain.cloud.inventory import RESOURCE_KINDS, CloudResource
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.orders import ProjectMember
from arcadia_domain.cloud.provider_errors import (
    ProviderFailed,
    ProviderUnauthorized,
    ProviderUnreachable,
)
from arcadia_domain.cloud.syncing import Speed, Synced, SyncedScope
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.cloud_provider import Take
from tests.fakes.cloud_inventory import FakeCloudInventory
from tests.fakes.transactions import FakeTransactions, FakeWork
from tests.held import LONG_AGO
from tests.world import ANN, NOW, OLGA, deployed

ACCOUNT = "digitalocean"


class Ticking:
    """A second later every time somebody asks."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class OneAtATime(FakeTransactions):
    """A store that knows whether a transaction is open."""

    open_now = False

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[FakeWork]:
        self.open_now = True
        with super().begin(principal) as work:
            yield work
        self.open_now = False


class Outside(FakeCloudInventory):
    """A provider that is never to be asked within a transaction."""

    store: OneAtATime

    def __getattribute__(self, name: str) -> Any:
        if name in {"account_identity", "list_resources", "look_up", "list_members", "recent_actions"}:
            assert not self.store.open_now, name
        return super().__getattribute__(name)


@pytest.fixture
def store() -> OneAtATime:
    return OneAtATime()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def cloud(store: OneAtATime) -> Outside:
    """Five droplets, and one of every other kind."""
    found = Outside([droplet(number) for number in range(5)])
    found.there += [seen(kind) for kind in RESOURCE_KINDS if kind != "droplet"]
    found.store = store
    return found


@pytest.fixture
def sync(store: OneAtATime, cloud: Outside, clock: Ticking) -> Any:
    def one(speed: Speed = Speed.ALL, by: Principal = OLGA, **told: Any) -> Synced:
        return sync_inventory(store, cloud, by, account=ACCOUNT, speed=speed, clock=clock, **told)

    return one


def seen(kind: str, provider_id: str = "1", **facts: Any) -> SeenResource:
    return SeenResource(kind=kind, provider_id=provider_id, name=f"{kind}-{provider_id}", **facts)


def droplet(number: int, **facts: Any) -> SeenResource:
    told = {"size_slug": "s-1vcpu-1gb", "created_at": LONG_AGO, **facts}
    return seen("droplet", str(number), **told)


def failed(kind: type[ProviderFailed | ProviderUnreachable | ProviderUnauthorized]) -> Any:
    return kind(call="GET /v2/droplets", message="no")


def scope_of(synced: Synced, kind: str) -> SyncedScope:
    (scope,) = (scope for scope in synced.scopes if scope.kind == kind)
    return scope


def rows(store: FakeTransactions, kind: str = "droplet") -> dict[str, CloudResource]:
    return {one.provider_id: one for one in store.state.resources.values() if one.kind == kind}


def gone(store: FakeTransactions, kind: str = "droplet") -> set[str]:
    return {one.provider_id for one in rows(store, kind).values() if one.deleted_at is not None}


def test_everything_of_every_kind_is_stored_and_counted(sync: Any, store: OneAtATime, cloud: Outside) -> None:
    synced = sync()
    assert {(one.kind, one.provider_id) for one in store.state.resources.values()} == {
        (one.kind, one.provider_id) for one in cloud.there
    }
    assert (synced.complete, synced.fell_short, synced.warnings) == (True, False, ())
    assert [scope.kind for scope in synced.scopes] == sorted(RESOURCE_KINDS)
    droplets = scope_of(synced, "droplet")
    assert (droplets.seen, droplets.total, droplets.appeared) == (5, 5, 5)
    assert store.state.syncs[synced.sync_id] == synced
    assert synced.started_at < synced.finished_at


def test_a_sync_is_told_of_while_it_runs(sync: Any, store: OneAtATime) -> None:
    told: list[tuple[str, int, int]] = []
    running: list[Synced] = []

    def progress(kind: str, done: int, total: int) -> None:
        told.append((kind, done, total))
        running[:] = store.state.syncs.values()

    sync(Speed.SLOW, progress=progress)
    assert [done for _, done, _ in told] == [0, 1, 2, 3]
    assert {kind for kind, _, total in told if total == 4} == set(Speed.SLOW.kinds)
    assert [(one.finished_at, one.complete, one.speed) for one in running] == [(None, None, Speed.SLOW)]


def test_the_same_again_changes_nothing_but_the_last_look(sync: Any, store: OneAtATime) -> None:
    first = sync()
    before = dict(store.state.resources)
    synced = sync()
    assert {(s.appeared, s.changed, s.returned, s.disappeared) for s in synced.scopes} == {(0, 0, 0, 0)}
    for resource_id, was in before.items():
        now = store.state.resources[resource_id]
        assert now.last_seen > first.finished_at > was.last_seen
        assert replace(now, last_seen=was.last_seen) == was


def test_what_is_gone_is_tombstoned_once_it_was_looked_up(
    sync: Any, store: OneAtATime, cloud: Outside, clock: Ticking
) -> None:
    sync()
    cloud.there.remove(droplet(3))
    cloud.hidden.add("4")  # the list does not show it, and it is there
    droplets = scope_of(sync(), "droplet")
    assert (droplets.disappeared, droplets.unconfirmed) == (1, 0)
    assert sorted(cloud.looked_up) == ["3", "4"]
    assert gone(store) == {"3"}
    died = rows(store)["3"].deleted_at
    assert died is not None
    assert NOW < died < clock.at


def test_what_comes_back_is_the_same_row(sync: Any, store: OneAtATime, cloud: Outside) -> None:
    sync()
    cloud.there.remove(droplet(3))
    sync()
    was = rows(store)["3"].id
    cloud.there.append(droplet(3))
    assert scope_of(sync(), "droplet").returned == 1
    assert (rows(store)["3"].id, gone(store)) == (was, set())


@pytest.mark.parametrize("shortfall", [one for one in Shortfall if one is not Shortfall.NOT_ASKED])
def test_a_list_that_is_not_whole_ends_nothing(
    sync: Any, store: OneAtATime, cloud: Outside, shortfall: Shortfall
) -> None:
    sync()
    cloud.there.remove(droplet(3))
    cloud.short["droplet"] = shortfall
    synced = sync()
    scope = scope_of(synced, "droplet")
    assert (synced.complete, synced.fell_short, scope.complete) == (False, True, False)
    assert (scope.shortfall, scope.detail) == (shortfall, "droplet fell short")
    assert (cloud.looked_up, gone(store)) == ([], set())


def test_a_kind_that_was_not_asked_for_is_said_and_is_no_fault(
    sync: Any, store: OneAtATime, cloud: Outside
) -> None:
    sync()
    cloud.there.remove(seen("space"))
    cloud.short["space"] = Shortfall.NOT_ASKED
    synced = sync()
    assert (synced.complete, synced.fell_short) == (False, False)
    assert gone(store, "space") == set()


def test_what_cannot_be_looked_up_stays_missing(sync: Any, store: OneAtATime, cloud: Outside) -> None:
    sync()
    cloud.there = [one for one in cloud.there if one.kind != "droplet"]
    cloud.unfound["1"] = failed(ProviderFailed)
    synced = sync()
    scope = scope_of(synced, "droplet")
    assert (scope.disappeared, scope.unconfirmed, synced.complete, synced.fell_short) == (4, 1, False, True)
    assert "1 of the kind droplet" in synced.warnings[0]
    assert gone(store) == {"0", "2", "3", "4"}
    del cloud.unfound["1"]
    missing_since = store.state.sightings[rows(store)["1"].id].missing_since
    assert sync().complete
    assert rows(store)["1"].deleted_at == missing_since


def test_where_the_provider_cannot_be_reached_nobody_asks_on(sync: Any, cloud: Outside) -> None:
    sync()
    cloud.there = [one for one in cloud.there if one.kind != "droplet"]
    cloud.unfound = {str(number): failed(ProviderUnreachable) for number in range(5)}
    assert scope_of(sync(), "droplet").unconfirmed == 5
    assert len(cloud.looked_up) == 1


def test_one_sync_looks_up_so_many_and_leaves_the_rest_to_the_next(
    sync: Any, store: OneAtATime, cloud: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = sync_run.LOOK_UPS + 7
    cloud.there += [seen("volume", str(number)) for number in range(2, many + 2)]
    sync()
    cloud.there = [one for one in cloud.there if one.kind not in ("volume", "vpc")]
    synced = sync()
    assert len(cloud.looked_up) == sync_run.LOOK_UPS
    volumes = scope_of(synced, "volume")
    assert (volumes.disappeared, volumes.unconfirmed) == (sync_run.LOOK_UPS, 8)
    assert (scope_of(synced, "vpc").unconfirmed, synced.complete) == (1, False)
    assert sync().complete
    assert len(gone(store, "volume")) == many + 1


def an_action(type: str, resource_id: str, completed_at: datetime) -> Action:
    return Action(
        id=f"{type}-{resource_id}",
        type=type,
        status=ActionStatus.COMPLETED,
        resource_type="droplet",
        resource_id=resource_id,
        completed_at=completed_at,
    )


def test_a_droplet_ended_when_its_destroy_did(
    sync: Any, store: OneAtATime, cloud: Outside, clock: Ticking
) -> None:
    sync()
    cloud.there.remove(droplet(3))
    ended = clock.now()
    cloud.actions = [an_action("destroy", "3", ended)]
    clock.now()
    sync(Speed.FAST)
    assert rows(store)["3"].deleted_at == ended


def test_a_resized_droplet_counts_by_its_size_from_the_end_of_the_resize(
    sync: Any, store: OneAtATime, cloud: Outside, clock: Ticking
) -> None:
    sync(Speed.FAST)
    cloud.there[0] = replace(cloud.there[0], size_slug="s-2vcpu-2gb")
    ended = clock.now()
    cloud.actions = [an_action("resize", "0", ended)]
    sync(Speed.FAST)
    changes = store.state.rate_changes[rows(store)["0"].id]
    assert [(change.from_at, list(change.rates)) for change in changes] == [
        (LONG_AGO, ["droplet_hours:s-1vcpu-1gb"]),
        (ended, ["droplet_hours:s-2vcpu-2gb"]),
    ]


def test_actions_are_asked_for_since_a_day_before_the_last_look(sync: Any, cloud: Outside) -> None:
    first = sync(Speed.FAST)
    assert cloud.asked_since == []  # nothing was known that could have ended
    sync(Speed.FAST)
    [since] = cloud.asked_since
    assert timedelta(hours=24) < first.finished_at - since < timedelta(hours=24, minutes=1)


def test_what_can_never_be_looked_up_is_no_reason_to_read_old_actions(
    sync: Any, cloud: Outside, clock: Ticking
) -> None:
    sync(Speed.FAST)
    cloud.there.remove(droplet(3))
    cloud.unfound["3"] = failed(ProviderFailed)
    for _ in range(9):
        clock.at += timedelta(days=1)
        sync(Speed.FAST)
    assert clock.at - cloud.asked_since[-1] < timedelta(days=4, minutes=1)
    clock.at += timedelta(days=9)  # nobody looked meanwhile, at anything
    sync(Speed.FAST)
    assert clock.at - cloud.asked_since[-1] > timedelta(days=10)


def test_what_a_clock_that_ran_ahead_stored_is_said_and_makes_no_sync_complete(
    sync: Any, store: OneAtATime, cloud: Outside, clock: Ticking
) -> None:
    clock.at += timedelta(days=365)
    sync(Speed.FAST)
    clock.at -= timedelta(days=365)
    before = rows(store)
    cloud.there = [droplet(0, status="off"), droplet(9)]
    synced = sync(Speed.FAST)
    scope = scope_of(synced, "droplet")
    assert (synced.complete, synced.fell_short, scope.shortfall) == (False, True, Shortfall.AHEAD)
    assert scope.detail == "5 were last seen after this sync ended: a clock ran ahead"
    assert scope.detail in synced.warnings[0]
    assert {key: row for key, row in rows(store).items() if key != "9"} == before
    assert max(cloud.asked_since, default=clock.at) <= clock.at
    clock.at += timedelta(days=366)
    assert sync(Speed.FAST).complete


@dataclass
class ByRegion(Outside):
    """Spaces are listed by region."""

    regions: tuple[str, ...] = ("ams3", "nyc3")

    def list_resources(self, kind: str, take: Take) -> Sequence[Listing]:
        if kind != "space":
            return super().list_resources(kind, take)
        take([one for one in self.there if one.kind == kind and one.region in self.regions])
        return [Listing(kind=kind, region=region) for region in self.regions]


def test_a_region_that_is_no_longer_asked_is_said_and_nothing_of_it_ends(
    store: OneAtATime, clock: Ticking
) -> None:
    spaces = [seen("space", f"{region}/files", region=region) for region in ("ams3", "nyc3")]
    cloud = ByRegion(list(spaces))
    cloud.store = store

    def sync() -> list[SyncedScope]:
        told = sync_inventory(store, cloud, OLGA, account=ACCOUNT, speed=Speed.SLOW, clock=clock)
        scopes = [scope for scope in told.scopes if scope.kind == "space"]
        assert told.complete is all(scope.settled for scope in scopes)
        return scopes

    assert [scope.complete for scope in sync()] == [True, True]
    cloud.regions, cloud.there = ("nyc3",), []
    left, asked = sync()
    assert (left.region, left.shortfall, left.disappeared) == ("ams3", Shortfall.NOT_ASKED, 0)
    assert left.detail == "the region is not among those that are asked"
    assert (asked.region, asked.complete, asked.disappeared) == ("nyc3", True, 1)
    assert gone(store, "space") == {"nyc3/files"}
    cloud.regions = ()
    assert [scope.shortfall for scope in sync()] == [Shortfall.NOT_ASKED]


def test_without_the_actions_a_sync_goes_by_its_own_looks(
    sync: Any, store: OneAtATime, cloud: Outside
) -> None:
    sync()
    cloud.there.remove(droplet(3))
    cloud.actions = failed(ProviderFailed)
    synced = sync()
    assert synced.complete
    assert [warning.partition(":")[0] for warning in synced.warnings] == [
        "When resources were resized or destroyed is taken from our looks"
    ]
    assert gone(store) == {"3"}


@pytest.mark.parametrize("where", ["list", "look_up", "actions"])
def test_a_token_that_is_not_accepted_stops_the_sync_and_is_said(
    sync: Any, store: OneAtATime, cloud: Outside, where: str
) -> None:
    sync()
    cloud.there.remove(droplet(3))
    refused = failed(ProviderUnauthorized)
    if where == "list":
        cloud.unlisted["droplet"] = refused
    elif where == "look_up":
        cloud.unfound["3"] = refused
    else:
        cloud.actions = refused
    with pytest.raises(ProviderUnauthorized):
        sync()
    stopped = store.state.syncs[max(store.state.syncs)]
    assert (stopped.complete, stopped.finished_at is not None) == (False, True)
    assert "does not accept our token" in stopped.warnings[0]
    assert gone(store) == set()


def member(kind: str | None, provider_id: str | None) -> ProjectMember:
    return ProjectMember(urn=f"do:{kind}:{provider_id}", kind=kind, provider_id=provider_id)


def test_resources_are_in_their_projects(sync: Any, store: OneAtATime, cloud: Outside) -> None:
    cloud.members["1"] = [member("droplet", "0"), member("space", "space-1"), member(None, None)]
    sync()
    where = store.state.projects
    assert {store.state.resources[one].kind for one in where} == {"droplet", "space"}
    cloud.members["1"] = [member("droplet", "1")]
    cloud.short["1"] = Shortfall.FAILED
    synced = sync()
    assert len(where := store.state.projects) == 3  # what the list did not show is where it was
    scope = scope_of(synced, "project")
    assert (scope.complete, scope.detail) == (False, "what is in the project 1: 1 fell short")
    assert (synced.complete, synced.fell_short) == (False, True)
    cloud.short.clear()
    assert sync().complete
    assert [store.state.resources[one].provider_id for one in store.state.projects] == ["1"]


def test_tags_assign_and_what_they_cannot_is_said(sync: Any, store: OneAtATime, cloud: Outside) -> None:
    pilot = deployed(store)
    cloud.there[0] = droplet(0, tags=(f"Arcadia:Deployment:{pilot.id}",))
    cloud.there[1] = droplet(1, tags=("arcadia:deployment:nobody",))
    synced = sync(Speed.FAST)
    assert (synced.assigned, len(synced.warnings)) == (1, 1)
    assert rows(store)["0"].deployment_id == pilot.id
    assert [a.from_at for a in store.state.assignments[rows(store)["0"].id]] == [LONG_AGO]


def test_a_hundred_warnings_are_enough(sync: Any, cloud: Outside) -> None:
    cloud.there = [droplet(number, tags=("arcadia:deployment:nobody",)) for number in range(120)]
    warnings = sync(Speed.FAST).warnings
    assert len(warnings) == 101
    assert warnings[-1] == "There are 20 warnings more."


def test_syncing_is_operators_business(sync: Any, store: OneAtATime) -> None:
    with pytest.raises(OperatorsOnly):
        sync(by=ANN)
    assert store.state.syncs == {}
