"""Metering: the day's usage of each deployment, to the millionth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.metering import HeldTwice, MeteredDay, NoSize, meter, month_share
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.pieces import CannotMeter, DeletedBeforeCreated, NoBirthDate
from arcadia_domain.cloud.spans import Span
from arcadia_domain.period import DateOutOfRange, month_of
from tests.unit.domain.cloud.resources import APRIL, MAY, OTHER, PILOT, WEB, instants

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 4, 10)
MORNING = datetime(2026, 4, 10, tzinfo=UTC)
EVENING = datetime(2026, 4, 11, tzinfo=UTC)
DAYS_OF_APRIL = list(month_of(DAY))
HALF_MICRO = Fraction(1, 2_000_000)


USAGE_KIND = {
    "droplet": "droplet_hours",
    "space": "spaces_gb_month",
    "snapshot": "snapshot_gb_month",
    "domain": "dns_zones",
    "firewall": "",
}


def holding(
    resource: int = 1, *held: Span, kind: str = "droplet", size_gb: Decimal | None = None, **facts: Any
) -> Holding:
    """A droplet of no size that the pilot holds since long ago, unless said otherwise."""
    counted = Decimal(1) if kind in ("droplet", "domain") else size_gb
    return Holding(
        **{
            "tenant_id": "pilot",
            "deployment_id": PILOT,
            "resource_id": UUID(int=resource),
            "kind": kind,
            "created_at": LONG_AGO,
            "changes": (RateChange(LONG_AGO, {USAGE_KIND[kind]: counted}),),
            "held": held or (Span(LONG_AGO),),
            **facts,
        }
    )


def size_of(one: Holding) -> Decimal | None:
    [change] = one.changes
    return change.rates[USAGE_KIND[one.kind]]


def quantity(metered: MeteredDay) -> Decimal:
    """The one quantity of the day; zero where there is none. No droplet here has backups."""
    assert metered.failures == ()
    used = [usage for usage in metered.usage if usage.kind != "backup_hours"]
    assert len(used) <= 1
    return used[0].qty if used else Decimal(0)


def over(days: Iterable[date], holdings: Sequence[Holding]) -> Fraction:
    return sum((Fraction(quantity(meter(day, holdings))) for day in days), Fraction(0))


def test_three_droplets_through_april_are_2160_hours() -> None:
    droplets = [holding(n) for n in range(3)]
    assert quantity(meter(DAY, droplets)) == Decimal(72)
    assert over(DAYS_OF_APRIL, droplets) == 2160


def test_only_the_time_counts_in_which_it_lived_and_was_held_and_was_today() -> None:
    partly = holding(
        1,
        Span(MORNING + timedelta(hours=3)),
        created_at=MORNING + timedelta(hours=1),
        deleted_at=EVENING - timedelta(hours=2),
    )
    _, usage = meter(DAY, [partly]).usage
    assert (usage.tenant_id, usage.deployment_id, usage.kind) == ("pilot", PILOT, "droplet_hours")
    assert (usage.day, usage.qty) == (DAY, Decimal(19))


def test_what_was_held_and_came_to_nothing_is_there_with_zero() -> None:
    metered = meter(DAY, [holding(kind="space", size_gb=Decimal(0)), holding(2)])
    assert [(usage.kind, usage.qty) for usage in metered.usage] == [
        ("backup_hours", Decimal(0)),
        ("droplet_hours", Decimal(24)),
        ("spaces_gb_month", Decimal(0)),
    ]


def test_the_time_of_all_droplets_is_merged_before_it_is_rounded() -> None:
    one_second = Span(MORNING, MORNING + timedelta(seconds=1))
    assert quantity(meter(DAY, [holding(1, one_second)])) == Decimal("0.000278")
    three = [holding(n, one_second) for n in range(3)]
    assert quantity(meter(DAY, three)) == Decimal("0.000833")


def test_a_whole_number_of_gigabytes_through_a_month_adds_up_to_exactly_that() -> None:
    for month in (date(2026, 2, 1), date(2028, 2, 1), date(2026, 4, 1), date(2026, 5, 1)):
        bucket = [holding(kind="space", size_gb=Decimal(200), created_at=LONG_AGO)]
        assert over(month_of(month), bucket) == 200


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_shares_of_the_days_of_a_month_add_up_to_one(day: date) -> None:
    assert sum(month_share(each) for each in month_of(day)) == 1_000_000


def test_a_part_of_a_day_takes_its_part_of_the_days_share() -> None:
    half = Span(MORNING, MORNING + timedelta(hours=12))
    snapshot = holding(1, half, kind="snapshot", size_gb=Decimal(6))
    [usage] = meter(DAY, [snapshot]).usage
    assert usage.kind == "snapshot_gb_month"
    assert month_share(DAY) == 33_333
    assert usage.qty == Decimal("0.099999")


def test_zones_count_at_their_peak() -> None:
    noon = MORNING + timedelta(hours=12)
    zones = [
        holding(1, Span(LONG_AGO, noon), kind="domain"),
        holding(2, Span(noon), kind="domain"),
        holding(3, Span(MORNING + timedelta(hours=6), MORNING + timedelta(hours=7)), kind="domain"),
    ]
    [usage] = meter(DAY, zones).usage
    assert (usage.kind, usage.qty) == ("dns_zones", Decimal(2))
    assert quantity(meter(DAY, zones[:2])) == Decimal(1)


def test_what_was_not_used_on_the_day_has_no_usage() -> None:
    assert meter(DAY, [holding(1, Span(EVENING))]).usage == ()
    assert meter(DAY, [holding(deleted_at=MORNING)]).usage == ()
    assert meter(DAY, [holding(created_at=EVENING)]).usage == ()
    assert meter(DAY, []).usage == ()


def test_kinds_that_are_not_metered_are_passed_over() -> None:
    assert meter(DAY, [holding(kind="firewall", changes=())]) == MeteredDay(DAY, (), ())


@pytest.mark.parametrize(
    ("facts", "error", "code"),
    [
        ({"created_at": None}, NoBirthDate, "resource_without_created_at"),
        ({"kind": "space"}, NoSize, "resource_without_size"),
        ({"kind": "space", "size_gb": Decimal("-1")}, NoSize, "resource_without_size"),
        ({"kind": "space", "size_gb": Decimal("NaN")}, NoSize, "resource_without_size"),
        (
            {"created_at": EVENING, "deleted_at": MORNING},
            DeletedBeforeCreated,
            "resource_deleted_before_created",
        ),
    ],
)
def test_a_resource_that_cannot_be_metered_stops_its_tenant_and_no_other(
    facts: dict[str, Any], error: type[CannotMeter], code: str
) -> None:
    bad = holding(1, **facts)
    same_tenant = holding(2, deployment_id=OTHER)
    other = holding(3, tenant_id="other", deployment_id=UUID(int=102))
    metered = meter(DAY, [bad, same_tenant, other])
    assert {usage.tenant_id for usage in metered.usage} == {"other"}
    [failure] = metered.failures
    assert (failure.tenant_id, failure.deployment_id, failure.resource_id) == ("pilot", PILOT, WEB)
    assert isinstance(failure.error, error)
    assert failure.error.code == code
    assert failure.error.facts["resource_id"] == WEB


@pytest.mark.parametrize("facts", [{"created_at": None}, {"kind": "space"}])
def test_a_bad_resource_that_was_not_held_or_was_gone_on_the_day_stops_nobody(facts: dict[str, Any]) -> None:
    assert meter(DAY, [holding(1, Span(EVENING), **facts)]).failures == ()
    assert meter(DAY, [holding(1, deleted_at=MORNING, **facts)]).failures == ()


def test_a_resource_held_by_two_deployments_at_once_stops_both_tenants() -> None:
    noon = MORNING + timedelta(hours=12)
    first = holding(1, Span(LONG_AGO, noon + timedelta(microseconds=1)))
    second = holding(1, Span(noon), tenant_id="other", deployment_id=OTHER)
    metered = meter(DAY, [first, second])
    assert metered.usage == ()
    assert [(f.tenant_id, type(f.error)) for f in metered.failures] == [
        ("other", HeldTwice),
        ("pilot", HeldTwice),
    ]


def test_a_day_outside_the_calendar_is_refused() -> None:
    with pytest.raises(DateOutOfRange):
        meter(date(1999, 12, 31), [])


@st.composite
def april_holdings(draw: st.DrawFn) -> list[Holding]:
    """Droplets, snapshots and buckets whose lives and tenures begin and end anywhere in April or before."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        bounds = sorted(draw(st.lists(instants(LONG_AGO, MAY), min_size=4, max_size=4, unique=True)))
        life, tenure = (bounds[0::2], bounds[1::2]) if draw(st.booleans()) else (bounds[1::2], bounds[0::2])
        kind = draw(st.sampled_from(["droplet", "space", "snapshot"]))
        found.append(
            holding(
                number,
                Span(tenure[0], draw(st.sampled_from([tenure[1], None]))),
                kind=kind,
                size_gb=Decimal(draw(st.integers(0, 10**9))).scaleb(-6) if kind != "droplet" else None,
                created_at=life[0],
                deleted_at=draw(st.sampled_from([life[1], None])),
            )
        )
    return found


def split_life(one: Holding, at: datetime) -> list[Holding]:
    """The same resource as two that follow each other."""
    if one.created_at is None or not one.created_at < at < (one.deleted_at or MAY):
        return [one]
    facts = {name: getattr(one, name) for name in Holding.__slots__}
    later = UUID(int=one.resource_id.int + 1000)
    return [
        Holding(**{**facts, "deleted_at": at}),
        Holding(**{**facts, "created_at": at, "resource_id": later}),
    ]


def split_tenure(one: Holding, at: datetime) -> list[Holding]:
    """The same holding as two that follow each other."""
    [span] = one.held
    if not span.start < at < (span.end or MAY):
        return [one]
    facts = {name: getattr(one, name) for name in Holding.__slots__}
    return [Holding(**{**facts, "held": (part,)}) for part in (Span(span.start, at), Span(at, span.end))]


@given(april_holdings(), instants(), st.sampled_from(DAYS_OF_APRIL), st.randoms())
def test_neither_a_cut_nor_the_order_changes_a_day(
    holdings: list[Holding], at: datetime, day: date, random: Random
) -> None:
    whole = meter(day, holdings)
    for cut in (split_life, split_tenure):
        pieces = [piece for one in holdings for piece in cut(one, at)]
        random.shuffle(pieces)
        assert meter(day, pieces) == whole


def month_in_one_piece(holdings: list[Holding]) -> dict[str, Fraction]:
    """The exact usage of April by kind, without days and without rounding."""
    month = Fraction(30 * 24 * 3600 * 10**6)
    totals = dict.fromkeys(("droplet", "space", "snapshot"), Fraction(0))
    for one in holdings:
        [span] = one.held
        assert one.created_at is not None
        begin = max(APRIL, span.start, one.created_at)
        end = min(MAY, span.end or MAY, one.deleted_at or MAY)
        time = Fraction(max(0, (end - begin) // timedelta(microseconds=1)))
        size = Fraction(size_of(one) or 0)
        totals[one.kind] += time / (3600 * 10**6) if one.kind == "droplet" else size * time / month
    return totals


@given(april_holdings())
def test_the_days_of_a_month_add_up_to_the_month_but_for_their_rounding(holdings: list[Holding]) -> None:
    exact = month_in_one_piece(holdings)
    for kind in exact:
        same = [one for one in holdings if one.kind == kind]
        gigabytes = sum((Fraction(size_of(one) or 0) for one in same), Fraction(0))
        # A day rounds by half a millionth; the cut of the month by a millionth of a GB at either end.
        allowed = 30 * HALF_MICRO + 4 * HALF_MICRO * gigabytes
        assert abs(over(DAYS_OF_APRIL, same) - exact[kind]) <= allowed


@given(st.integers(1, 10_000), st.integers(1, 30), st.integers(1, 30))
def test_whole_gigabytes_for_whole_days_are_exact(size: int, one: int, two: int) -> None:
    first, last = min(one, two), max(one, two)
    span = Span(APRIL + timedelta(days=first - 1), APRIL + timedelta(days=last))
    bucket = [holding(1, span, kind="space", size_gb=Decimal(size))]
    shares = 10**6 * last // 30 - 10**6 * (first - 1) // 30
    assert over(DAYS_OF_APRIL, bucket) == Fraction(size * shares, 10**6)


@given(st.lists(st.tuples(instants(), instants()), max_size=8), st.sampled_from(DAYS_OF_APRIL))
def test_the_peak_is_the_most_that_were_held_at_any_instant(
    stretches: list[tuple[datetime, datetime]], day: date
) -> None:
    spans = [Span(min(pair), max(pair)) for pair in stretches if pair[0] != pair[1]]
    zones = [holding(n, span, kind="domain") for n, span in enumerate(spans)]
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    looks = [start, *(span.start for span in spans if start <= span.start < start + timedelta(days=1))]
    most = max(sum(span.start <= look < (span.end or MAY) for span in spans) for look in looks)
    assert quantity(meter(day, zones)) == most
