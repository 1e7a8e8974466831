"""Recording usage: who may, and that a refusal leaves nothing. What is stored is in the contract tests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from arcadia_app.use_cases.billing.record_llm_usage import record_llm_usage
from arcadia_app.use_cases.billing.record_usage import record_usage
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.ingest import GatewayOnly, Outcome
from arcadia_domain.billing.llm_usage import LlmEvent
from arcadia_domain.billing.usage_events import UsageEvent
from arcadia_domain.identity import Principal
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, GATEWAY, NOBODYS, NOW, OLGA, deployed

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def pilot(store: FakeTransactions) -> Deployment:
    return deployed(store)


def call(pilot: Deployment) -> LlmEvent:
    return LlmEvent("r1", pilot.id, "a-model", 1, 1, Decimal("0.01"), "AUD", NOON)


def push(pilot: Deployment) -> UsageEvent:
    return UsageEvent("e1", pilot.id, "bandwidth_gb", Decimal(1), NOON)


@pytest.mark.parametrize("by", [ANN, BOB])
def test_a_tenant_records_nothing_not_even_its_own(
    store: FakeTransactions, pilot: Deployment, by: Principal
) -> None:
    with refusal(store, by, GatewayOnly) as work:
        record_llm_usage(work, by, events=[call(pilot)], now=NOW)
    with refusal(store, by, GatewayOnly) as work:
        record_usage(work, by, events=[push(pilot)], now=NOW)


@pytest.mark.parametrize("by", [GATEWAY, OLGA])
def test_the_gateway_and_operators_record_for_every_tenant(
    store: FakeTransactions, pilot: Deployment, by: Principal
) -> None:
    with store.begin(by) as work:
        assert record_llm_usage(work, by, events=[call(pilot)], now=NOW) == [Outcome.ACCEPTED]
        assert record_usage(work, by, events=[push(pilot)], now=NOW) == [Outcome.ACCEPTED]


def test_an_unknown_deployment_is_named_and_nothing_is_kept_of_its_event(
    store: FakeTransactions, pilot: Deployment
) -> None:
    before = store.state.copy()
    unknown = UsageEvent("e1", NOBODYS, "bandwidth_gb", Decimal(1), NOON)
    with store.begin(GATEWAY) as work:
        [verdict] = record_usage(work, GATEWAY, events=[unknown], now=NOW)
    assert isinstance(verdict, DeploymentNotFound)
    assert verdict.facts == {"deployment_id": NOBODYS}
    assert store.state == before


def test_a_batch_of_nothing_comes_to_nothing(store: FakeTransactions) -> None:
    with store.begin(GATEWAY) as work:
        assert record_usage(work, GATEWAY, events=[], now=NOW) == []
