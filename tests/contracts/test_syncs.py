"""What every Syncs must do (ports.syncs), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource, Shortfall
from arcadia_domain.cloud.looks import Grave, Look, Looked, MissingResource
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.syncing import NEVER_ENDED, Speed, Synced, SyncedScope
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.facts import project_of, rate_changes_of
from tests.contracts.refusals import refused
from tests.held import ACCOUNT, LONG_AGO, SEEN, assigned, recorded, resource
from tests.world import ANN, NOBODYS, OLGA, deployed

LATER = SEEN + timedelta(hours=1)
LATER_STILL = SEEN + timedelta(hours=2)
FIRST, SECOND = UUID(int=1 << 64), UUID(int=2 << 64)


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def a_look(at: datetime = SEEN, *, sync_id: UUID = FIRST, **facts: Any) -> Look:
    told = {"account": ACCOUNT, "kind": "droplet", "actor": "olga", **facts}
    return Look(sync_id=sync_id, at=at, **told)


def seen(number: int = 1, **facts: Any) -> SeenResource:
    """A droplet as the provider tells of it."""
    told = {
        "kind": "droplet",
        "provider_id": f"{number:05}",
        "name": f"web-{number}",
        "region": "syd1",
        "size_slug": "s-1vcpu-1gb",
        "status": "active",
        "tags": ("web", "blue"),
        "created_at": LONG_AGO,
        "attrs": {"vcpus": 1, "price": Decimal("0.10"), "networks": {"v4": [{"ip": "10.0.0.1"}]}},
    }
    return SeenResource(**{**told, **facts})


def looked(transactions: Transactions, look: Look, *page: SeenResource) -> Looked:
    with transactions.begin(OLGA) as work:
        return work.syncs.look(look, page, work.new_id)


def there(transactions: Transactions) -> list[CloudResource]:
    with transactions.begin(OLGA) as work:
        return list(work.inventory.of_account(ACCOUNT))


def the_one(transactions: Transactions) -> CloudResource:
    [one] = there(transactions)
    return one


def log_of(transactions: Transactions, resource_id: UUID) -> list[tuple[EventKind, datetime]]:
    with transactions.begin(OLGA) as work:
        return [(entry.kind, entry.at) for entry in work.inventory.log_of(resource_id, last=50)]


def missing(
    transactions: Transactions, look: Look, *, since: datetime, region: str | None = None
) -> Sequence[MissingResource]:
    with transactions.begin(OLGA) as work:
        return work.syncs.missing(look, region=region, since=since)


def buried(transactions: Transactions, look: Look, *graves: Grave) -> int:
    with transactions.begin(OLGA) as work:
        return work.syncs.bury(look, graves)


def tagged_for(deployment: Deployment) -> str:
    return f"arcadia:deployment:{deployment.id}"


def assignments(transactions: Transactions) -> list[tuple[datetime, UUID | None, AssignedBy]]:
    """Those of the one resource, the latest first."""
    with transactions.begin(OLGA) as work:
        told = work.inventory.assignments_of(the_one(transactions).id)
    return [(one.assignment.from_at, one.assignment.deployment_id, one.by) for one in told]


# What a look finds out


def test_what_is_seen_for_the_first_time_is_stored_with_all_its_facts(transactions: Transactions) -> None:
    bare = SeenResource(kind="droplet", provider_id="x/ü", name="")
    found = looked(transactions, a_look(), seen(), bare)
    assert found == Looked(
        found={(EventKind.APPEARED, "syd1"): 1, (EventKind.APPEARED, None): 1}, assigned=0, warnings=()
    )
    first, other = there(transactions)
    assert first == CloudResource(
        id=first.id,
        account=ACCOUNT,
        kind="droplet",
        provider_id="00001",
        name="web-1",
        region="syd1",
        size_slug="s-1vcpu-1gb",
        status="active",
        tags=("web", "blue"),
        attrs=seen().attrs,
        created_at=LONG_AGO,
        first_seen=SEEN,
        last_seen=SEEN,
    )
    assert (other.provider_id, other.name, other.created_at, other.attrs) == ("x/ü", "", None, {})
    assert log_of(transactions, first.id) == [(EventKind.APPEARED, SEEN)]


def test_seen_again_only_its_last_look_moves(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    first = the_one(transactions)
    again = seen(attrs={**seen().attrs, "price": Decimal("0.100")})
    assert looked(transactions, a_look(LATER, sync_id=SECOND), again) == Looked()
    assert the_one(transactions) == replace(first, last_seen=LATER)
    assert log_of(transactions, first.id) == [(EventKind.APPEARED, SEEN)]


def test_a_change_is_written_over_with_its_event(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    first = the_one(transactions)
    now = seen(name="db", status="off", tags=("blue",), attrs={"vcpus": 2}, created_at=None)
    found = looked(transactions, a_look(LATER), now)
    assert found.found == {(EventKind.CHANGED, "syd1"): 1}
    assert the_one(transactions) == replace(
        first, name="db", status="off", tags=("blue",), attrs={"vcpus": 2}, last_seen=LATER
    )
    with transactions.begin(OLGA) as work:
        changed: Any
        changed, _ = work.inventory.log_of(first.id, last=5)
    assert (changed.kind, changed.at) == (EventKind.CHANGED, LATER)
    assert {**changed.before, "tags": list(changed.before["tags"])} == {
        "name": "web-1",
        "status": "active",
        "tags": ["web", "blue"],
        "attrs.vcpus": 1,
        "attrs.price": Decimal("0.10"),
        "attrs.networks": {"v4": [{"ip": "10.0.0.1"}]},
    }
    assert (changed.after["name"], changed.after["attrs.price"]) == ("db", None)


@pytest.mark.parametrize(
    "facts", [{"tags": ("blue", "web")}, {"attrs": {**seen().attrs, "locked": True}}, {"region": "SYD1"}]
)
def test_what_is_no_change_is_stored_without_an_event(
    transactions: Transactions, facts: dict[str, Any]
) -> None:
    looked(transactions, a_look(), seen())
    assert looked(transactions, a_look(LATER), seen(**facts)).found == {}
    now = the_one(transactions)
    assert {name: getattr(now, name) for name in facts} == facts


def test_an_older_look_does_not_write_over_a_newer_one(transactions: Transactions) -> None:
    looked(transactions, a_look(LATER), seen(name="new"))
    newer = the_one(transactions)
    assert looked(transactions, a_look(SEEN, sync_id=SECOND), seen(name="old")) == Looked()
    assert the_one(transactions) == newer


def test_a_page_without_anything_changes_nothing(transactions: Transactions) -> None:
    assert looked(transactions, a_look()) == Looked()
    assert there(transactions) == []


def test_kinds_and_accounts_are_told_apart(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    looked(transactions, a_look(kind="volume"), seen(kind="volume"))
    looked(transactions, a_look(account="another"), seen())
    assert [one.kind for one in there(transactions)] == ["droplet", "volume"]


# What is missing


def test_what_was_not_seen_since_the_listing_began_is_missing(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen(1), seen(2), seen(3, region="ams3"))
    looked(transactions, a_look(kind="volume"), seen(4, kind="volume"))
    looked(transactions, a_look(LATER, sync_id=SECOND), seen(1))
    second = a_look(LATER_STILL, sync_id=SECOND)
    _, two, three, _ = sorted(there(transactions), key=lambda one: one.provider_id)
    assert missing(transactions, second, since=LATER, region="syd1") == [
        MissingResource(two.id, "00002", LATER_STILL)
    ]
    much_later = a_look(LATER_STILL + timedelta(hours=1), sync_id=SECOND)
    assert missing(transactions, much_later, since=LATER) == [
        MissingResource(two.id, "00002", LATER_STILL),
        MissingResource(three.id, "00003", much_later.at),
    ]


def test_what_another_sync_saw_meanwhile_is_not_missing(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    looked(transactions, a_look(LATER_STILL, sync_id=SECOND), seen())
    assert missing(transactions, a_look(LATER_STILL), since=LATER) == []


def test_what_the_sync_itself_saw_at_its_first_instant_is_not_missing(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    assert missing(transactions, a_look(), since=SEEN) == []
    [one] = missing(transactions, a_look(sync_id=SECOND), since=SEEN)
    assert one.provider_id == "00001"


def test_what_is_seen_again_is_missing_no_more(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    missing(transactions, a_look(LATER, sync_id=SECOND), since=LATER)
    looked(transactions, a_look(LATER, sync_id=SECOND), seen())
    third = a_look(LATER_STILL, sync_id=NOBODYS)
    [one] = missing(transactions, third, since=LATER_STILL)
    assert one.missing_since == LATER_STILL


# What is gone


def gone(transactions: Transactions, at: datetime = LATER, deleted_at: datetime = SEEN) -> CloudResource:
    """The one resource, buried by a look-up at `at`."""
    one = the_one(transactions)
    look = a_look(at, sync_id=SECOND)
    missing(transactions, look, since=at)
    assert buried(transactions, look, Grave(one.id, deleted_at, at)) == 1
    return one


def test_what_the_provider_knows_no_more_is_tombstoned_in_its_row(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    one = gone(transactions)
    assert the_one(transactions) == replace(one, deleted_at=SEEN)
    assert log_of(transactions, one.id)[0] == (EventKind.DISAPPEARED, LATER)
    assert missing(transactions, a_look(LATER_STILL, sync_id=NOBODYS), since=LATER_STILL) == []
    assert buried(transactions, a_look(LATER_STILL), Grave(one.id, LATER, LATER_STILL)) == 0


def test_what_was_seen_after_it_was_looked_up_is_not_tombstoned(transactions: Transactions) -> None:
    looked(transactions, a_look(LATER), seen())
    one = the_one(transactions)
    assert buried(transactions, a_look(LATER, sync_id=SECOND), Grave(one.id, SEEN, SEEN)) == 0
    assert the_one(transactions).deleted_at is None


def test_what_returns_is_the_same_row_again(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    one = gone(transactions)
    found = looked(transactions, a_look(LATER_STILL, sync_id=NOBODYS), seen(name="back"))
    assert found.found == {(EventKind.RETURNED, "syd1"): 1}
    assert the_one(transactions) == replace(one, name="back", last_seen=LATER_STILL)
    assert log_of(transactions, one.id)[0] == (EventKind.RETURNED, LATER_STILL)


def test_a_look_from_before_the_look_up_brings_nothing_back(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    gone(transactions, at=LATER_STILL, deleted_at=SEEN)
    assert looked(transactions, a_look(LATER, sync_id=NOBODYS), seen()) == Looked()
    assert the_one(transactions).deleted_at == SEEN


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (LONG_AGO - timedelta(days=3), SEEN),  # it was seen since
        (SEEN + timedelta(minutes=5), SEEN + timedelta(minutes=5)),
        (LATER + timedelta(days=40), LATER),  # it was looked up and not found before that
    ],
)
def test_it_ended_between_its_last_look_and_the_look_up_whatever_the_provider_tells(
    transactions: Transactions, told: datetime, kept: datetime
) -> None:
    looked(transactions, a_look(), seen())
    gone(transactions, deleted_at=told)
    assert the_one(transactions).deleted_at == kept


def test_nothing_ended_before_it_was_born(transactions: Transactions) -> None:
    born = LATER_STILL + timedelta(days=2)
    looked(transactions, a_look(), seen(created_at=born))
    gone(transactions)
    assert the_one(transactions).deleted_at == born


# What is newer than its sync, and where


def ahead(transactions: Transactions, at: datetime, *kinds: str) -> dict[tuple[str, str | None], int]:
    with transactions.begin(OLGA) as work:
        return dict(work.syncs.ahead(ACCOUNT, kinds, at))


def test_what_was_last_seen_after_an_instant_is_counted_by_kind_and_region(
    transactions: Transactions,
) -> None:
    looked(transactions, a_look(LATER), seen(1), seen(2), seen(3, region=None))
    looked(transactions, a_look(LATER, kind="volume"), seen(4, kind="volume"))
    looked(transactions, a_look(LATER, account="another"), seen(5))
    looked(transactions, a_look(SEEN), seen(6))
    assert ahead(transactions, SEEN, "droplet", "vpc") == {("droplet", "syd1"): 2, ("droplet", None): 1}
    assert ahead(transactions, LATER, "droplet", "volume") == {}
    assert ahead(transactions, SEEN) == {}


def test_the_regions_of_a_kind_are_those_of_what_lives(transactions: Transactions) -> None:
    def regions() -> set[str]:
        with transactions.begin(OLGA) as work:
            return set(work.syncs.regions(ACCOUNT, "droplet"))

    assert regions() == set()
    looked(transactions, a_look(kind="volume"), seen(9, kind="volume", region="nyc3"))
    looked(transactions, a_look(account="another"), seen(9, region="nyc3"))
    looked(transactions, a_look(), seen(2, region="ams3"), seen(3, region=None))
    assert regions() == {"ams3"}
    looked(transactions, a_look(LATER), seen(1))
    assert regions() == {"ams3", "syd1"}
    look = a_look(LATER, sync_id=SECOND)
    absent = missing(transactions, look, since=SEEN)
    buried(transactions, look, *(Grave(one.id, LATER, LATER) for one in absent))
    assert regions() == {"syd1"}


# What it counts for


ONE = {"droplet_hours:s-1vcpu-1gb": Decimal(1)}
TWO = {"droplet_hours:s-2vcpu-2gb": Decimal(1)}
BIGGER: dict[str, Any] = {"size_slug": "s-2vcpu-2gb"}


def test_a_resource_counts_from_its_birth_or_from_the_first_look(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen(1), seen(2, created_at=None))
    looked(transactions, a_look(kind="vpc"), seen(3, kind="vpc"))
    born, unborn, never = there(transactions)
    assert rate_changes_of(transactions, born.id) == [RateChange(LONG_AGO, ONE)]
    assert rate_changes_of(transactions, unborn.id) == [RateChange(SEEN, ONE)]
    assert rate_changes_of(transactions, never.id) == []


def test_a_size_that_is_not_told_is_a_rate_that_is_not_told(transactions: Transactions) -> None:
    looked(transactions, a_look(kind="volume"), seen(kind="volume", attrs={}))
    assert rate_changes_of(transactions, the_one(transactions).id) == [
        RateChange(LONG_AGO, {"volume_gb_month": None})
    ]
    sized = seen(kind="volume", attrs={"size_gigabytes": Decimal("2.50")})
    looked(transactions, a_look(LATER, kind="volume"), sized)
    assert rate_changes_of(transactions, the_one(transactions).id)[1:] == [
        RateChange(LATER, {"volume_gb_month": Decimal("2.5")})
    ]


def test_another_size_counts_from_the_end_of_its_resize_where_that_is_known(
    transactions: Transactions,
) -> None:
    looked(transactions, a_look(), seen(1), seen(2), seen(3))
    ended = SEEN + timedelta(minutes=7)
    resized = {"00001": ended, "00003": SEEN - timedelta(days=1)}
    looked(
        transactions, a_look(LATER, resized=resized), seen(1, **BIGGER), seen(2, **BIGGER), seen(3, **BIGGER)
    )
    assert [rate_changes_of(transactions, one.id)[1:] for one in there(transactions)] == [
        [RateChange(ended, TWO)],
        [RateChange(LATER, TWO)],
        [RateChange(LATER, TWO)],  # that resize was seen before
    ]


def test_no_resize_ended_after_the_look_that_saw_its_size(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen())
    resized = {"00001": LATER + timedelta(days=3)}
    looked(transactions, a_look(LATER, resized=resized), seen(**BIGGER))
    assert rate_changes_of(transactions, the_one(transactions).id)[1:] == [RateChange(LATER, TWO)]


def test_a_resource_that_no_sync_knew_keeps_what_it_counted_for_before(transactions: Transactions) -> None:
    old = resource(attrs={})
    recorded(transactions, old)
    looked(transactions, a_look(LATER), seen(**BIGGER))
    assert rate_changes_of(transactions, old.id) == [RateChange(LONG_AGO, ONE), RateChange(LATER, TWO)]


# Whose it is


def test_a_new_resource_is_its_tags_deployments_from_its_birth(
    transactions: Transactions, pilot: Deployment
) -> None:
    found = looked(transactions, a_look(), seen(tags=("web", tagged_for(pilot).upper())))
    assert (found.assigned, found.warnings) == (1, ())
    assert assignments(transactions) == [(LONG_AGO, pilot.id, AssignedBy.TAG)]
    now = the_one(transactions)
    assert (now.tenant_id, now.deployment_id) == (pilot.tenant_id, pilot.id)


def test_a_known_resource_is_its_tags_deployments_from_the_look_on(
    transactions: Transactions, pilot: Deployment
) -> None:
    looked(transactions, a_look(), seen())
    looked(transactions, a_look(LATER), seen(tags=(tagged_for(pilot),)))
    assert looked(transactions, a_look(LATER_STILL), seen(tags=(tagged_for(pilot),))) == Looked()
    assert assignments(transactions) == [(LATER, pilot.id, AssignedBy.TAG)]


def test_a_tag_that_goes_takes_with_it_what_it_gave(transactions: Transactions, pilot: Deployment) -> None:
    looked(transactions, a_look(), seen(tags=(tagged_for(pilot),)))
    assert looked(transactions, a_look(LATER), seen()).assigned == 1
    assert assignments(transactions) == [
        (LATER, None, AssignedBy.TAG),
        (LONG_AGO, pilot.id, AssignedBy.TAG),
    ]
    assert the_one(transactions).deployment_id is None
    assert looked(transactions, a_look(LATER_STILL), seen()).assigned == 0


def test_what_an_operator_assigned_last_no_tag_overrules(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, slug="other")
    looked(transactions, a_look(), seen(tags=(tagged_for(pilot),)))
    assigned(transactions, the_one(transactions), other, SEEN)
    looked(transactions, a_look(LATER), seen(tags=(tagged_for(pilot), "new")))
    looked(transactions, a_look(LATER_STILL), seen())
    assert the_one(transactions).deployment_id == other.id
    assigned(transactions, the_one(transactions), None, LATER)
    looked(transactions, a_look(LATER_STILL), seen(tags=(tagged_for(pilot),)))
    assert the_one(transactions).deployment_id is None


def test_an_operators_word_of_a_past_day_takes_away_what_tags_said_of_later_ones(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, slug="other")
    looked(transactions, a_look(), seen(created_at=None))
    looked(transactions, a_look(LATER), seen(created_at=None, tags=(tagged_for(pilot),)))
    assert assignments(transactions) == [(LATER, pilot.id, AssignedBy.TAG)]
    assigned(transactions, the_one(transactions), other, SEEN)
    assert assignments(transactions) == [(SEEN, other.id, AssignedBy.OPERATOR)]
    assert the_one(transactions).deployment_id == other.id
    looked(transactions, a_look(LATER_STILL), seen(created_at=None, tags=(tagged_for(pilot), "new")))
    assert assignments(transactions) == [(SEEN, other.id, AssignedBy.OPERATOR)]


@pytest.mark.parametrize("other", [str(NOBODYS), "pilot", ""])
def test_a_tag_of_no_deployment_assigns_nothing_and_is_told(
    transactions: Transactions, pilot: Deployment, other: str
) -> None:
    found = looked(transactions, a_look(), seen(tags=(f"arcadia:deployment:{other}",)))
    assert (found.assigned, len(found.warnings)) == (0, 1)
    assert "web-1" in found.warnings[0]
    both = seen(tags=(tagged_for(pilot), f"arcadia:deployment:{other}"))
    found = looked(transactions, a_look(LATER), both)
    assert (found.assigned, len(found.warnings)) == (0, 1)
    assert assignments(transactions) == []


# Projects


def projects(transactions: Transactions, *ids: str, look: Look | None = None) -> None:
    page = [seen(kind="project", provider_id=one, attrs={"is_default": one == "p1"}) for one in ids]
    looked(transactions, look or a_look(kind="project"), *page)


def placed(transactions: Transactions, project: str, *members: tuple[str, str], whole: bool = False) -> None:
    with transactions.begin(OLGA) as work:
        work.syncs.place(ACCOUNT, project, members)
        if whole:
            work.syncs.displace(ACCOUNT, project, members)


def test_resources_are_put_into_projects_and_taken_out_by_a_whole_list(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen(1), seen(2), seen(3))
    one, two, three = there(transactions)
    projects(transactions, "p1", "p2")
    placed(transactions, "p1", ("droplet", "00001"), ("droplet", "00002"), ("droplet", "nobody"))
    placed(transactions, "p2", ("droplet", "00002"))
    assert [project_of(transactions, each.id) for each in (one, two, three)] == ["p1", "p2", None]
    placed(transactions, "p1", ("droplet", "00003"))
    placed(transactions, "p2", whole=True)
    assert [project_of(transactions, each.id) for each in (one, two, three)] == ["p1", None, "p1"]


def test_a_project_that_is_gone_holds_nothing_that_lives_and_takes_nothing_in(
    transactions: Transactions,
) -> None:
    looked(transactions, a_look(), seen(1), seen(2))
    one, two = there(transactions)
    projects(transactions, "p1", "p2")
    placed(transactions, "p1", ("droplet", "00001"))
    placed(transactions, "p2", ("droplet", "00002"))
    look = a_look(LATER, sync_id=SECOND, kind="project")
    first, _ = missing(transactions, look, since=LATER)
    assert buried(transactions, look, Grave(first.id, LATER, LATER)) == 1
    assert [project_of(transactions, each.id) for each in (one, two)] == [None, "p2"]
    placed(transactions, "p1", ("droplet", "00001"))
    assert project_of(transactions, one.id) is None


def test_a_space_is_placed_by_its_name_where_it_alone_has_it(transactions: Transactions) -> None:
    looked(
        transactions,
        a_look(kind="space"),
        *(
            seen(kind="space", provider_id=f"{region}/{name}", name=name, region=region)
            for region, name in (("ams3", "own"), ("ams3", "shared"), ("syd1", "shared"))
        ),
    )
    spaces = there(transactions)
    projects(transactions, "p1")
    placed(transactions, "p1", ("space", "own"), ("space", "shared"), whole=True)
    assert [project_of(transactions, each.id) for each in spaces] == ["p1", None, None]


# Runs


def a_sync(sync_id: UUID = FIRST, **facts: Any) -> Synced:
    told = {"account": ACCOUNT, "speed": Speed.FULL, "actor": "olga", "started_at": SEEN, **facts}
    return Synced(sync_id=sync_id, **told)


def test_a_sync_is_kept_with_what_it_came_to(transactions: Transactions) -> None:
    begun = a_sync()
    with transactions.begin(OLGA) as work:
        work.syncs.begin(begun)
        assert work.syncs.get(FIRST) == begun
        assert work.syncs.get(NOBODYS) is None
    short = SyncedScope(kind="space", region="syd1", shortfall=Shortfall.FAILED, detail="no answer")
    counted = SyncedScope(
        kind="droplet", seen=9, total=9, appeared=1, changed=2, returned=3, disappeared=4, unconfirmed=5
    )
    done = replace(
        begun,
        finished_at=LATER,
        complete=False,
        scopes=(counted, short),
        assigned=3,
        warnings=("watch out",),
    )
    with transactions.begin(OLGA) as work:
        work.syncs.finish(replace(done, scopes=(short, counted)))
        assert work.syncs.get(FIRST) == done


def test_a_sync_that_never_ended_is_closed_by_the_next_of_its_speed(transactions: Transactions) -> None:
    long_before, shortly_before = LATER - timedelta(hours=1, seconds=1), LATER - timedelta(minutes=59)
    ended = a_sync(UUID(int=5), started_at=long_before, finished_at=SEEN, complete=True)
    died, runs, faster, elsewhere = (
        a_sync(UUID(int=1), started_at=long_before),
        a_sync(UUID(int=2), started_at=shortly_before),
        a_sync(UUID(int=3), started_at=long_before, speed=Speed.FAST),
        a_sync(UUID(int=4), started_at=long_before, account="another"),
    )
    with transactions.begin(OLGA) as work:
        for one in (ended, runs, faster, elsewhere, died):
            work.syncs.begin(replace(one, finished_at=None, complete=None))
        work.syncs.finish(ended)
        work.syncs.begin(a_sync(FIRST, started_at=LATER))
        assert work.syncs.get(died.sync_id) == replace(
            died, finished_at=LATER, complete=False, warnings=(NEVER_ENDED,)
        )
        for one in (ended, runs, faster, elsewhere):
            assert work.syncs.get(one.sync_id) == one
        late = replace(died, finished_at=LATER_STILL, complete=True, warnings=("slow",))
        work.syncs.finish(late)  # it was only slow
        assert work.syncs.get(died.sync_id) == late


def test_syncs_are_listed_newest_first(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        assert work.syncs.page(after=None, limit=5) == []
        for sync_id in (FIRST, SECOND, NOBODYS):
            work.syncs.begin(a_sync(sync_id))
        work.syncs.finish(a_sync(finished_at=LATER, complete=True, scopes=(SyncedScope(kind="vpc"),)))
        newest = work.syncs.page(after=None, limit=2)
        assert [one.sync_id for one in newest] == [SECOND, FIRST]
        assert newest[1].scopes == (SyncedScope(kind="vpc"),)
        assert [one.sync_id for one in work.syncs.page(after=FIRST, limit=2)] == [NOBODYS]


def test_the_oldest_last_look_at_what_lives_is_told(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        assert work.syncs.looked_since(ACCOUNT, ["droplet"]) is None
    looked(transactions, a_look(LATER), seen(1))
    looked(transactions, a_look(LATER_STILL), seen(2))
    looked(transactions, a_look(kind="volume"), seen(3, kind="volume"))
    recorded(transactions, resource(4, deleted_at=SEEN))
    with transactions.begin(OLGA) as work:
        assert work.syncs.looked_since(ACCOUNT, ["droplet", "image"]) == LATER
        assert work.syncs.looked_since(ACCOUNT, ["droplet", "volume"]) == SEEN


def test_what_was_not_seen_for_long_is_no_reason_to_look_far_back(transactions: Transactions) -> None:
    looked(transactions, a_look(), seen(1), seen(2))
    looked(transactions, a_look(SEEN + timedelta(days=9)), seen(2))
    with transactions.begin(OLGA) as work:
        assert work.syncs.looked_since(ACCOUNT, ["droplet"]) == SEEN + timedelta(days=7)


def test_a_tenant_can_neither_sync_nor_read_of_it(transactions: Transactions, pilot: Deployment) -> None:
    looked(transactions, a_look(), seen())
    with refused(), transactions.begin(ANN) as work:
        work.syncs.look(a_look(LATER), [seen(2)], work.new_id)
    with refused(), transactions.begin(ANN) as work:
        work.syncs.begin(a_sync())
    with refused(), transactions.begin(ANN) as work:
        work.syncs.page(after=None, limit=1)
    with refused(), transactions.begin(ANN) as work:
        work.syncs.missing(a_look(LATER), region=None, since=LATER)
