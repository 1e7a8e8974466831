"""Folding beside ingest, metering, reading and itself, on Postgres (data_model rule 8): no sum changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from threading import Event
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing.fold_usage import UsageFolded, fold_usage
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.usage import DayUsage
from arcadia_domain.billing.usage_events import UsageEvent
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.period import month_of
from arcadia_domain.ports.month_end import Existing
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.world import GATEWAY, NOW, OLGA, deployed

DAY = date(2026, 4, 10)
APRIL = month_of(DAY)
NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
AFTER = NOW + timedelta(seconds=1)
HOURS, BANDWIDTH, ZONES = "droplet_hours", "bandwidth_gb", "dns_zones"

_LEFT = sa.text("SELECT count(*) FROM usage_deltas")


@pytest.fixture
def store(pools: Pools) -> PostgresTransactions:
    return PostgresTransactions(pools)


@pytest.fixture
def pilot(store: PostgresTransactions) -> Deployment:
    return deployed(store)


def push(store: PostgresTransactions, pilot: Deployment, *ids: str, kind: str = BANDWIDTH) -> None:
    """A gigabyte for each."""
    events = [UsageEvent(id_, pilot.id, kind, Decimal(1), NOON) for id_ in ids]
    with store.begin(GATEWAY) as work:
        record_usage(work, GATEWAY, events=events, now=NOW)


def meter(work: Work, pilot: Deployment, qty: str) -> int:
    usage = DayUsage(pilot.tenant_id, pilot.id, HOURS, DAY, Decimal(qty))
    return work.usage.record_metered(MeteredDay(DAY, (usage,), ()), work.new_id(), NOW).changed


def read(store: PostgresTransactions, pilot: Deployment) -> Sequence[object]:
    """What each of those says who read usage: two for people, one for invoices."""
    with store.begin(OLGA) as work:
        used = work.usage.for_period(pilot.id, APRIL)
    with store.begin(OLGA) as work:
        kinds = work.usage.used_kinds([pilot.id], APRIL)
    with store.begin(OLGA) as work:
        due = work.month_end.due(APRIL, Existing.SKIP, after="", limit=10)
    priced = [
        {kind: dict(days) for kind, days in one.usage.items()} for due_ in due for one in due_.deployments
    ]
    return used, {one: set(each) for one, each in kinds.items()}, priced


def left(store: PostgresTransactions) -> int:
    with store.begin(OLGA) as work:
        return int(work.connection.scalar(_LEFT) or 0)


def test_folding_leaves_no_delta_and_no_reader_sees_another_sum(
    store: PostgresTransactions, pilot: Deployment
) -> None:
    push(store, pilot, *(f"e{number}" for number in range(5)))
    push(store, pilot, "more")
    with store.begin(OLGA) as work:
        meter(work, pilot, "72")
    with store.begin(OLGA) as work:
        meter(work, pilot, "48.000001")
    before = read(store, pilot)
    assert left(store) == 4
    assert fold_usage(store, OLGA, now=AFTER, limit=1) == UsageFolded(days=2, deltas=4)
    assert left(store) == 0
    assert read(store, pilot) == before
    assert fold_usage(store, OLGA, now=AFTER) == UsageFolded(days=0, deltas=0)


def test_what_came_to_nothing_is_nothing_when_it_is_folded(
    store: PostgresTransactions, pilot: Deployment
) -> None:
    for qty in ("72", "0"):
        with store.begin(OLGA) as work:
            meter(work, pilot, qty)
    before = read(store, pilot)
    assert fold_usage(store, OLGA, now=AFTER) == UsageFolded(days=1, deltas=2)
    assert read(store, pilot) == before
    assert before[:2] == ({}, {})


def test_what_was_appended_since_is_left(store: PostgresTransactions, pilot: Deployment) -> None:
    push(store, pilot, "e1")
    assert fold_usage(store, OLGA, now=NOW) == UsageFolded(days=0, deltas=0)
    assert left(store) == 1


def test_a_day_that_metering_holds_is_passed_over_and_metering_is_not_kept_waiting(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    push(store, pilot, "e1")
    with store.begin(OLGA) as work:
        meter(work, pilot, "72")
    with store.begin(OLGA) as metering:
        meter(metering, pilot, "48")
        assert fold_usage(store, OLGA, now=AFTER) == UsageFolded(days=1, deltas=1)
    assert read(store, pilot)[0] == {BANDWIDTH: {DAY: Decimal(1)}, HOURS: {DAY: Decimal(48)}}


def test_metering_that_meets_a_folding_counts_from_what_it_leaves(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    with store.begin(OLGA) as work:
        meter(work, pilot, "72")
    folded, changed = one_after_the_other(
        pools,
        lambda work: work.usage.fold(before=AFTER, after=None, limit=10),
        lambda work: meter(work, pilot, "48"),
    )
    assert (folded.deltas, changed) == (1, 1)
    assert read(store, pilot)[0] == {HOURS: {DAY: Decimal(48)}}


def test_ingest_does_not_wait_for_a_folding(store: PostgresTransactions, pilot: Deployment) -> None:
    push(store, pilot, "e1")
    with store.begin(OLGA) as work:
        assert work.usage.fold(before=AFTER, after=None, limit=10).deltas == 1
        push(store, pilot, "e2")  # on another connection
    assert read(store, pilot)[0] == {BANDWIDTH: {DAY: Decimal(2)}}


def test_two_foldings_at_once_add_each_delta_once(store: PostgresTransactions, pilot: Deployment) -> None:
    for number in range(20):
        push(store, pilot, f"e{number}")
    done = at_once(*[lambda: fold_usage(store, OLGA, now=AFTER, limit=1)] * 3)
    assert sum(one.deltas for one in done) == 20
    assert read(store, pilot)[0] == {BANDWIDTH: {DAY: Decimal(20)}}


def test_readers_see_every_sum_grow_while_all_is_ingested_metered_and_folded_at_once(
    store: PostgresTransactions, pilot: Deployment
) -> None:
    """Half a gigabyte that came twice, or was away for a moment, would show."""
    seed = Random().randrange(1 << 32)
    print(f"seed {seed}")
    rounds, over = 60, Event()
    levels = Random(seed).sample(range(1, 1000), rounds)
    seen: list[Decimal] = []

    def ingest() -> None:
        try:
            for number, level in enumerate(levels):
                push(store, pilot, f"e{number}a", f"e{number}b")
                zones = UsageEvent(f"z{number}", pilot.id, ZONES, Decimal(level), NOON)
                with store.begin(GATEWAY) as work:
                    record_usage(work, GATEWAY, events=[zones], now=NOW)
                with store.begin(OLGA) as work:
                    meter(work, pilot, str(level))
        finally:
            over.set()

    def fold() -> None:
        while not over.is_set():
            fold_usage(store, OLGA, now=AFTER, limit=1)

    def look() -> None:
        while not over.is_set():
            with store.begin(OLGA) as work:
                used = work.usage.for_period(pilot.id, APRIL)
            seen.append(used.get(BANDWIDTH, {}).get(DAY, Decimal(0)))
            level = used.get(HOURS, {}).get(DAY)
            assert level is None or level in levels
            highest = used.get(ZONES, {}).get(DAY)
            assert highest is None or highest in levels

    at_once(ingest, fold, fold, look)
    assert seen == sorted(seen)
    assert all(each % 2 == 0 for each in seen)  # each batch of two, whole
    assert len(set(seen)) > 1
    fold_usage(store, OLGA, now=AFTER)
    assert left(store) == 0
    assert read(store, pilot)[0] == {
        BANDWIDTH: {DAY: Decimal(2 * rounds)},
        HOURS: {DAY: Decimal(levels[-1])},
        ZONES: {DAY: Decimal(max(levels))},
    }


ACTS = st.one_of(
    st.tuples(st.just("push"), st.sampled_from([BANDWIDTH, ZONES]), st.integers(0, 50)),
    st.tuples(st.just("meter"), st.just(HOURS), st.integers(0, 50)),
    st.tuples(st.just("fold"), st.just(""), st.integers(1, 3)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=12))
def test_whatever_is_pushed_metered_and_folded_in_whatever_order_the_sums_are_those_without_folding(
    store: PostgresTransactions, acts: list[tuple[str, str, int]]
) -> None:
    own = deployed(store, slug=f"d-{uuid4().hex[:20]}", by=OLGA, tenant_id=f"t-{uuid4().hex}")
    expected = {BANDWIDTH: 0, ZONES: 0, HOURS: 0}
    for act, kind, number in acts:
        match act:
            case "push":
                event = UsageEvent(uuid4().hex, own.id, kind, Decimal(number), NOON)
                with store.begin(GATEWAY) as work:
                    record_usage(work, GATEWAY, events=[event], now=NOW)
                is_level = kind == ZONES
                expected[kind] = max(expected[kind], number) if is_level else expected[kind] + number
            case "meter":
                with store.begin(OLGA) as work:
                    meter(work, own, str(number))
                expected[kind] = number
            case _:
                fold_usage(store, OLGA, now=AFTER, limit=number)
        with store.begin(OLGA) as work:
            used = work.usage.for_period(own.id, APRIL)
        assert {kind: days[DAY] for kind, days in used.items()} == {
            kind: qty for kind, qty in expected.items() if qty
        }
