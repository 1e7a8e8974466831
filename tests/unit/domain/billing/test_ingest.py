"""Usage events: the same payload however it is written, the mode of an instant, and the verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.ingest import (
    Account,
    Batch,
    EventConflict,
    GatewayOnly,
    Met,
    OccurredInFuture,
    Outcome,
    must_be_gateway,
    occurred_day,
    payload_sha256,
)
from arcadia_domain.billing.llm_usage import LlmEvent, llm_usage
from arcadia_domain.billing.usage import DayOfKind, Source, SourceConflict
from arcadia_domain.billing.usage_events import TokensNotCounted, UsageEvent, pushed_usage
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal, Role, operator, tenant
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import DateOutOfRange, NaiveInstant
from arcadia_domain.pricing.kinds import UnknownKind

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
PILOT = UUID(int=1)
ACCOUNT = Account(PILOT, "acme", "AUD", LlmMode.GATEWAY)
CALL = LlmEvent("r1", PILOT, "a-model", 100, 20, Decimal("1.5"), "AUD", NOW)
PUSH = UsageEvent("e1", PILOT, "bandwidth_gb", Decimal("1.5"), NOW)
TENTH = timezone(timedelta(hours=10))


@pytest.mark.parametrize("event", [CALL, PUSH])
def test_a_payload_written_otherwise_is_the_same(event: LlmEvent | UsageEvent) -> None:
    moved = replace(event, occurred_at=NOW.astimezone(TENTH))
    number = {"charge": Decimal("1.500")} if isinstance(moved, LlmEvent) else {"qty": Decimal("1.500")}
    assert replace(moved, **number).payload_sha256 == event.payload_sha256  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, id="r2"),
        replace(CALL, deployment_id=UUID(int=2)),
        replace(CALL, model="other"),
        replace(CALL, input_tokens=10, output_tokens=20),
        replace(CALL, input_tokens=1002, output_tokens=0),
        replace(CALL, charge=Decimal("1.51")),
        replace(CALL, currency="NZD"),
        replace(CALL, occurred_at=NOW + timedelta(microseconds=1)),
        replace(CALL, occurred_at=NOW.replace(tzinfo=TENTH)),
    ],
)
def test_every_fact_of_a_call_is_in_its_payload(other: LlmEvent) -> None:
    assert other.payload_sha256 != CALL.payload_sha256


@pytest.mark.parametrize(
    "other",
    [
        replace(PUSH, id="e2"),
        replace(PUSH, deployment_id=UUID(int=2)),
        replace(PUSH, resource_kind="dns_zones"),
        replace(PUSH, qty=Decimal(15)),
        replace(PUSH, occurred_at=NOW + timedelta(days=1)),
    ],
)
def test_every_fact_of_a_push_is_in_its_payload(other: UsageEvent) -> None:
    assert other.payload_sha256 != PUSH.payload_sha256


_FACTS = st.lists(st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=3), max_size=4)


@given(_FACTS, _FACTS)
def test_two_payloads_have_one_hash_only_if_they_are_one(one: list[str], other: list[str]) -> None:
    # A payload has a fixed number of facts; none at all and one empty fact are not told apart.
    same = one == other or (not any(one + other) and len(one) <= 1 and len(other) <= 1)
    assert (payload_sha256(*one) == payload_sha256(*other)) is same


def test_the_mode_of_an_instant_is_that_of_the_last_change_before_it() -> None:
    first, second = NOW - timedelta(days=2), NOW - timedelta(days=1)
    changed = replace(
        ACCOUNT,
        llm_mode=LlmMode.OFF,
        llm_modes=((first, LlmMode.GATEWAY), (second, LlmMode.PLAN), (NOW, LlmMode.OFF)),
    )
    tick = timedelta(microseconds=1)
    at = [first - tick, first, second - tick, second, NOW - tick, NOW, NOW.astimezone(TENTH) + tick]
    assert [changed.llm_mode_at(instant).value for instant in at] == [
        "gateway",
        "gateway",
        "gateway",
        "plan",
        "plan",
        "off",
        "off",
    ]
    assert ACCOUNT.llm_mode_at(datetime(2000, 1, 1, tzinfo=UTC)) is LlmMode.GATEWAY


def test_an_event_counts_to_its_utc_day_and_clocks_may_differ_by_five_minutes() -> None:
    assert occurred_day(datetime(2026, 5, 1, 9, 59, tzinfo=TENTH), NOW) == date(2026, 4, 30)
    assert occurred_day(datetime(2000, 1, 1, tzinfo=UTC), NOW) == date(2000, 1, 1)
    assert occurred_day(NOW + timedelta(minutes=5), NOW) == NOW.date()
    for instant, error in (
        (NOW + timedelta(minutes=5, microseconds=1), OccurredInFuture),
        (datetime(1999, 12, 31, 23, 59, tzinfo=UTC), DateOutOfRange),
        (datetime.min.replace(tzinfo=TENTH), DateOutOfRange),
        (datetime(2026, 5, 1), NaiveInstant),
    ):
        with pytest.raises(error):
            occurred_day(instant, NOW)


def test_tokens_are_usage_only_where_the_plan_pays() -> None:
    for mode in LlmMode:
        recorded = llm_usage(CALL, replace(ACCOUNT, llm_mode=mode), NOW)
        assert (recorded.mode, recorded.tenant_id, recorded.day) == (mode, "acme", NOW.date())
        counted = DayOfKind("acme", PILOT, "llm_tokens", NOW.date()) if mode is LlmMode.PLAN else None
        assert recorded.counted_on == counted


def test_a_charge_in_another_currency_is_refused_by_name() -> None:
    with pytest.raises(MixedCurrencies, match="'r1' is in NZD, but everything here is priced in AUD"):
        llm_usage(replace(CALL, currency="NZD"), ACCOUNT, NOW)


def test_usage_is_pushed_of_any_kind_of_the_registry_and_no_other() -> None:
    assert not pushed_usage(PUSH, ACCOUNT, NOW).is_peak
    zones = pushed_usage(replace(PUSH, resource_kind="dns_zones"), ACCOUNT, NOW)
    assert zones.is_peak
    assert zones.counted_on == DayOfKind("acme", PILOT, "dns_zones", NOW.date())
    with pytest.raises(UnknownKind):
        pushed_usage(replace(PUSH, resource_kind="gpu_hours"), ACCOUNT, NOW)


@pytest.mark.parametrize("mode", sorted(LlmMode))
def test_tokens_are_pushed_where_the_plan_pays_and_nowhere_else(mode: LlmMode) -> None:
    tokens = replace(PUSH, resource_kind="llm_tokens")
    other = LlmMode.PLAN if mode is not LlmMode.PLAN else LlmMode.GATEWAY
    later = ((NOW - timedelta(days=9), mode), (NOW + timedelta(microseconds=1), other))
    account = replace(ACCOUNT, llm_mode=other, llm_modes=later)
    if mode is LlmMode.PLAN:
        assert pushed_usage(tokens, account, NOW).counted_on == DayOfKind(
            "acme", PILOT, "llm_tokens", NOW.date()
        )
        return
    with pytest.raises(TokensNotCounted, match=f"was in mode {mode} at .*in mode plan only") as refused:
        pushed_usage(tokens, account, NOW)
    assert refused.value.code == "tokens_not_counted"
    assert pushed_usage(PUSH, account, NOW).counted_on is not None


def test_a_push_of_nothing_claims_no_day() -> None:
    nothing = pushed_usage(replace(PUSH, qty=Decimal("0.000")), ACCOUNT, NOW)
    assert (nothing.counted_on, nothing.day.day) == (None, NOW.date())


def test_only_the_gateway_and_operators_may_record() -> None:
    must_be_gateway(Principal("gateway", "gateway", frozenset({Role.LLM_GATEWAY})))
    must_be_gateway(operator("olga"))
    with pytest.raises(GatewayOnly):
        must_be_gateway(tenant("ann", "acme"))


def told(batch: Batch, met: Met) -> list[Outcome | str]:
    verdicts = batch.verdicts(met, Source.PUSHED)
    return [one.code if isinstance(one, DomainError) else one for one in verdicts]


def test_within_a_batch_the_first_that_may_be_recorded_counts() -> None:
    refusal = UnknownKind(kind="x", known="")
    other = replace(PUSH, qty=Decimal(2))
    batch = Batch([other, PUSH, PUSH, other], first={"e1": 1}, refused={0: refusal})
    assert told(batch, Met({}, {})) == ["unknown_kind", Outcome.ACCEPTED, Outcome.DUPLICATE, "event_conflict"]


def test_what_is_recorded_decides_before_anything_else() -> None:
    batch = Batch(
        [PUSH, replace(PUSH, qty=Decimal(2))], first={}, refused={0: GatewayOnly(), 1: GatewayOnly()}
    )
    met = Met({"e1": PUSH.payload_sha256}, {})
    assert told(batch, met) == [Outcome.DUPLICATE, "event_conflict"]
    taken = Met(met.recorded, {"e1": (DayOfKind("acme", PILOT, "dns_zones", NOW.date()), Source.METERED)})
    assert told(Batch([PUSH], {"e1": 0}, {}), taken) == [Outcome.DUPLICATE]


def test_a_day_of_another_source_refuses_every_repetition_of_the_event_and_tells_all() -> None:
    day = DayOfKind("acme", PILOT, "dns_zones", NOW.date())
    verdicts = Batch([PUSH, PUSH], {"e1": 0}, {}).verdicts(
        Met({}, {"e1": (day, Source.METERED)}), Source.PUSHED
    )
    for verdict in verdicts:
        assert isinstance(verdict, SourceConflict)
        assert verdict.facts == {
            "tenant_id": "acme",
            "kind": "dns_zones",
            "deployment_id": PILOT,
            "day": NOW.date(),
            "first": "metered",
            "second": "pushed",
        }


def test_a_conflict_names_the_event() -> None:
    assert "'r1'" in str(EventConflict(event_id="r1"))
