"""Metering of what changes: sizes over time, what is not told, and what costs nothing for a while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.usage import DayOfKind
from arcadia_domain.cloud.holdings import Holding
from arcadia_domain.cloud.metering import MeteredDay, NoSize, meter, untold
from arcadia_domain.cloud.meters import RateChange, Rates
from arcadia_domain.cloud.spans import Span
from arcadia_domain.period import month_of
from arcadia_domain.pricing.kinds import base_of
from tests.unit.domain.cloud.resources import OTHER, PILOT
from tests.unit.domain.examples import examples

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 4, 10)
MORNING = datetime(2026, 4, 10, tzinfo=UTC)
SMALL, LARGE = "droplet_hours:s-1vcpu-1gb", "droplet_hours:s-2vcpu-4gb"
MINUTE = timedelta(minutes=1)


def hour(of: int) -> datetime:
    return MORNING + timedelta(hours=of)


def counting(*changes: tuple[datetime, Rates], kind: str = "droplet", number: int = 1) -> Holding:
    """What the pilot holds since long ago, and what it counted for from when on."""
    return Holding(
        tenant_id="pilot",
        deployment_id=PILOT,
        resource_id=UUID(int=number),
        kind=kind,
        created_at=LONG_AGO,
        changes=tuple(RateChange(at, rates) for at, rates in changes),
        held=(Span(LONG_AGO),),
    )


def one(kind: str) -> Rates:
    return {kind: Decimal(1)}


def quantities(metered: MeteredDay) -> dict[str, Decimal]:
    assert metered.failures == ()
    return {usage.kind: usage.qty for usage in metered.usage}


def test_a_droplet_resized_in_the_day_counts_in_both_sizes() -> None:
    resized = counting((LONG_AGO, one(SMALL)), (hour(7), one(LARGE)))
    assert quantities(meter(DAY, [resized])) == {SMALL: 7, LARGE: 17, "backup_hours": 0}
    assert quantities(meter(DAY - timedelta(days=1), [resized])) == {SMALL: 24, "backup_hours": 0}
    assert quantities(meter(DAY + timedelta(days=1), [resized])) == {LARGE: 24, "backup_hours": 0}


def test_the_first_rates_hold_before_they_were_seen() -> None:
    late = counting((hour(48), one(SMALL)), (hour(72), one(LARGE)))
    assert quantities(meter(DAY, [late]))[SMALL] == 24


def test_a_bucket_that_grows_counts_each_size_for_its_time_also_over_the_border_of_a_month() -> None:
    noon = datetime(2026, 4, 30, 12, tzinfo=UTC)
    volume = counting(
        (LONG_AGO, {"volume_gb_month": Decimal(10)}), (noon, {"volume_gb_month": Decimal(40)}), kind="volume"
    )

    def used(month: date) -> Decimal:
        days = (quantities(meter(day, [volume]))["volume_gb_month"] for day in month_of(month))
        return sum(days, Decimal())

    assert used(date(2026, 3, 1)) == 10
    assert used(date(2026, 4, 1)) == Decimal("10.50001")  # the last of 30 shares is 33,334 millionths
    assert used(date(2026, 5, 1)) == 40


def test_what_leads_somewhere_costs_nothing_until_it_does_no_more() -> None:
    address = counting((LONG_AGO, {}), (hour(20), one("reserved_ip_hours")), kind="reserved_ip")
    assert quantities(meter(DAY, [address])) == {"reserved_ip_hours": 4}
    assert quantities(meter(DAY - timedelta(days=1), [address])) == {"reserved_ip_hours": 0}


def test_a_rate_weighs_the_time_and_all_of_a_kind_are_summed_before_the_rounding() -> None:
    second = timedelta(seconds=1)
    sizes = ["droplet_hours:c-2", SMALL, LARGE]
    brief = [
        counting((LONG_AGO, {}), (MORNING, one(size)), (MORNING + second, {}), number=number)
        for number, size in enumerate(sizes)
    ]
    told = quantities(meter(DAY, brief))
    assert sum(told.values()) == Decimal("0.000833")  # 3 s of hours; each alone would be 0.000278
    assert [told[size] for size in sizes] == [Decimal(f"0.00027{n}") for n in (8, 8, 7)]
    nodes = counting((LONG_AGO, {"database_hours:db-1": Decimal(3)}), kind="database")
    assert quantities(meter(DAY, [nodes])) == {"database_hours:db-1": 72, "database_gb_month": 0}


def bucket(*changes: tuple[datetime, Rates], number: int = 1) -> Holding:
    return counting(*changes or ((LONG_AGO, {"spaces_gb_month": None}),), kind="space", number=number)


PUSHED = DayOfKind("pilot", PILOT, "spaces_gb_month", DAY)


def test_what_the_provider_does_not_tell_fails_the_tenant_by_name() -> None:
    [failure] = meter(DAY, [bucket()]).failures
    assert isinstance(failure.error, NoSize)
    assert failure.error.facts["usage_kind"] == "spaces_gb_month"
    assert str(DAY) in str(failure.error)


def test_what_is_pushed_is_passed_over_and_left_to_be_pushed() -> None:
    droplet = counting((LONG_AGO, one(SMALL)), number=2)
    metered = meter(DAY, [bucket(), droplet], {PUSHED})
    assert quantities(metered) == {SMALL: 24, "backup_hours": 0}
    assert metered.left_to_push == (PUSHED,)


@pytest.mark.parametrize(
    "pushed",
    [
        DayOfKind("pilot", PILOT, "spaces_gb_month", DAY - timedelta(days=1)),
        DayOfKind("pilot", OTHER, "spaces_gb_month", DAY),
        DayOfKind("pilot", PILOT, "snapshot_gb_month", DAY),
        DayOfKind("other", PILOT, "spaces_gb_month", DAY),
    ],
)
def test_what_was_pushed_of_something_else_helps_nobody(pushed: DayOfKind) -> None:
    metered = meter(DAY, [bucket()], {pushed})
    assert [failure.tenant_id for failure in metered.failures] == ["pilot"]
    assert metered.left_to_push == ()


def test_where_a_part_of_the_day_is_not_told_the_whole_kind_is_left_to_be_pushed() -> None:
    told_late = bucket((LONG_AGO, {"spaces_gb_month": None}), (hour(6), {"spaces_gb_month": Decimal(5)}))
    assert meter(DAY, [told_late], {PUSHED}) == MeteredDay(DAY, (), (), (PUSHED,))
    assert meter(DAY, [told_late]).failures
    next_day = meter(DAY + timedelta(days=1), [told_late])
    assert [usage.kind for usage in next_day.usage] == ["spaces_gb_month"]
    assert untold(DAY, [told_late]) == {PUSHED}
    assert untold(DAY, [counting((LONG_AGO, one(SMALL)))]) == frozenset()


def test_a_tenant_that_fails_leaves_nothing_to_be_pushed() -> None:
    nameless = counting((LONG_AGO, {"volume_gb_month": None}), kind="volume", number=2)
    metered = meter(DAY, [bucket(), nameless], {PUSHED})
    assert len(metered.failures) == 1
    assert (metered.usage, metered.left_to_push) == ((), ())


@pytest.mark.parametrize("rate", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 1, "1"])
def test_what_is_no_rate_is_not_told(rate: object) -> None:
    odd: Mapping[str, object] = {"volume_gb_month": rate}
    volume = counting((LONG_AGO, odd), kind="volume")  # type: ignore[arg-type]
    assert [type(failure.error) for failure in meter(DAY, [volume]).failures] == [NoSize]


def minutes(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    whole = int((last - first) / MINUTE)
    return st.integers(0, whole).map(lambda n: first + n * MINUTE)


START, END = datetime(2026, 4, 29, tzinfo=UTC), datetime(2026, 5, 2, tzinfo=UTC)
counted_rates = st.fixed_dictionaries(
    {},
    optional={
        kind: st.sampled_from([Decimal(1), Decimal(3), Decimal("0.000001")])
        for kind in (SMALL, LARGE, "droplet_hours", "backup_hours:c-2")
    },
) | st.fixed_dictionaries(
    {"volume_gb_month": st.sampled_from([Decimal(10), Decimal("2.5"), Decimal("0.000001")])}
)


@st.composite
def lives(draw: st.DrawFn) -> list[Holding]:
    """Resources whose lives, tenures and sizes change at any minutes around the end of April."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        some = minutes(START - timedelta(hours=5), END)
        born, died, since, until = draw(st.lists(some, min_size=4, max_size=4, unique=True))
        changes = draw(
            st.lists(st.tuples(some, counted_rates), min_size=1, max_size=4, unique_by=lambda c: c[0])
        )
        found.append(
            Holding(
                tenant_id="pilot",
                deployment_id=draw(st.sampled_from([PILOT, OTHER])),
                resource_id=UUID(int=number),
                kind="droplet",
                created_at=min(born, died),
                deleted_at=draw(st.sampled_from([max(born, died), None])),
                changes=tuple(RateChange(at, rates) for at, rates in sorted(changes, key=lambda c: c[0])),
                held=(Span(min(since, until), max(since, until)),),
            )
        )
    return found


def rates_at(changes: Sequence[RateChange], instant: datetime) -> Rates:
    begun = [change for change in changes if change.from_at <= instant]
    return (begun[-1] if begun else changes[0]).rates


def minute_by_minute(day: date, held: Sequence[Holding]) -> dict[tuple[UUID, str], Fraction]:
    """What a clock that looks once a minute would count."""
    days = month_of(day).days
    share = Fraction(10**6 * day.day // days - 10**6 * (day.day - 1) // days, 10**6)
    counted: dict[tuple[UUID, str], Fraction] = defaultdict(Fraction)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for minute in (midnight + n * MINUTE for n in range(24 * 60)):
        for one in held:
            [span] = one.held
            assert one.created_at is not None
            lives = one.created_at <= minute and (one.deleted_at is None or minute < one.deleted_at)
            if lives and span.start <= minute and (span.end is None or minute < span.end):
                for kind, rate in rates_at(one.changes, minute).items():
                    weight = share / (24 * 60) if kind.endswith("gb_month") else Fraction(1, 60)
                    counted[one.deployment_id, kind] += Fraction(rate or 0) * weight
    return counted


@examples(60)
@given(lives(), st.sampled_from([date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 1)]))
def test_any_day_is_what_a_clock_counts_minute_by_minute(held: list[Holding], day: date) -> None:
    exact = minute_by_minute(day, held)
    metered = meter(day, held)
    assert metered.failures == ()
    told = {(usage.deployment_id, usage.kind): Fraction(usage.qty) for usage in metered.usage}
    for key in exact.keys() | told.keys():
        assert abs(told.get(key, Fraction()) - exact.get(key, Fraction())) < Fraction(1, 10**6)
    for deployment, base in {(deployment, base_of(kind)) for deployment, kind in told}:
        of_base = [
            key for key in told.keys() | exact.keys() if (key[0], base_of(key[1])) == (deployment, base)
        ]
        whole = sum((exact.get(key, Fraction()) for key in of_base), Fraction()) * 10**6
        rounded = (whole + Fraction(1, 2)).__floor__()
        assert sum((told.get(key, Fraction()) for key in of_base), Fraction()) == Fraction(rounded, 10**6)
