"""What every Inventory must do (ports.cloud), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.changes import Change, EventKind, ResourceEvent
from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.spans import Span
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.facts import counted
from tests.contracts.refusals import refused
from tests.held import ACCOUNT, LONG_AGO, SEEN, april, assigned, recorded, resource
from tests.world import ANN, BOB, NOBODYS, OLGA, deployed

APRIL = month_of(date(2026, 4, 1))


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def test_a_resource_is_stored_with_all_its_facts(transactions: Transactions, pilot: Deployment) -> None:
    seen = resource(
        tenant_id=pilot.tenant_id,
        deployment_id=pilot.id,
        deleted_at=SEEN,
        attrs={"vcpus": 1, "image": {"slug": "debian-12", "tags": []}, "price": Decimal("0.1"), "none": None},
    )
    bare = resource(
        2, name="ünïcode", region=None, size_slug=None, status=None, tags=(), attrs={}, created_at=None
    )
    recorded(transactions, seen, bare)
    with transactions.begin(OLGA) as work:
        assert work.inventory.get(seen.id) == seen
        assert work.inventory.get(bare.id) == bare
        assert work.inventory.get(NOBODYS) is None


def test_an_account_is_listed_by_kind_and_provider_id_with_its_tombstones(
    transactions: Transactions,
) -> None:
    volume, second, first = resource(3, kind="volume"), resource(2, deleted_at=SEEN), resource(1)
    stranger = resource(4, account="another")
    recorded(transactions, volume, second, first, stranger)
    with transactions.begin(OLGA) as work:
        assert work.inventory.of_account(ACCOUNT) == [first, second, volume]
        assert work.inventory.of_account("another") == [stranger]
        assert work.inventory.of_account("nobody") == []


def test_a_resource_that_is_there_keeps_its_id_its_first_look_and_its_holder(
    transactions: Transactions, pilot: Deployment
) -> None:
    first = resource()
    recorded(transactions, first)
    assigned(transactions, first, pilot)
    look = replace(
        first,
        id=NOBODYS,
        name="renamed",
        size_slug="s-2vcpu-4gb",
        tags=(),
        first_seen=SEEN + timedelta(days=1),
        last_seen=SEEN + timedelta(days=1),
        deleted_at=SEEN,
    )
    recorded(transactions, look)
    with transactions.begin(OLGA) as work:
        assert work.inventory.of_account(ACCOUNT) == [
            replace(
                look,
                id=first.id,
                first_seen=first.first_seen,
                tenant_id=pilot.tenant_id,
                deployment_id=pilot.id,
            )
        ]


def test_what_a_look_found_out_is_taken_with_resources_that_are_there_or_new(
    transactions: Transactions,
) -> None:
    known, new = resource(1), resource(2)
    recorded(transactions, known)
    changed = ResourceEvent(
        EventKind.CHANGED, known.id, known.key, {"tags": Change(("web",), ("web", "blue"))}
    )
    appeared = ResourceEvent(EventKind.APPEARED, new.id, new.key)
    with transactions.begin(OLGA) as work:
        work.inventory.record([known, new], [changed, appeared], SEEN)
        work.inventory.record([known, new], [], SEEN)
        assert len(work.inventory.of_account(ACCOUNT)) == 2


def test_a_tenant_sees_what_it_holds_now(transactions: Transactions, pilot: Deployment) -> None:
    held, free = resource(1), resource(2)
    recorded(transactions, held, free)
    assigned(transactions, held, pilot)
    with transactions.begin(ANN) as work:
        assert [one.id for one in work.inventory.of_account(ACCOUNT)] == [held.id]
        assert work.inventory.get(free.id) is None
    with transactions.begin(BOB) as work:
        assert work.inventory.of_account(ACCOUNT) == []
    with refused(), transactions.begin(ANN) as work:
        work.inventory.record([held], [], SEEN)


def test_the_latest_assignment_says_who_holds_a_resource_now(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    held = resource()
    recorded(transactions, held)

    def holder() -> tuple[str | None, UUID | None]:
        with transactions.begin(OLGA) as work:
            now = work.inventory.get(held.id)
        assert now is not None
        return now.tenant_id, now.deployment_id

    assigned(transactions, held, pilot, april(10))
    assert holder() == (pilot.tenant_id, pilot.id)
    assigned(transactions, held, other, april(5))  # told later, but it ended before
    assert holder() == (pilot.tenant_id, pilot.id)
    assigned(transactions, held, other, april(10))  # in place of the one from the same instant
    assert holder() == (other.tenant_id, other.id)
    assigned(transactions, held, None, april(20))
    assert holder() == (None, None)


@pytest.mark.parametrize("by", [AssignedBy.OPERATOR, AssignedBy.PROVISIONING])
def test_what_tags_said_of_later_goes_with_the_word_of_an_earlier_day(
    transactions: Transactions, pilot: Deployment, by: AssignedBy
) -> None:
    held, other = resource(1), resource(2)
    recorded(transactions, held, other)

    def assign(to: Deployment | None, day: int, by: AssignedBy, one: UUID = held.id) -> int:
        tenant_id, deployment_id = (None, None) if to is None else (to.tenant_id, to.id)
        told = Assignment(
            resource_id=one, from_at=april(day), tenant_id=tenant_id, deployment_id=deployment_id
        )
        with transactions.begin(OLGA) as work:
            return work.inventory.assign(told, by, "olga")

    assign(pilot, 12, AssignedBy.TAG, other.id)
    for day, whose in ((3, AssignedBy.TAG), (12, AssignedBy.TAG), (15, AssignedBy.TAG), (20, by)):
        assert assign(pilot, day, whose) == 0
    assert assign(None, 12, by) == 1  # that of the 12th is replaced, not counted
    assert assign(None, 10, by) == 0
    with transactions.begin(OLGA) as work:
        kept = [(one.assignment.from_at, one.by) for one in work.inventory.assignments_of(held.id)]
        assert len(work.inventory.assignments_of(other.id)) == 1
        now = work.inventory.get(held.id)
    assert kept == [(april(20), by), (april(12), by), (april(10), by), (april(3), AssignedBy.TAG)]
    assert now is not None
    assert now.deployment_id == pilot.id


def test_a_tag_takes_no_change_point_away(transactions: Transactions, pilot: Deployment) -> None:
    held = resource()
    recorded(transactions, held)
    for day, by in ((20, AssignedBy.OPERATOR), (15, AssignedBy.TAG), (10, AssignedBy.TAG)):
        told = Assignment(
            resource_id=held.id,
            from_at=april(day),
            tenant_id=pilot.tenant_id,
            deployment_id=pilot.id,
        )
        with transactions.begin(OLGA) as work:
            assert work.inventory.assign(told, by, "olga") == 0
    with transactions.begin(OLGA) as work:
        assert len(work.inventory.assignments_of(held.id)) == 3


def held_in(transactions: Transactions, period: Period = APRIL) -> list[Holding]:
    with transactions.begin(OLGA) as work:
        return list(work.inventory.holdings(period))


def test_a_holding_tells_who_held_what_when_and_how_large(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    held = resource(kind="snapshot", deleted_at=april(28), attrs={"size_gigabytes": 2.36})
    recorded(transactions, held)
    for to, day in ((pilot, 2), (other, 10), (pilot, 20), (None, 25)):
        assigned(transactions, held, to, april(day))
    by_tenant = {one.tenant_id: one for one in held_in(transactions)}
    facts: dict[str, Any] = {
        "resource_id": held.id,
        "kind": "snapshot",
        "created_at": LONG_AGO,
        "deleted_at": april(28),
        "changes": (RateChange(LONG_AGO, {"snapshot_gb_month": Decimal("2.36")}),),
    }
    assert by_tenant == {
        pilot.tenant_id: Holding(
            tenant_id=pilot.tenant_id,
            deployment_id=pilot.id,
            held=(Span(april(2), april(10)), Span(april(20), april(25))),
            **facts,
        ),
        other.tenant_id: Holding(
            tenant_id=other.tenant_id,
            deployment_id=other.id,
            held=(Span(april(10), april(20)),),
            **facts,
        ),
    }


def test_what_it_counted_for_is_told_as_far_as_the_period_needs_it(
    transactions: Transactions, pilot: Deployment
) -> None:
    held, other = resource(), resource(2)
    recorded(transactions, held, other)
    assigned(transactions, held, pilot)
    assigned(transactions, other, pilot)
    sizes = [Decimal("0.5"), Decimal(0), None, Decimal("12345.000001")]
    changes = [
        RateChange(april(day, 6), {"volume_gb_month": size, "droplet_hours:c-2": Decimal(1)})
        for day, size in zip((10, 12, 14, 20), sizes, strict=True)
    ]
    counted(transactions, held.id, *changes)

    def told(first: int, after: int) -> list[RateChange]:
        period = Period(date(2026, 4, first), date(2026, 4, after))
        mine, others = sorted(held_in(transactions, period), key=lambda one: one.resource_id)
        assert [change.from_at for change in others.changes] == [LONG_AGO]  # as it is now
        return list(mine.changes)

    assert told(1, 30) == changes
    assert told(1, 2) == told(10, 11) == changes[:1]  # the first holds before it too
    assert told(11, 12) == changes[:1]
    assert told(12, 13) == changes[:2]
    assert told(13, 14) == changes[1:2]
    assert told(12, 15) == changes[:3]
    assert told(21, 25) == changes[3:]


@pytest.mark.parametrize(
    ("facts", "is_held"),
    [
        ({}, True),
        ({"kind": "firewall"}, False),
        ({"deleted_at": april(1)}, False),
        ({"deleted_at": april(1, 1)}, True),
        ({"created_at": april(30, 23)}, True),
        ({"created_at": datetime(2026, 5, 1, tzinfo=UTC)}, False),
        ({"created_at": None}, True),
        ({"created_at": datetime(2026, 6, 1, tzinfo=UTC), "deleted_at": april(1)}, True),
        ({"kind": "domain", "created_at": None, "first_seen": april(30)}, True),
        ({"kind": "domain", "created_at": None, "first_seen": SEEN}, False),
    ],
)
def test_what_may_have_lived_in_the_period_is_held(
    transactions: Transactions, pilot: Deployment, facts: dict[str, Any], is_held: bool
) -> None:
    held = resource(**facts)
    recorded(transactions, held)
    assert held_in(transactions) == []
    assigned(transactions, held, pilot)
    assert [one.resource_id for one in held_in(transactions)] == [held.id] * is_held


@pytest.mark.parametrize(
    ("first", "end", "is_held"),
    [
        (april(30), None, True),
        (datetime(2026, 5, 1, tzinfo=UTC), None, False),
        (LONG_AGO, april(1), False),
        (LONG_AGO, april(1, 1), True),
    ],
)
def test_what_was_assigned_outside_the_period_only_is_not_held_in_it(
    transactions: Transactions, pilot: Deployment, first: datetime, end: datetime | None, is_held: bool
) -> None:
    held = resource()
    recorded(transactions, held)
    assigned(transactions, held, pilot, first)
    if end is not None:
        assigned(transactions, held, None, end)
    assert len(held_in(transactions)) == is_held


def test_resources_are_found_by_kind_and_name_in_whatever_case(transactions: Transactions) -> None:
    web, gone = resource(1, name="Web-1"), resource(2, name="web-1", deleted_at=SEEN)
    volume, street = resource(3, kind="volume", name="web-1"), resource(4, name="Straße")
    stranger = resource(5, account="another", name="web-1")
    recorded(transactions, web, gone, volume, street, stranger, resource(6, name="web-10"))
    with transactions.begin(OLGA) as work:
        named = work.inventory.named

        def found(*names: tuple[str, str]) -> list[UUID]:
            return [one.id for one in named(ACCOUNT, set(names))]

        assert found(("droplet", "web-1")) == [web.id, gone.id]
        assert found(("volume", "web-1")) == [volume.id]
        assert found(("droplet", "strasse"), ("volume", "web-1")) == [street.id, volume.id]
        assert found(("snapshot", "web-1"), ("droplet", "web")) == []
        assert found() == []


def test_an_assignment_of_a_resource_that_stands_alone_is_no_holding(
    transactions: Transactions, pilot: Deployment
) -> None:
    alone = resource(tenant_id=pilot.tenant_id)
    recorded(transactions, alone)
    assert held_in(transactions) == []
    with transactions.begin(OLGA) as work:
        told = assigned(transactions, alone, None)
        work.inventory.assign(replace(told, tenant_id=pilot.tenant_id), AssignedBy.TAG, "sync")
    assert held_in(transactions) == []


def test_resources_are_found_by_their_kinds_and_provider_ids(transactions: Transactions) -> None:
    web, gone = resource(1), resource(2, deleted_at=SEEN)
    recorded(transactions, web, gone, resource(3, kind="volume"), resource(4, account="other"))
    with transactions.begin(OLGA) as work:
        found = work.inventory.identified(
            ACCOUNT, {("droplet", "00001"), ("droplet", "00002"), ("droplet", "00003"), ("droplet", "00004")}
        )
        assert [one.id for one in found] == [web.id, gone.id]
        assert work.inventory.identified(ACCOUNT, set()) == []
