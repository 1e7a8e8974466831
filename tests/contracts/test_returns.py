"""What comes back after a tombstone: how it is metered, and who holds it, in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import Grave, Looked
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions
from tests.april import APRIL, AS_OF
from tests.contracts.facts import rate_changes_of
from tests.contracts.test_syncs import (
    a_look,
    assignments,
    buried,
    log_of,
    looked,
    seen,
    tagged_for,
    the_one,
)
from tests.held import LONG_AGO, april, assigned
from tests.world import OLGA, deployed

FIRST_LOOK, GONE, BACK = april(1), april(5), april(20)
IDLE = {"reserved_ip_hours": Decimal(1)}
BASIC = {"registry_hours:basic": Decimal(1)}


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def an_address(**attrs: object) -> SeenResource:
    told = {"droplet_id": None, "ip_version": 4, **attrs}
    return SeenResource(kind="reserved_ip", provider_id="198.51.100.7", name="198.51.100.7", attrs=told)


def a_registry(created_at: datetime = LONG_AGO, **facts: Any) -> SeenResource:
    told = {"name": "acme", "size_slug": "basic", **facts}
    return SeenResource(kind="registry", provider_id="acme", created_at=created_at, **told)


def a_pool(*tags: str) -> SeenResource:
    return SeenResource(
        kind="kubernetes_node_pool",
        provider_id="c/1",
        name="workers",
        size_slug="s-1vcpu-1gb",
        tags=tags,
        attrs={"count": 2},
    )


def look(store: Transactions, at: datetime, one: SeenResource) -> Looked:
    return looked(store, a_look(at, sync_id=UUID(int=at.day), kind=one.kind), one)


def gone(store: Transactions, at: datetime = GONE) -> None:
    one = the_one(store)
    assert buried(store, a_look(at, sync_id=UUID(int=at.day), kind=one.kind), Grave(one.id, at, at)) == 1


def points(store: Transactions) -> list[RateChange]:
    return list(rate_changes_of(store, the_one(store).id))


def used(store: Transactions, pilot: Deployment) -> dict[str, Decimal]:
    """All April, metered."""
    with store.begin(OLGA) as work:
        for day in APRIL:
            assert meter_day(work, OLGA, day=day, now=AS_OF).failures == ()
        assert work.usage.unmetered_days(APRIL) == []
        found = work.usage.for_period(pilot.id, APRIL)
    return {kind: total for kind, days in found.items() if (total := sum(days.values(), Decimal()))}


def test_a_kind_without_a_date_of_creation_counts_for_nothing_while_it_was_gone(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, an_address())
    first = the_one(transactions)
    assigned(transactions, first, pilot, FIRST_LOOK)
    gone(transactions)
    found = look(transactions, BACK, an_address())
    assert found.found == {(EventKind.RETURNED, None): 1}
    assert log_of(transactions, first.id)[0] == (EventKind.RETURNED, BACK)
    assert points(transactions) == [
        RateChange(FIRST_LOOK, IDLE),
        RateChange(GONE, {}),
        RateChange(BACK, IDLE),
    ]
    assert the_one(transactions) == replace(first, last_seen=BACK)
    [warning] = found.warnings
    assert "198.51.100.7" in warning
    assert assignments(transactions)[0] == (GONE, None, AssignedBy.TAG)
    assert used(transactions, pilot) == {"reserved_ip_hours": 4 * 24}
    assigned(transactions, the_one(transactions), pilot, BACK)
    assert used(transactions, pilot) == {"reserved_ip_hours": (4 + 11) * 24}
    assert look(transactions, april(21), an_address()) == Looked()


def test_what_is_created_anew_under_its_name_keeps_the_hours_of_the_one_before(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, a_registry())
    assigned(transactions, the_one(transactions), pilot, FIRST_LOOK)
    gone(transactions)
    again = april(18)
    found = look(transactions, BACK, a_registry(again))
    assert (len(found.warnings), found.assigned) == (1, 0)
    now = the_one(transactions)
    assert (now.created_at, now.first_seen, now.deleted_at) == (LONG_AGO, FIRST_LOOK, None)
    assert (now.tenant_id, now.deployment_id) == (None, None)
    assert points(transactions) == [
        RateChange(LONG_AGO, BASIC),
        RateChange(GONE, {}),
        RateChange(again, BASIC),
    ]
    assert used(transactions, pilot) == {"registry_hours:basic": 4 * 24}
    assigned(transactions, now, pilot, again)
    assert used(transactions, pilot) == {"registry_hours:basic": (4 + 13) * 24}


def test_a_later_look_at_what_came_back_takes_nothing_of_the_past(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, a_registry())
    gone(transactions)
    look(transactions, BACK, a_registry(BACK))
    assert look(transactions, april(21), a_registry(BACK)) == Looked()
    look(transactions, april(25), a_registry(BACK, size_slug="professional"))
    assert the_one(transactions).created_at == LONG_AGO
    assert points(transactions)[-2:] == [
        RateChange(BACK, BASIC),
        RateChange(april(25), {"registry_hours:professional": Decimal(1)}),
    ]


def test_gone_twice_it_counts_for_nothing_in_both_gaps(transactions: Transactions, pilot: Deployment) -> None:
    look(transactions, FIRST_LOOK, a_registry())
    gone(transactions)
    look(transactions, april(10), a_registry(april(10)))
    gone(transactions, april(12))
    look(transactions, BACK, a_registry(BACK))
    assigned(transactions, the_one(transactions), pilot, FIRST_LOOK)
    assert used(transactions, pilot) == {"registry_hours:basic": (4 + 2 + 11) * 24}


def test_what_was_tombstoned_by_mistake_is_metered_and_held_right_through(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, seen())
    assigned(transactions, the_one(transactions), pilot, FIRST_LOOK)
    gone(transactions)
    found = look(transactions, BACK, seen())
    assert (found.found, found.warnings) == ({(EventKind.RETURNED, "syd1"): 1}, ())
    assert len(points(transactions)) == len(assignments(transactions)) == 1
    assert used(transactions, pilot) == {"droplet_hours:s-1vcpu-1gb": 720}


def test_another_that_begins_the_instant_the_first_ends_leaves_no_gap(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, a_registry())
    assigned(transactions, the_one(transactions), pilot, FIRST_LOOK)
    gone(transactions)
    assert len(look(transactions, BACK, a_registry(GONE)).warnings) == 1
    assert points(transactions) == [RateChange(LONG_AGO, BASIC), RateChange(GONE, BASIC)]
    assert used(transactions, pilot) == {"registry_hours:basic": 4 * 24}


def test_what_counted_for_nothing_counts_from_its_return_on(transactions: Transactions) -> None:
    look(transactions, FIRST_LOOK, an_address(droplet_id="1"))
    gone(transactions)
    look(transactions, BACK, an_address())
    assert [one for one in points(transactions) if one.rates] == [RateChange(BACK, IDLE)]
    assert points(transactions)[0].rates == {}


def test_a_tag_that_is_still_there_goes_on(transactions: Transactions, pilot: Deployment) -> None:
    look(transactions, FIRST_LOOK, a_pool(tagged_for(pilot)))
    gone(transactions)
    assert look(transactions, BACK, a_pool(tagged_for(pilot))).warnings == ()
    assert assignments(transactions) == [(FIRST_LOOK, pilot.id, AssignedBy.TAG)]
    assert used(transactions, pilot) == {"kubernetes_node_hours:s-1vcpu-1gb": 2 * (4 + 11) * 24}


@pytest.mark.parametrize("by_operator", [False, True])
def test_a_tag_for_another_takes_it_from_its_return_on(
    transactions: Transactions, pilot: Deployment, by_operator: bool
) -> None:
    other = deployed(transactions, slug="other")
    look(transactions, FIRST_LOOK, a_pool(*([] if by_operator else [tagged_for(pilot)])))
    if by_operator:
        assigned(transactions, the_one(transactions), pilot, FIRST_LOOK)
    gone(transactions)
    found = look(transactions, BACK, a_pool(tagged_for(other)))
    assert (found.assigned, len(found.warnings)) == (1, 1)
    assert assignments(transactions)[:2] == [(BACK, other.id, AssignedBy.TAG), (GONE, None, AssignedBy.TAG)]
    assert the_one(transactions).deployment_id == other.id


def test_what_an_operator_assigned_since_it_was_gone_stays(
    transactions: Transactions, pilot: Deployment
) -> None:
    look(transactions, FIRST_LOOK, an_address())
    assigned(transactions, the_one(transactions), pilot, april(10))
    gone(transactions)
    assert look(transactions, BACK, an_address()).warnings == ()
    assert [one[1] for one in assignments(transactions)] == [pilot.id]


def test_what_was_first_dated_after_a_gap_began_when_it_was_first_seen(transactions: Transactions) -> None:
    undated = replace(a_registry(), created_at=None)
    look(transactions, FIRST_LOOK, undated)
    gone(transactions)
    look(transactions, BACK, a_registry(BACK))
    assert the_one(transactions).created_at == FIRST_LOOK
    assert [one.from_at for one in points(transactions)] == [FIRST_LOOK, GONE, BACK]
