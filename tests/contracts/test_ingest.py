"""What every Ingest must do (ports.ingest), in memory and on Postgres, through the acts that use it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, cycle
from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcadia_app.use_cases.billing.edit_deployment import edit_deployment
from arcadia_app.use_cases.billing.record_llm_usage import record_llm_usage
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.ingest import Outcome, Stream, Verdict
from arcadia_domain.billing.invoicing import LlmCharges
from arcadia_domain.billing.llm_usage import LlmEvent
from arcadia_domain.billing.usage import DayUsage
from arcadia_domain.billing.usage_events import UsageEvent
from arcadia_domain.cloud.metering import MeteredDay
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.month_end import Existing
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, GATEWAY, NOBODYS, NOW, OLGA, deployed

DAY = date(2026, 4, 10)
NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
APRIL = month_of(DAY)
BANDWIDTH, ZONES, TOKENS = "bandwidth_gb", "dns_zones", "llm_tokens"
HOURS, SIZED, OTHER_SIZE = "droplet_hours", "droplet_hours:s-1vcpu-1gb", "droplet_hours:c-2"
ACCEPTED, DUPLICATE = Outcome.ACCEPTED, Outcome.DUPLICATE

# A store lives for a test, and hypothesis runs many examples in it: each has a deployment of its own.
MANY: Final = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_numbers = count(1)


def call(deployment: Deployment, id_: str = "r1", **facts: object) -> LlmEvent:
    """A priced event: 120 tokens for 1.23 cents."""
    event = LlmEvent(id_, deployment.id, "a-model", 100, 20, Decimal("0.0123"), "AUD", NOON)
    return replace(event, **facts)  # type: ignore[arg-type]


def pushed(deployment: Deployment, id_: str = "e1", **facts: object) -> UsageEvent:
    """Some bandwidth."""
    return replace(UsageEvent(id_, deployment.id, BANDWIDTH, Decimal("1.5"), NOON), **facts)  # type: ignore[arg-type]


def tell_llm(
    transactions: Transactions, *events: LlmEvent, by: Principal = GATEWAY, now: datetime = NOW
) -> list[Verdict | str]:
    with transactions.begin(by) as work:
        return coded(record_llm_usage(work, by, events=events, now=now))


def tell(transactions: Transactions, *events: UsageEvent, by: Principal = GATEWAY) -> list[Verdict | str]:
    with transactions.begin(by) as work:
        return coded(record_usage(work, by, events=events, now=NOW))


def coded(verdicts: Sequence[Verdict]) -> list[Verdict | str]:
    """A refusal as its code."""
    return [verdict.code if isinstance(verdict, DomainError) else verdict for verdict in verdicts]


def used(transactions: Transactions, deployment: Deployment) -> dict[str, dict[date, Decimal]]:
    with transactions.begin(OLGA) as work:
        return {kind: dict(days) for kind, days in work.usage.for_period(deployment.id, APRIL).items()}


def charged(transactions: Transactions, deployment: Deployment) -> LlmCharges | None:
    """What April's invoice would bill for the gateway."""
    with transactions.begin(OLGA) as work:
        months = work.month_end.due(APRIL, Existing.IGNORE, after="", limit=1, tenant_id=deployment.tenant_id)
    of_deployment = [
        one for month in months for one in month.deployments if one.deployment_id == deployment.id
    ]
    return of_deployment[0].llm if of_deployment else None


def metered(transactions: Transactions, deployment: Deployment, **quantities: str) -> int:
    """How many of these kinds another source has on this day."""
    usage = tuple(
        DayUsage(deployment.tenant_id, deployment.id, kind, DAY, Decimal(qty))
        for kind, qty in quantities.items()
    )
    with transactions.begin(OLGA) as work:
        recorded = work.usage.record_metered(MeteredDay(DAY, usage, ()), work.new_id(), NOW)
    return len(recorded.conflicts)


def in_mode(
    transactions: Transactions, deployment: Deployment, mode: LlmMode, from_at: datetime = NOON
) -> None:
    with transactions.begin(OLGA) as work:
        edit_deployment(work, OLGA, deployment_id=deployment.id, now=from_at, llm_mode=mode)


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def test_charges_of_the_gateway_add_up_exactly_and_each_event_once(
    transactions: Transactions, pilot: Deployment
) -> None:
    events = [call(pilot, f"r{n}", charge=Decimal("0.00000001")) for n in range(3)]
    assert tell_llm(transactions, *events) == [ACCEPTED] * 3
    assert tell_llm(transactions, *reversed(events), call(pilot, "r9")) == [DUPLICATE] * 3 + [ACCEPTED]
    assert charged(transactions, pilot) == LlmCharges(Decimal("0.01230003"), "AUD", 4)
    assert used(transactions, pilot) == {}


def test_an_id_with_another_payload_is_a_conflict_and_changes_nothing(
    transactions: Transactions, pilot: Deployment
) -> None:
    tell_llm(transactions, call(pilot))
    for facts in (
        {"charge": Decimal(9)},
        {"input_tokens": 101},
        {"model": "other"},
        {"occurred_at": NOON + timedelta(microseconds=1)},
        {"deployment_id": deployed(transactions, BOB).id},
    ):
        assert tell_llm(transactions, call(pilot, **facts)) == ["event_conflict"]
    assert charged(transactions, pilot) == LlmCharges(Decimal("0.0123"), "AUD", 1)


def test_the_same_id_is_another_event_on_the_other_way_in(
    transactions: Transactions, pilot: Deployment
) -> None:
    assert tell_llm(transactions, call(pilot, "same")) == [ACCEPTED]
    assert tell(transactions, pushed(pilot, "same")) == [ACCEPTED]


def test_a_bad_event_never_fails_its_neighbours_and_may_come_again_mended(
    transactions: Transactions, pilot: Deployment
) -> None:
    verdicts = tell_llm(
        transactions,
        call(pilot, "nobodys", deployment_id=NOBODYS),
        call(pilot, "yen", currency="JPY"),
        call(pilot, "good"),
        call(pilot, "later", occurred_at=NOW + timedelta(minutes=5, microseconds=1)),
        call(pilot, "yen"),
    )
    assert verdicts == [
        "deployment_not_found",
        "mixed_currencies",
        ACCEPTED,
        "occurred_in_future",
        ACCEPTED,
    ]
    assert tell_llm(transactions, call(pilot, "later", occurred_at=NOW + timedelta(minutes=5))) == [ACCEPTED]


def test_what_is_recorded_stays_so_whatever_is_wrong_with_it_today(
    transactions: Transactions, pilot: Deployment
) -> None:
    ahead = call(pilot, occurred_at=NOW + timedelta(minutes=4))
    tell_llm(transactions, ahead)
    assert tell_llm(transactions, ahead, now=NOW - timedelta(minutes=4)) == [DUPLICATE]
    assert tell_llm(transactions, replace(ahead, currency="JPY")) == ["event_conflict"]


def test_the_mode_in_force_when_it_occurred_decides_who_pays(
    transactions: Transactions, pilot: Deployment
) -> None:
    hour = timedelta(hours=1)
    for n, mode in enumerate((LlmMode.PLAN, LlmMode.BYOK, LlmMode.OFF, LlmMode.GATEWAY)):
        in_mode(transactions, pilot, mode, NOON + n * hour)
    at = {f"r{n}": NOON + n * hour - timedelta(microseconds=1) for n in range(5)}
    events = [call(pilot, id_, occurred_at=instant) for id_, instant in at.items()]
    assert tell_llm(transactions, *events, call(pilot, "r5", occurred_at=NOON + 3 * hour)) == [ACCEPTED] * 6
    # The gateway before the first change and after the last one, the plan in between, then nobody.
    assert charged(transactions, pilot) == LlmCharges(Decimal("0.0369"), "AUD", 3)
    assert used(transactions, pilot) == {TOKENS: {DAY: Decimal(120)}}


def test_tokens_that_the_plan_pays_have_one_source_a_day(
    transactions: Transactions, pilot: Deployment
) -> None:
    in_mode(transactions, pilot, LlmMode.PLAN)
    tomorrow = NOON + timedelta(days=1)
    assert tell(transactions, pushed(pilot, resource_kind=TOKENS)) == [ACCEPTED]
    verdicts = tell_llm(transactions, call(pilot, "r1"), call(pilot, "r2", occurred_at=tomorrow))
    assert verdicts == ["usage_source_conflict", ACCEPTED]
    assert tell(transactions, pushed(pilot, "e2", resource_kind=TOKENS, occurred_at=tomorrow)) == [
        "usage_source_conflict"
    ]
    assert used(transactions, pilot) == {TOKENS: {DAY: Decimal("1.5"), tomorrow.date(): Decimal(120)}}


def test_a_call_without_tokens_is_recorded_where_the_plan_pays(
    transactions: Transactions, pilot: Deployment
) -> None:
    in_mode(transactions, pilot, LlmMode.PLAN)
    assert tell_llm(transactions, call(pilot, input_tokens=0, output_tokens=0)) == [ACCEPTED]
    assert used(transactions, pilot) == {}


def test_pushed_usage_adds_up_by_day_and_a_peak_kind_rises_to_its_highest(
    transactions: Transactions, pilot: Deployment
) -> None:
    late = NOON.replace(hour=23, minute=59)
    zones = [pushed(pilot, f"z{n}", resource_kind=ZONES, qty=Decimal(n)) for n in (2, 5, 3)]
    sums = [pushed(pilot, "s1"), pushed(pilot, "s2", occurred_at=late), pushed(pilot, "s0", qty=Decimal(0))]
    assert tell(transactions, *zones, *sums) == [ACCEPTED] * 6
    assert used(transactions, pilot) == {BANDWIDTH: {DAY: Decimal(3)}, ZONES: {DAY: Decimal(5)}}
    for n in (4, 7):
        tell(transactions, pushed(pilot, f"z{n}", resource_kind=ZONES, qty=Decimal(n)))
    assert tell(transactions, *zones, *sums) == [DUPLICATE] * 6
    assert used(transactions, pilot)[ZONES] == {DAY: Decimal(7)}


def test_a_day_that_is_metered_cannot_be_pushed_nor_the_other_way_round(
    transactions: Transactions, pilot: Deployment
) -> None:
    assert metered(transactions, pilot, dns_zones="3") == 0
    zones = pushed(pilot, "z", resource_kind=ZONES)
    with transactions.begin(GATEWAY) as work:
        _, refusal = record_usage(work, GATEWAY, events=[pushed(pilot), zones], now=NOW)
    assert isinstance(refusal, DomainError)
    assert refusal.facts == {
        "tenant_id": pilot.tenant_id,
        "kind": ZONES,
        "deployment_id": pilot.id,
        "day": DAY,
        "first": "metered",
        "second": "pushed",
    }
    assert metered(transactions, pilot, dns_zones="3", bandwidth_gb="9") == 1
    assert used(transactions, pilot) == {BANDWIDTH: {DAY: Decimal("1.5")}, ZONES: {DAY: Decimal(3)}}


def test_a_kind_and_its_sizes_have_one_source_a_day(transactions: Transactions, pilot: Deployment) -> None:
    assert (
        tell(
            transactions,
            pushed(pilot, "e1", resource_kind=HOURS),
            pushed(pilot, "e2", resource_kind=SIZED),
            pushed(pilot, "e3", resource_kind=SIZED, qty=Decimal(2)),
        )
        == [ACCEPTED] * 3
    )
    assert tell(transactions, pushed(pilot, "e4", resource_kind=OTHER_SIZE)) == [ACCEPTED]
    assert tell(transactions, pushed(pilot, "e4", resource_kind=OTHER_SIZE)) == [DUPLICATE]
    there = {
        HOURS: {DAY: Decimal("1.5")},
        SIZED: {DAY: Decimal("3.5")},
        OTHER_SIZE: {DAY: Decimal("1.5")},
    }
    assert used(transactions, pilot) == there
    assert metered(transactions, pilot, **{SIZED: "24", HOURS: "24"}) == 2
    assert used(transactions, pilot) == there


def test_where_a_size_is_metered_neither_it_nor_its_kind_can_be_pushed(
    transactions: Transactions, pilot: Deployment
) -> None:
    assert metered(transactions, pilot, **{SIZED: "24"}) == 0
    events = [pushed(pilot, f"e{n}", resource_kind=kind) for n, kind in enumerate([HOURS, SIZED, OTHER_SIZE])]
    assert tell(transactions, *events) == ["usage_source_conflict"] * 3
    assert tell(transactions, pushed(pilot, resource_kind="backup_hours:c-2")) == [ACCEPTED]
    assert used(transactions, pilot) == {
        SIZED: {DAY: Decimal(24)},
        "backup_hours:c-2": {DAY: Decimal("1.5")},
    }


@pytest.mark.parametrize("kind", [BANDWIDTH, ZONES])
def test_a_push_of_nothing_is_kept_and_stops_no_metering(
    transactions: Transactions, pilot: Deployment, kind: str
) -> None:
    nothing = pushed(pilot, resource_kind=kind, qty=Decimal(0))
    assert tell(transactions, nothing) == [ACCEPTED]
    assert metered(transactions, pilot, **{kind: "3"}) == 0
    assert tell(transactions, nothing, replace(nothing, id="e2")) == [DUPLICATE, ACCEPTED]
    assert used(transactions, pilot) == {kind: {DAY: Decimal(3)}}


def test_tokens_are_pushed_of_what_the_plan_paid_for_when_they_occurred(
    transactions: Transactions, pilot: Deployment
) -> None:
    in_mode(transactions, pilot, LlmMode.PLAN)
    tokens = pushed(pilot, "plan", resource_kind=TOKENS)
    early = replace(tokens, id="gateway", occurred_at=NOON - timedelta(microseconds=1))
    assert tell(transactions, early, tokens) == ["tokens_not_counted", ACCEPTED]
    assert used(transactions, pilot) == {TOKENS: {DAY: Decimal("1.5")}}
    assert tell(transactions, replace(early, occurred_at=NOON)) == [ACCEPTED]


def test_a_conflict_takes_no_day_from_another_source(transactions: Transactions, pilot: Deployment) -> None:
    tell(transactions, pushed(pilot, occurred_at=NOON - timedelta(days=1)))
    assert tell(transactions, pushed(pilot)) == ["event_conflict"]
    assert metered(transactions, pilot, bandwidth_gb="9") == 0


def test_any_text_comes_back_as_it_was_sent(transactions: Transactions, pilot: Deployment) -> None:
    ids = ['{"a","b"}', "NULL", "null", "a\\b", ",", " ", "\n", "é€😀", "''", "%s :x"]
    events = [call(pilot, id_, model=id_) for id_ in ids]
    assert tell_llm(transactions, *events) == [ACCEPTED] * len(ids)
    with transactions.begin(GATEWAY) as work:
        assert set(work.ingest.recorded(Stream.LLM, [*ids, "other"])) == set(ids)
    assert tell_llm(transactions, *events) == [DUPLICATE] * len(ids)


def test_tenants_record_nothing(transactions: Transactions, pilot: Deployment) -> None:
    for by in (ANN, BOB):
        with transactions.begin(by) as work, pytest.raises(DomainError) as caught:
            record_usage(work, by, events=[pushed(pilot)], now=NOW)
        assert caught.value.code == "gateway_only"
        with refused(), transactions.begin(by) as work:
            work.ingest.recorded(Stream.USAGE, ["e1"])
    assert tell(transactions, pushed(pilot), by=OLGA) == [ACCEPTED]


def test_an_account_is_told_only_of_deployments_that_are_there(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    in_mode(transactions, other, LlmMode.PLAN)
    with transactions.begin(GATEWAY) as work:
        accounts = work.ingest.accounts({pilot.id, other.id, NOBODYS})
    assert {one.deployment_id: (one.tenant_id, one.currency) for one in accounts.values()} == {
        pilot.id: ("acme", "AUD"),
        other.id: ("bobs-burgers", "AUD"),
    }
    assert accounts[pilot.id].llm_modes == ()
    assert accounts[other.id].llm_mode_at(NOON) is LlmMode.PLAN
    assert accounts[other.id].llm_mode_at(NOON - timedelta(microseconds=1)) is LlmMode.GATEWAY


# Few ids, so that they repeat; a payload per id and variant, so that some contradict each other.
_TOLD = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=1, max_size=30)
_CUTS = st.lists(st.integers(1, 6), min_size=1, max_size=10)


def in_batches(told: Sequence[tuple[int, int]], cuts: Sequence[int]) -> list[Sequence[tuple[int, int]]]:
    """What was told, in batches of these sizes, over and over."""
    sizes, batches, start = cycle(cuts), list[Sequence[tuple[int, int]]](), 0
    while start < len(told):
        size = next(sizes)
        batches.append(told[start : start + size])
        start += size
    return batches


@MANY
@given(told=_TOLD, cuts=_CUTS)
def test_however_events_are_cut_into_batches_and_repeated_the_first_of_each_id_counts_once(
    transactions: Transactions, told: list[tuple[int, int]], cuts: list[int]
) -> None:
    run = next(_numbers)
    pilot = deployed(transactions, slug=f"d{run}")
    in_mode(transactions, pilot, LlmMode.PLAN)

    def event(number: int, variant: int) -> LlmEvent:
        instant = NOON + timedelta(hours=13 * (number % 4) - 13)
        tokens = 1 + number + 100 * variant
        return call(pilot, f"{run}/{number}", occurred_at=instant, output_tokens=tokens)

    first: dict[int, int] = {}
    for batch in in_batches(told, cuts):
        expected: list[Verdict | str] = []
        for number, variant in batch:
            known = first.setdefault(number, variant) if number in first else None
            first.setdefault(number, variant)
            expected.append(
                ACCEPTED if known is None else DUPLICATE if known == variant else "event_conflict"
            )
        assert tell_llm(transactions, *(event(*one) for one in batch)) == expected
    recorded = [event(*one) for one in first.items()]
    by_day: dict[date, Decimal] = defaultdict(Decimal)
    for one in recorded:
        if one.occurred_at >= NOON:
            by_day[one.occurred_at.date()] += one.input_tokens + one.output_tokens
    assert used(transactions, pilot) == ({TOKENS: dict(by_day)} if by_day else {})
    billed = [one for one in recorded if one.occurred_at < NOON]
    found = charged(transactions, pilot)
    assert (found.events if found else 0) == len(billed)


@MANY
@given(told=_TOLD, cuts=_CUTS)
def test_however_pushes_are_cut_into_batches_the_days_are_their_sums_and_their_peaks(
    transactions: Transactions, told: list[tuple[int, int]], cuts: list[int]
) -> None:
    run = next(_numbers)
    pilot = deployed(transactions, slug=f"d{run}")

    def event(number: int, kind: int) -> UsageEvent:
        instant = NOON + timedelta(days=number % 2)
        qty = Decimal(number) / 8
        return pushed(
            pilot,
            f"{run}/{number}/{kind}",
            resource_kind=(BANDWIDTH, ZONES)[kind],
            qty=qty,
            occurred_at=instant,
        )

    for batch in in_batches(told, cuts):
        tell(transactions, *(event(*one) for one in batch))
    expected: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for number, kind in set(told):
        one = event(number, kind)
        days, day = expected[one.resource_kind], one.occurred_at.date()
        days[day] = max(days[day], one.qty) if kind else days[day] + one.qty
    found = used(transactions, pilot)
    assert found == {
        kind: kept for kind, days in expected.items() if (kept := {d: q for d, q in days.items() if q})
    }


def test_ids_of_the_deployment_are_known_by_uuid_not_by_text(
    transactions: Transactions, pilot: Deployment
) -> None:
    tell_llm(transactions, call(pilot))
    again = call(pilot, deployment_id=UUID(pilot.id.hex.upper()), charge=Decimal("0.01230000"))
    assert tell_llm(transactions, again) == [DUPLICATE]
