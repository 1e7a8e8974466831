"""What every UsageLedger must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.usage import DayOfKind, DayUsage, Recorded
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.metering import MeteredDay, MeteringFailure, meter
from arcadia_domain.cloud.pieces import NoBirthDate
from arcadia_domain.period import Period, midnight, month_of
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.facts import pushed, told
from tests.contracts.refusals import refused
from tests.held import april, assigned, recorded, resource
from tests.world import ANN, BOB, NOW, OLGA, deployed

DAY, LAST = date(2026, 4, 10), date(2026, 4, 30)
APRIL = month_of(DAY)
HOURS, ZONES, SPACES = "droplet_hours", "dns_zones", "spaces_gb_month"
SIZED, OTHER_SIZE, BACKUPS = "droplet_hours:s-1vcpu-1gb", "droplet_hours:c-2", "backup_hours"


def used(deployment: Deployment, kind: str, qty: str, day: date = DAY) -> DayUsage:
    return DayUsage(deployment.tenant_id, deployment.id, kind, day, Decimal(qty))


def metered(transactions: Transactions, *usage: DayUsage, failing: Deployment | None = None) -> Recorded:
    """The day recorded as it was metered; a failing tenant is in no usage."""
    failures = []
    if failing is not None:
        error = NoBirthDate(kind="droplet", resource_id=failing.id)
        failures = [MeteringFailure(failing.tenant_id, failing.id, failing.id, error)]
    day = usage[0].day if usage else DAY
    with transactions.begin(OLGA) as work:
        return work.usage.record_metered(MeteredDay(day, usage, tuple(failures)), work.new_id(), NOW)


def recorded_usage(transactions: Transactions, deployment: Deployment) -> dict[str, dict[date, Decimal]]:
    with transactions.begin(OLGA) as work:
        return {kind: dict(days) for kind, days in work.usage.for_period(deployment.id, APRIL).items()}


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def test_a_metered_day_is_read_back_by_kind_and_day(transactions: Transactions, pilot: Deployment) -> None:
    recorded = metered(transactions, used(pilot, HOURS, "72.000001"), used(pilot, ZONES, "3"))
    assert recorded == Recorded(2, ())
    metered(transactions, used(pilot, HOURS, "24", DAY + timedelta(days=1)))
    assert recorded_usage(transactions, pilot) == {
        HOURS: {DAY: Decimal("72.000001"), DAY + timedelta(days=1): Decimal(24)},
        ZONES: {DAY: Decimal(3)},
    }


def test_metering_again_changes_nothing_or_just_what_differs(
    transactions: Transactions, pilot: Deployment
) -> None:
    usage = (used(pilot, HOURS, "72"), used(pilot, ZONES, "3"))
    metered(transactions, *usage)
    assert metered(transactions, *usage) == Recorded(0, ())
    assert metered(transactions, used(pilot, HOURS, "48.5"), used(pilot, ZONES, "3")) == Recorded(1, ())
    assert metered(transactions, used(pilot, HOURS, "50"), used(pilot, ZONES, "3")) == Recorded(1, ())
    assert recorded_usage(transactions, pilot) == {HOURS: {DAY: Decimal(50)}, ZONES: {DAY: Decimal(3)}}


def test_what_is_metered_no_more_goes_to_zero_unless_its_tenant_failed(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    metered(transactions, used(pilot, HOURS, "72"), used(pilot, ZONES, "3"), used(other, HOURS, "24"))
    assert metered(transactions, used(pilot, HOURS, "72"), failing=other) == Recorded(1, ())
    assert recorded_usage(transactions, pilot) == {HOURS: {DAY: Decimal(72)}}
    assert recorded_usage(transactions, other) == {HOURS: {DAY: Decimal(24)}}
    assert metered(transactions) == Recorded(2, ())
    assert recorded_usage(transactions, pilot) == recorded_usage(transactions, other) == {}


def test_another_day_is_left_as_it_is(transactions: Transactions, pilot: Deployment) -> None:
    metered(transactions, used(pilot, HOURS, "72"))
    metered(transactions, used(pilot, ZONES, "1", DAY + timedelta(days=1)))
    assert recorded_usage(transactions, pilot)[HOURS] == {DAY: Decimal(72)}


def test_a_day_that_was_pushed_is_a_named_conflict_and_stays(
    transactions: Transactions, pilot: Deployment
) -> None:
    pushed(transactions, pilot, SPACES, DAY, "7.5")
    for qty in ("9", "0"):
        recorded = metered(transactions, used(pilot, SPACES, qty), used(pilot, HOURS, "72"))
        [conflict] = recorded.conflicts
        assert conflict.facts == {
            "tenant_id": pilot.tenant_id,
            "kind": SPACES,
            "deployment_id": pilot.id,
            "day": DAY,
            "first": "pushed",
            "second": "metered",
        }
    assert metered(transactions) == Recorded(1, ())
    assert recorded_usage(transactions, pilot) == {SPACES: {DAY: Decimal("7.5")}}


def test_a_kind_and_its_sizes_have_one_source(transactions: Transactions, pilot: Deployment) -> None:
    pushed(transactions, pilot, HOURS, DAY, "7")
    recorded = metered(transactions, used(pilot, SIZED, "24"), used(pilot, BACKUPS, "24"))
    assert [(one.facts["kind"], one.facts["first"]) for one in recorded.conflicts] == [(SIZED, "pushed")]
    assert recorded.changed == 1
    assert recorded_usage(transactions, pilot) == {HOURS: {DAY: Decimal(7)}, BACKUPS: {DAY: Decimal(24)}}


def test_sizes_are_metered_beside_each_other_and_again_as_they_are_then(
    transactions: Transactions, pilot: Deployment
) -> None:
    assert metered(transactions, used(pilot, SIZED, "10"), used(pilot, OTHER_SIZE, "14")) == Recorded(2, ())
    assert recorded_usage(transactions, pilot) == {SIZED: {DAY: Decimal(10)}, OTHER_SIZE: {DAY: Decimal(14)}}
    assert metered(transactions, used(pilot, SIZED, "24")) == Recorded(2, ())
    assert metered(transactions, used(pilot, SIZED, "24")) == Recorded(0, ())
    assert recorded_usage(transactions, pilot) == {SIZED: {DAY: Decimal(24)}}
    assert metered(transactions, used(pilot, HOURS, "24")) == Recorded(2, ())
    assert recorded_usage(transactions, pilot) == {HOURS: {DAY: Decimal(24)}}


def left(transactions: Transactions, deployment: Deployment, *usage: DayUsage) -> Recorded:
    """The day recorded, with Spaces left to be pushed."""
    to_push = (DayOfKind(deployment.tenant_id, deployment.id, SPACES, DAY),)
    with transactions.begin(OLGA) as work:
        return work.usage.record_metered(MeteredDay(DAY, usage, (), to_push), work.new_id(), NOW)


def test_what_is_left_to_be_pushed_is_claimed_for_that_and_owed_no_more(
    transactions: Transactions, pilot: Deployment
) -> None:
    held = resource(kind="space", created_at=april(10), deleted_at=april(11))
    recorded(transactions, held)
    assigned(transactions, held, pilot)
    assert unmetered(transactions) == [10]
    assert left(transactions, pilot) == left(transactions, pilot) == Recorded(0, ())
    assert unmetered(transactions) == []
    [conflict] = metered(transactions, used(pilot, SPACES, "3")).conflicts
    assert conflict.facts["first"] == "pushed"
    [conflict] = left(transactions, pilot, used(pilot, SPACES, "3")).conflicts
    assert conflict.facts["first"] == "pushed"
    assert recorded_usage(transactions, pilot) == {}


def test_what_was_metered_and_is_left_to_be_pushed_now_goes_to_zero(
    transactions: Transactions, pilot: Deployment
) -> None:
    metered(transactions, used(pilot, SPACES, "3"))
    assert left(transactions, pilot) == Recorded(1, ())
    assert recorded_usage(transactions, pilot) == {}


def test_a_day_was_pushed_when_anything_was_told_of_it_be_it_nothing(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    days = [date(2026, 4, day) for day in range(10, 14)]
    pushed(transactions, pilot, SPACES, days[0], "0")
    told(transactions, pilot, SPACES, april(11, 23), "0")
    told(transactions, pilot, SIZED, april(12), "5")
    told(transactions, other, SPACES, april(13), "0")
    metered(transactions, used(pilot, ZONES, "1", days[3]))
    asked = {
        DayOfKind(pilot.tenant_id, pilot.id, kind, day) for kind in (SPACES, HOURS, ZONES) for day in days
    }
    with transactions.begin(OLGA) as work:
        found = work.usage.pushed(asked)
        assert work.usage.pushed([]) == frozenset()
    assert {(one.kind, one.day) for one in found} == {
        (SPACES, days[0]),
        (SPACES, days[1]),
        (HOURS, days[2]),
    }


def test_usage_is_read_for_the_days_of_the_period_only(transactions: Transactions, pilot: Deployment) -> None:
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)):
        metered(transactions, used(pilot, HOURS, "1", day))
    assert set(recorded_usage(transactions, pilot)[HOURS]) == {date(2026, 4, 1), date(2026, 4, 30)}


def test_a_tenant_reads_its_own_usage_and_no_other_and_meters_nothing(
    transactions: Transactions, pilot: Deployment
) -> None:
    metered(transactions, used(pilot, HOURS, "72"))
    with transactions.begin(ANN) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {HOURS: {DAY: Decimal(72)}}
    with transactions.begin(BOB) as work:
        assert work.usage.for_period(pilot.id, APRIL) == {}
    with refused(), transactions.begin(ANN) as work:
        work.usage.record_metered(MeteredDay(DAY, (used(pilot, HOURS, "1"),), ()), work.new_id(), NOW)


def test_the_kinds_that_deployments_used_are_those_that_came_to_more_than_nothing(
    transactions: Transactions, pilot: Deployment
) -> None:
    other, silent = deployed(transactions, BOB), deployed(transactions, slug="silent")
    metered(transactions, used(pilot, SIZED, "24"), used(pilot, ZONES, "3"), used(other, HOURS, "24"))
    metered(transactions, used(pilot, SIZED, "24"), used(pilot, BACKUPS, "0"), used(other, HOURS, "24"))
    metered(transactions, used(pilot, SPACES, "1", date(2026, 5, 1)))
    pushed(transactions, pilot, "bandwidth_gb", DAY, "0.5")
    asked = [pilot.id, other.id, silent.id]
    with transactions.begin(OLGA) as work:
        found = work.usage.used_kinds(asked, APRIL)
        assert {key: set(kinds) for key, kinds in found.items()} == {
            pilot.id: {SIZED, "bandwidth_gb"},
            other.id: {HOURS},
        }
        assert work.usage.used_kinds([], APRIL) == {}
    with transactions.begin(BOB) as work:
        assert work.usage.used_kinds(asked, APRIL).keys() == {other.id}


def unmetered(transactions: Transactions, period: Period = APRIL) -> list[int]:
    """The days of April on which anything is owed."""
    with transactions.begin(OLGA) as work:
        return [day.day for day, _ in work.usage.unmetered_days(period)]


ALL = list(range(1, 31))


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ({}, ALL),
        ({"created_at": april(10, 23)}, ALL[9:]),
        ({"created_at": april(10), "deleted_at": april(12)}, [10, 11]),
        ({"created_at": april(10), "deleted_at": april(12, 1)}, [10, 11, 12]),
        ({"created_at": april(10), "deleted_at": april(10)}, []),
        ({"deleted_at": april(1)}, []),
        ({"created_at": datetime(2026, 5, 1, tzinfo=UTC)}, []),
        ({"kind": "domain", "created_at": None, "first_seen": april(29, 5)}, [29, 30]),
        ({"kind": "droplet", "created_at": None, "first_seen": april(29, 5)}, ALL),
        ({"kind": "droplet", "created_at": None, "deleted_at": april(3)}, [1, 2]),
        ({"created_at": april(12), "deleted_at": april(10)}, ALL),
        ({"kind": "firewall"}, []),
        ({"kind": "snapshot"}, ALL),
        ({"kind": "kubernetes_node_pool", "created_at": None, "first_seen": april(29, 5)}, [29, 30]),
    ],
)
def test_a_day_is_owed_when_something_metered_lived_on_it(
    transactions: Transactions, pilot: Deployment, facts: dict[str, Any], days: list[int]
) -> None:
    held = resource(**facts)
    recorded(transactions, held)
    assert unmetered(transactions) == []  # nobody holds it yet
    assigned(transactions, held, pilot)
    assert unmetered(transactions) == days


def test_a_day_is_owed_by_whoever_held_it_at_any_instant(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    held = resource()
    recorded(transactions, held)
    assigned(transactions, held, pilot, april(10, 12))
    assigned(transactions, held, other, april(12, 6))
    assigned(transactions, held, None, april(14))
    with transactions.begin(OLGA) as work:
        owed = [(day.day, tenant) for day, tenant in work.usage.unmetered_days(APRIL)]
        of_bob = work.usage.unmetered_days(APRIL, BOB.tenant_id)
    ann, bob = pilot.tenant_id, other.tenant_id
    assert owed == [(10, ann), (11, ann), (12, ann), (12, bob), (13, bob)]
    assert [day.day for day, _ in of_bob] == [12, 13]


def test_a_resource_without_assignments_is_held_by_whom_its_row_names(
    transactions: Transactions, pilot: Deployment
) -> None:
    recorded(
        transactions,
        resource(1, created_at=april(29), tenant_id=pilot.tenant_id, deployment_id=pilot.id),
        resource(2, tenant_id=pilot.tenant_id),
    )
    assert unmetered(transactions) == [29, 30]


def test_a_day_is_paid_by_a_claim_of_that_kind_even_of_zero_or_pushed(
    transactions: Transactions, pilot: Deployment
) -> None:
    bucket = resource(1, kind="space", created_at=april(27))
    domain = resource(2, kind="domain", created_at=april(30))
    recorded(transactions, bucket, domain)
    assigned(transactions, bucket, pilot)
    assigned(transactions, domain, pilot)
    metered(transactions, used(pilot, SPACES, "0", date(2026, 4, 27)))
    pushed(transactions, pilot, SPACES, date(2026, 4, 28), "0")
    metered(transactions, used(pilot, SPACES, "24", date(2026, 4, 30)))
    assert unmetered(transactions) == [29, 30]  # on the 30th the domain is owed


def test_a_day_is_owed_until_each_kind_that_a_resource_is_metered_as_is_claimed(
    transactions: Transactions, pilot: Deployment
) -> None:
    held = resource(created_at=april(29))
    recorded(transactions, held)
    assigned(transactions, held, pilot)
    metered(transactions, used(pilot, SIZED, "24", date(2026, 4, 29)))
    metered(transactions, used(pilot, SIZED, "24", LAST), used(pilot, BACKUPS, "0", LAST))
    assert unmetered(transactions) == [29]


def a_life(random: Random, number: int, deployment: Deployment) -> tuple[CloudResource, list[Assignment]]:
    """A resource with any lifetime and any assignments, around the first days of April."""
    instants = [april(1) + timedelta(hours=6 * random.randrange(-4, 20)) for _ in range(8)]
    held = resource(
        number,
        kind=random.choice(["droplet", "domain", "space", "volume"]),
        created_at=random.choice([None, instants[0], instants[0], instants[0]]),
        first_seen=instants[1],
        deleted_at=random.choice([None, instants[2], max(instants)]),
    )
    starts = random.sample(sorted(set(instants[3:])), k=random.randint(1, 3))
    return held, [
        Assignment(
            resource_id=held.id,
            from_at=start,
            tenant_id=deployment.tenant_id if (mine := random.random() < 0.8) else None,
            deployment_id=deployment.id if mine else None,
        )
        for start in starts
    ]


def test_what_is_owed_is_what_metering_would_record_or_refuse(transactions: Transactions) -> None:
    random = Random(20260401)
    period = Period(date(2026, 3, 30), date(2026, 4, 7))
    deployments = [deployed(transactions, OLGA, tenant_id=f"t{n:02}") for n in range(40)]
    with transactions.begin(OLGA) as work:
        for number, deployment in enumerate(deployments):
            held, assignments = a_life(random, number, deployment)
            work.inventory.record([held], [], NOW)
            for assignment in assignments:
                work.inventory.assign(assignment, AssignedBy.OPERATOR, "olga")
    with transactions.begin(OLGA) as work:
        owed = set(work.usage.unmetered_days(period))
        expected = set()
        for day in period:
            day_metered = meter(day, work.inventory.holdings(Period(day, day + timedelta(days=1))))
            expected |= {(day, row.tenant_id) for row in day_metered.usage}
            expected |= {(day, failure.tenant_id) for failure in day_metered.failures}
    assert owed == expected
    assert len(owed) > 50
    assert midnight(period.start) < april(1)


def folded_away(transactions: Transactions, before: datetime = NOW + timedelta(seconds=1)) -> None:
    """Everything folded, one day of a kind after the other."""
    after: DayOfKind | None = None
    while True:
        with transactions.begin(OLGA) as work:
            after = work.usage.fold(before=before, after=after, limit=1).last
        if after is None:
            return


def test_folding_changes_nothing_that_anybody_reads(transactions: Transactions, pilot: Deployment) -> None:
    other = deployed(transactions, BOB)
    metered(transactions, used(pilot, HOURS, "72"), used(pilot, ZONES, "3"), used(other, HOURS, "24"))
    told(transactions, pilot, SPACES, midnight(DAY), "7.5")
    before = [recorded_usage(transactions, one) for one in (pilot, other)]
    for _ in range(2):
        folded_away(transactions)
        assert [recorded_usage(transactions, one) for one in (pilot, other)] == before
        with transactions.begin(OLGA) as work:
            kinds = work.usage.used_kinds([pilot.id, other.id], APRIL)
        assert {one: set(each) for one, each in kinds.items()} == {
            pilot.id: {HOURS, ZONES, SPACES},
            other.id: {HOURS},
        }


def test_what_is_folded_is_metered_again_and_pushed_again_as_if_it_were_not(
    transactions: Transactions, pilot: Deployment
) -> None:
    metered(transactions, used(pilot, HOURS, "72"), used(pilot, ZONES, "3"))
    tomorrow = DAY + timedelta(days=1)
    for kind, qty in ((SPACES, "7.5"), (ZONES, "3")):
        told(transactions, pilot, kind, midnight(tomorrow), qty)
    folded_away(transactions)
    assert metered(transactions, used(pilot, HOURS, "72"), used(pilot, ZONES, "3")) == Recorded(0, ())
    assert metered(transactions, used(pilot, HOURS, "48")) == Recorded(2, ())
    for kind, qty in ((SPACES, "9"), (ZONES, "5")):
        told(transactions, pilot, kind, midnight(tomorrow) + timedelta(hours=1), qty)
    for _ in range(2):
        assert recorded_usage(transactions, pilot) == {
            HOURS: {DAY: Decimal(48)},
            SPACES: {tomorrow: Decimal("16.5")},
            ZONES: {tomorrow: Decimal(5)},  # a level, which rises
        }
        folded_away(transactions)


def test_only_operators_fold(transactions: Transactions, pilot: Deployment) -> None:
    metered(transactions, used(pilot, HOURS, "72"))
    with refused(), transactions.begin(ANN) as work:
        work.usage.fold(before=NOW + timedelta(days=1), after=None, limit=1)
