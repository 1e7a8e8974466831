"""Usage events at once on Postgres: overlapping batches, two sources of a day, rising levels (ADR 0004)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing.edit_deployment import edit_deployment
from arcadia_app.use_cases.billing.record_llm_usage import record_llm_usage
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.ingest import Outcome, Verdict
from arcadia_domain.billing.llm_usage import LlmEvent
from arcadia_domain.billing.usage import DayUsage, SourceConflict
from arcadia_domain.billing.usage_events import UsageEvent
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.period import month_of
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.postgres.races import at_once, one_after_the_other
from tests.world import GATEWAY, NOW, OLGA, deployed

DAY = date(2026, 4, 10)
NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
ZONES, BANDWIDTH = "dns_zones", "bandwidth_gb"
HOURS, SIZED, OTHER_SIZE = "droplet_hours", "droplet_hours:s-1vcpu-1gb", "droplet_hours:c-2"


@pytest.fixture
def store(pools: Pools) -> PostgresTransactions:
    return PostgresTransactions(pools)


@pytest.fixture
def pilot(store: PostgresTransactions) -> Deployment:
    return deployed(store)


def calls(pilot: Deployment, ids: Sequence[str]) -> list[LlmEvent]:
    return [LlmEvent(id_, pilot.id, "a-model", 1, 1, Decimal("0.01"), "AUD", NOON) for id_ in ids]


def pushes(pilot: Deployment, kind: str, **quantities: str) -> list[UsageEvent]:
    """By id."""
    return [UsageEvent(id_, pilot.id, kind, Decimal(qty), NOON) for id_, qty in quantities.items()]


def pushing(*events: UsageEvent) -> Callable[[Work], list[Verdict]]:
    return lambda work: record_usage(work, OLGA, events=events, now=NOW)


def metering(pilot: Deployment, kind: str) -> Callable[[Work], Sequence[SourceConflict]]:
    usage = DayUsage(pilot.tenant_id, pilot.id, kind, DAY, Decimal(9))
    metered = MeteredDay(DAY, (usage,), ())
    return lambda work: work.usage.record_metered(metered, work.new_id(), NOW).conflicts


def used(store: PostgresTransactions, pilot: Deployment) -> dict[str, Decimal]:
    with store.begin(OLGA) as work:
        return {kind: days[DAY] for kind, days in work.usage.for_period(pilot.id, month_of(DAY)).items()}


def test_batches_that_overlap_in_any_order_never_deadlock_and_store_each_event_once(
    store: PostgresTransactions, pilot: Deployment
) -> None:
    ids = [f"r{n}" for n in range(300)]

    def tell(told: Sequence[str]) -> list[Verdict]:
        with store.begin(GATEWAY) as work:
            return record_llm_usage(work, GATEWAY, events=calls(pilot, told), now=NOW)

    orders = [ids, ids[::-1], ids[150:] + ids[:150], ids[::2] + ids[1::2]]
    told = at_once(*(lambda order=order: tell(order) for order in orders))
    verdicts = [verdict for one in told for verdict in one]
    assert (verdicts.count(Outcome.ACCEPTED), verdicts.count(Outcome.DUPLICATE)) == (300, 900)


def test_the_second_to_tell_an_event_waits_for_the_first_and_is_a_duplicate_or_a_conflict(
    pools: Pools, pilot: Deployment
) -> None:
    [event], [other] = pushes(pilot, BANDWIDTH, e="1"), pushes(pilot, BANDWIDTH, e="2")
    [more] = pushes(pilot, BANDWIDTH, more="1")
    first, second = one_after_the_other(pools, pushing(event), pushing(more, event, other))
    assert first == [Outcome.ACCEPTED]
    assert second[:2] == [Outcome.ACCEPTED, Outcome.DUPLICATE]
    assert getattr(second[2], "code", None) == "event_conflict"


def test_two_pushes_that_claim_a_day_at_once_both_count(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    one_after_the_other(
        pools,
        pushing(*pushes(pilot, BANDWIDTH, a="1.5")),
        pushing(*pushes(pilot, BANDWIDTH, b="2")),
    )
    assert used(store, pilot) == {BANDWIDTH: Decimal("3.5")}


def test_two_levels_at_once_come_to_the_higher_one(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    with store.begin(OLGA) as work:
        pushing(*pushes(pilot, ZONES, before="1"))(work)  # the day is claimed: only the level is waited for
    one_after_the_other(pools, pushing(*pushes(pilot, ZONES, a="5")), pushing(*pushes(pilot, ZONES, b="7")))
    assert used(store, pilot) == {ZONES: Decimal(7)}


def test_of_a_metering_and_a_push_at_once_the_first_has_the_day(pools: Pools, pilot: Deployment) -> None:
    _, pushed = one_after_the_other(pools, metering(pilot, ZONES), pushing(*pushes(pilot, ZONES, a="5")))
    assert isinstance(pushed[0], SourceConflict)
    pushed, metered = one_after_the_other(
        pools, pushing(*pushes(pilot, BANDWIDTH, b="5")), metering(pilot, BANDWIDTH)
    )
    assert pushed == [Outcome.ACCEPTED]
    assert [conflict.facts["first"] for conflict in metered] == ["pushed"]


@pytest.mark.parametrize(("metered", "told"), [(SIZED, HOURS), (HOURS, SIZED), (SIZED, OTHER_SIZE)])
def test_a_kind_and_its_sizes_have_one_source_also_at_once(
    pools: Pools, store: PostgresTransactions, metered: str, told: str
) -> None:
    first, second = deployed(store, slug="one"), deployed(store, slug="two")
    _, pushed = one_after_the_other(pools, metering(first, metered), pushing(*pushes(first, told, a="5")))
    assert isinstance(pushed[0], SourceConflict)
    assert used(store, first) == {metered: Decimal(9)}
    pushed, conflicts = one_after_the_other(
        pools, pushing(*pushes(second, told, b="5")), metering(second, metered)
    )
    assert pushed == [Outcome.ACCEPTED]
    assert [(one.facts["kind"], one.facts["first"]) for one in conflicts] == [(metered, "pushed")]
    assert used(store, second) == {told: Decimal(5)}


def test_sizes_claimed_in_any_order_never_deadlock_and_each_kind_has_one_source(
    store: PostgresTransactions,
) -> None:
    pilots = [deployed(store, slug=f"pilot-{n}") for n in range(6)]
    kinds = [HOURS, SIZED, OTHER_SIZE, "backup_hours", "backup_hours:c-2"]

    def tell(told: Sequence[tuple[Deployment, str]], name: str) -> Sequence[Verdict]:
        events = [
            UsageEvent(f"{name}/{pilot.id}/{kind}", pilot.id, kind, Decimal(1), NOON) for pilot, kind in told
        ]
        with store.begin(OLGA) as work:
            return record_usage(work, OLGA, events=events, now=NOW)

    def meter() -> Sequence[Verdict]:
        usage = tuple(
            DayUsage(pilot.tenant_id, pilot.id, kind, DAY, Decimal(9)) for pilot in pilots for kind in kinds
        )
        with store.begin(OLGA) as work:
            work.usage.lock_day(DAY)
            return work.usage.record_metered(MeteredDay(DAY, usage, ()), work.new_id(), NOW).conflicts

    pairs = [(pilot, kind) for pilot in pilots for kind in kinds]
    at_once(
        lambda: tell(pairs, "a"),
        meter,
        lambda: tell(pairs[::-1], "b"),
        lambda: tell(pairs[3::2] + pairs[::2], "c"),
        meter,
    )
    with store.begin(OLGA) as work:
        for pilot in pilots:
            found = {kind: days[DAY] for kind, days in work.usage.for_period(pilot.id, month_of(DAY)).items()}
            for base in (HOURS, "backup_hours"):
                quantities = {qty for kind, qty in found.items() if kind.startswith(base)}
                assert quantities == {Decimal(9)} or Decimal(9) not in quantities, found


@contextmanager
def counted(pools: Pools) -> Iterator[list[str]]:
    """The statements that the gateway's role runs in the block."""
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(pools.gateway, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        sa.event.remove(pools.gateway, "before_cursor_execute", count)


def test_a_batch_is_two_statements_and_three_where_something_comes_again(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    def told(ids: Sequence[str]) -> int:
        with counted(pools) as statements, store.begin(GATEWAY) as work:
            record_llm_usage(work, GATEWAY, events=calls(pilot, ids), now=NOW)
        return len(statements)

    for size in (1, 500):
        ids = [f"{size}/{n}" for n in range(size)]
        assert [told(ids), told(ids), told([*ids, "more"])] == [2, 3, 3]


def test_counting_tokens_asks_for_their_days_and_claims_those_that_are_new(
    pools: Pools, store: PostgresTransactions, pilot: Deployment
) -> None:
    with store.begin(OLGA) as work:
        edit_deployment(
            work, OLGA, deployment_id=pilot.id, now=NOON - timedelta(days=1), llm_mode=LlmMode.PLAN
        )

    def told(ids: Sequence[str]) -> int:
        with counted(pools) as statements, store.begin(GATEWAY) as work:
            record_llm_usage(work, GATEWAY, events=calls(pilot, ids), now=NOW)
        return len(statements)

    assert told(["first"]) == 6
    assert told([str(n) for n in range(500)]) == 3
