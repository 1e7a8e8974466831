"""attribute_line, take_back_attribution: an operator says whose a cost line is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.billing_run.check_rollup import UnknownTenant
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.cloud.attribute_line import (
    DeploymentOfOtherTenant,
    attribute_line,
    take_back_attribution,
)
from arcadia_app.use_cases.cloud.read_costs import CostLineNotFound, list_cost_lines, unattributed_lines
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.attribution import Share
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.ports.charges import ChargesAsked
from tests.contracts.test_costs import APRIL, line, stored, unmatched
from tests.fakes.transactions import FakeTransactions
from tests.held import april, assigned, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, deployed, seeded


@pytest.fixture
def pilot(store: FakeTransactions) -> Deployment:
    return deployed(seeded(store))


@pytest.fixture
def charge(store: FakeTransactions, pilot: Deployment) -> PlacedCharge:
    """A droplet's line; Bob held the droplet."""
    web = resource()
    recorded(store, web)
    assigned(store, web, deployed(store, BOB), april(1))
    stored(store, [Match(line(1), web.id, How.NAME)])
    return lines(store)[0]


def lines(store: FakeTransactions) -> list[PlacedCharge]:
    with store.begin(OLGA) as work:
        return list(list_cost_lines(work, OLGA, asked=ChargesAsked(), after=None, limit=9))


def ruled(store: FakeTransactions, charge: PlacedCharge, **said: Any) -> PlacedCharge:
    told: dict[str, Any] = {"tenant_id": ANN.tenant_id, "deployment_id": None, "reason": "hers", "now": NOW}
    with store.begin(OLGA) as work:
        return attribute_line(work, OLGA, line_id=charge.id, **{**told, **said})


def test_a_ruling_counts_before_who_held_the_resource(
    store: FakeTransactions, charge: PlacedCharge, pilot: Deployment
) -> None:
    given = ruled(store, charge, deployment_id=pilot.id)
    assert given.attribution.shares == (Share(ANN.tenant_id, pilot.id, 600),)
    assert lines(store) == [given]
    with store.begin(OLGA) as work:
        margin = margin_summary(work, OLGA, period=APRIL)
    assert {one.tenant_id: one.margin.cogs_cents for one in margin.by_tenant} == {ANN.tenant_id: 600}


def test_nobodys_on_purpose_is_nobodys(store: FakeTransactions, charge: PlacedCharge) -> None:
    given = ruled(store, charge, tenant_id=None, reason="a test of ours")
    assert (given.attribution.shares, given.attribution.unattributed_cents) == ((), 600)
    assert given.holder is None
    with store.begin(OLGA) as work:
        assert unattributed_lines(work, OLGA, asked=ChargesAsked()) == [given]
        assert margin_summary(work, OLGA, period=APRIL).unattributed_cogs_cents == 600


def test_the_same_ruling_again_changes_nothing(store: FakeTransactions, charge: PlacedCharge) -> None:
    first = ruled(store, charge)
    assert ruled(store, charge, now=NOW + timedelta(days=1)) == first
    other = ruled(store, charge, reason="known better", now=NOW + timedelta(days=1))
    assert other.ruling is not None
    assert (other.ruling.reason, other.ruling.at) == ("known better", NOW + timedelta(days=1))


def test_what_was_ruled_survives_a_shuffled_ingest(store: FakeTransactions, charge: PlacedCharge) -> None:
    given = ruled(store, charge)
    stored(store, unmatched(line(2)))
    stored(store, unmatched(line(2, line_no=2), line(3, line_no=3), line(1, line_no=9)))
    again = next(one for one in lines(store) if one.id == charge.id)
    assert (again.line.line_no, again.ruling, again.resource) == (9, given.ruling, None)
    assert again.attribution == given.attribution


def test_a_ruling_is_taken_back_as_often_as_one_likes(store: FakeTransactions, charge: PlacedCharge) -> None:
    ruled(store, charge)
    for _ in range(2):
        with store.begin(OLGA) as work:
            assert take_back_attribution(work, OLGA, line_id=charge.id) == charge
    assert lines(store) == [charge]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"tenant_id": "nobody"}, UnknownTenant),
        ({"deployment_id": NOBODYS}, DeploymentNotFound),
        ({"tenant_id": None, "deployment_id": "pilot"}, DeploymentOfOtherTenant),
        ({"tenant_id": BOB.tenant_id, "deployment_id": "pilot"}, DeploymentOfOtherTenant),
    ],
)
def test_a_line_is_given_to_whom_there_is(
    store: FakeTransactions,
    charge: PlacedCharge,
    pilot: Deployment,
    said: dict[str, Any],
    error: type[Exception],
) -> None:
    deployment: str | UUID | None = said.get("deployment_id")
    told = {"tenant_id": ANN.tenant_id, "deployment_id": None, **said}
    if deployment == "pilot":
        told["deployment_id"] = pilot.id
    with refusal(store, OLGA, error) as work:  # type: ignore[arg-type]
        attribute_line(work, OLGA, line_id=charge.id, reason="r", now=NOW, **told)


def test_a_line_that_is_not_there_is_refused(store: FakeTransactions, pilot: Deployment) -> None:
    with refusal(store, OLGA, CostLineNotFound) as work:
        attribute_line(work, OLGA, line_id=NOBODYS, tenant_id=None, deployment_id=None, reason="r", now=NOW)
    with refusal(store, OLGA, CostLineNotFound) as work:
        take_back_attribution(work, OLGA, line_id=NOBODYS)


def test_a_tenant_neither_reads_nor_rules(store: FakeTransactions, charge: PlacedCharge) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        list_cost_lines(work, ANN, asked=ChargesAsked(), after=None, limit=1)
    with refusal(store, ANN, OperatorsOnly) as work:
        attribute_line(work, ANN, line_id=charge.id, tenant_id=None, deployment_id=None, reason="r", now=NOW)
    with refusal(store, ANN, OperatorsOnly) as work:
        take_back_attribution(work, ANN, line_id=charge.id)


def test_one_holder_of_the_whole_line_is_named(store: FakeTransactions, charge: PlacedCharge) -> None:
    assert charge.holder is not None
    assert charge.holder.tenant_id == BOB.tenant_id
    half = tuple(replace(one, from_at=april(16)) for one in charge.assignments)
    assert replace(charge, assignments=half).holder is None
