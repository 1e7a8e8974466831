"""Looks on Postgres: as many statements for any page, and two at once are one after the other (SPEC 6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.looks import Grave
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.contracts.test_syncs import FIRST, LATER, SECOND, a_look, looked, seen, tagged_for, the_one, there
from tests.held import ACCOUNT, SEEN
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.integration.postgres.test_set_statements import FEW, MANY, number_of
from tests.world import OLGA, deployed

ROUND_TRIPS = 22
"""Statements of a page at most, COPY left out: each costs the same for one resource and for two hundred."""


@pytest.fixture
def store(pools: Pools) -> Transactions:
    return PostgresTransactions(pools)


def act_of(at: datetime, numbers: range, **facts: Any) -> Callable[[Work], object]:
    page = [seen(number, **facts) for number in numbers]
    return lambda work: work.syncs.look(a_look(at), page, work.new_id)


def test_a_page_takes_as_many_statements_whatever_is_on_it(pools: Pools, store: Transactions) -> None:
    pilot, other = (deployed(store, slug=slug) for slug in ("pilot", "other"))
    at = SEEN
    for facts in (
        {},
        {},  # the same again
        {"tags": (tagged_for(pilot),)},
        {"tags": (tagged_for(pilot),)},
        {"tags": (tagged_for(other),), "size_slug": "s-2vcpu-2gb"},
        {"tags": ()},
    ):
        at += timedelta(hours=1)
        few, many = (
            number_of(pools, store, act_of(at, numbers, **facts))
            for numbers in (range(FEW), range(100, 100 + MANY))
        )
        assert few == many <= ROUND_TRIPS, facts
    assert number_of(pools, store, act_of(at, range(FEW), tags=())) == 2


def test_what_comes_back_takes_as_many_statements_however_much_it_is(
    pools: Pools, store: Transactions
) -> None:
    tagged = {"tags": (tagged_for(deployed(store)),)}
    counts = []
    for numbers in (range(FEW), range(100, 100 + MANY)):
        looked(store, a_look(), *(seen(number, **tagged) for number in numbers))
        graves = [Grave(one.id, LATER, LATER) for one in there(store) if one.deleted_at is None]
        with store.begin(OLGA) as work:
            work.syncs.bury(a_look(LATER), graves)
        others = act_of(LATER + timedelta(hours=1), numbers, tags=(), created_at=LATER)
        counts.append(number_of(pools, store, others))
        returned = [one for one in there(store) if one.last_seen > LATER]
        assert {one.deployment_id for one in returned} == {None}
    assert counts[0] == counts[1] <= ROUND_TRIPS


def test_absences_and_projects_take_as_many_statements_whatever_is_missing(
    pools: Pools, store: Transactions
) -> None:
    look = a_look(LATER, sync_id=SECOND)
    counts = []
    for numbers in (range(FEW), range(100, 100 + MANY)):
        looked(store, a_look(), *(seen(number) for number in numbers))
        graves = [Grave(one.id, LATER, LATER) for one in there(store) if one.deleted_at is None]
        members = [("droplet", f"{number:05}") for number in numbers]
        counts.append(
            [
                number_of(pools, store, act)
                for act in (
                    lambda work: work.syncs.missing(look, region=None, since=LATER),
                    lambda work, graves=graves: work.syncs.bury(look, graves),
                    lambda work, members=members: work.syncs.place(ACCOUNT, "p1", members),
                    lambda work, members=members: work.syncs.displace(ACCOUNT, "p1", members),
                )
            ]
        )
    assert counts[0] == counts[1]


@pytest.mark.parametrize("known", [False, True])
def test_a_look_taken_twice_at_once_finds_one_resource(
    pools: Pools, store: Transactions, known: bool
) -> None:
    if known:
        looked(store, a_look(SEEN - timedelta(hours=1)), seen())

    def a_page(sync_id: UUID, name: str, at: datetime) -> Callable[[Work], object]:
        return lambda work: work.syncs.look(a_look(at, sync_id=sync_id), [seen(name=name)], work.new_id)

    one_after_the_other(pools, a_page(FIRST, "newer", LATER), a_page(SECOND, "older", SEEN))
    assert (the_one(store).name, the_one(store).last_seen) == ("newer", LATER)
    with begin(pools.operator) as connection:
        kinds = connection.scalars(sa.text("SELECT kind FROM cloud_resource_events ORDER BY at")).all()
    assert kinds == (["appeared", "changed"] if known else ["appeared"])


def test_looks_that_meet_in_any_order_all_come_to_an_end(store: Transactions) -> None:
    def looks(sync_id: UUID, order: int) -> Callable[[], object]:
        def run() -> None:
            for turn in range(8):
                page = [seen(number, status=str(turn)) for number in range(turn, turn + 6)][::order]
                looked(store, a_look(SEEN + timedelta(minutes=turn), sync_id=sync_id), *page)

        return run

    at_once(looks(FIRST, 1), looks(SECOND, -1))
    assert len(there(store)) == 13


def test_an_operator_who_assigns_while_a_look_goes_on_has_the_last_word(
    pools: Pools, store: Transactions
) -> None:
    pilot, other = (deployed(store, slug=slug) for slug in ("pilot", "other"))
    looked(store, a_look(), seen())
    held = the_one(store)

    def assign(to: Deployment) -> Callable[[Work], object]:
        told = Assignment(resource_id=held.id, from_at=SEEN, tenant_id=to.tenant_id, deployment_id=to.id)
        return lambda work: work.inventory.assign(told, AssignedBy.OPERATOR, "olga")

    tagged = act_of(LATER, range(1, 2), tags=(tagged_for(pilot),))
    one_after_the_other(pools, assign(other), tagged)
    assert the_one(store).deployment_id == other.id


def test_numbers_are_stored_with_their_digits(pools: Pools, store: Transactions) -> None:
    exact = {"price": Decimal("0.10"), "share": Decimal("0.1234567890123456789"), "count": 3, "far": 2**70}
    looked(store, a_look(), seen(attrs=exact))
    with begin(pools.operator) as connection:
        text = connection.scalar(sa.text("SELECT CAST(attrs AS text) FROM cloud_resources"))
    assert text == (
        '{"far": 1180591620717411303424, "count": 3, "price": 0.10, "share": 0.1234567890123456789}'
    )
    with store.begin(OLGA) as work:
        assert work.inventory.of_account(ACCOUNT)[0].attrs == exact
