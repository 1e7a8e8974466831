"""edit_deployment: what an operator edits, the record of it, and who paid for tokens until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from arcadia_app.use_cases.billing.edit_deployment import edit_deployment
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_domain.billing.deployments import EventKind, LlmMode
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.pricing.catalog import EmptyName
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOBODYS, NOW, OLGA, deployed

FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def test_what_is_given_changes_and_the_rest_stays(store: FakeTransactions) -> None:
    found = deployed(store)
    with store.begin(OLGA) as work:
        edited = edit_deployment(work, OLGA, deployment_id=found.id, now=NOW, billing_action_suspended=True)
    assert edited == replace(found, billing_action_suspended=True, revision=found.revision + 1)
    assert store.state.deployments[found.id] == edited
    told = store.state.events[found.id][-1]
    assert (told.kind, told.actor, told.details) == (
        EventKind.EDITED,
        "olga",
        {"billing_action_suspended": True},
    )


def test_an_edit_that_changes_nothing_is_not_recorded(store: FakeTransactions) -> None:
    found = deployed(store)
    before = store.state.copy()
    with store.begin(OLGA) as work:
        edited = edit_deployment(work, OLGA, deployment_id=found.id, now=NOW, display_name=found.display_name)
    assert edited == found
    assert store.state == before


def test_the_first_change_of_mode_keeps_what_held_before_it(store: FakeTransactions) -> None:
    found = deployed(store)
    with store.begin(OLGA) as work:
        edit_deployment(work, OLGA, deployment_id=found.id, now=NOW, llm_mode=LlmMode.PLAN)
    assert store.state.llm_modes[found.id] == {FIRST_INSTANT: LlmMode.GATEWAY, NOW: LlmMode.PLAN}


def test_a_tenant_may_not_edit(store: FakeTransactions) -> None:
    found = deployed(store)
    with refusal(store, ANN, OperatorsOnly) as work:
        edit_deployment(work, ANN, deployment_id=found.id, now=NOW, display_name="Mine")


def test_an_empty_name_is_refused(store: FakeTransactions) -> None:
    found = deployed(store)
    with refusal(store, OLGA, EmptyName) as work:
        edit_deployment(work, OLGA, deployment_id=found.id, now=NOW, display_name=" ")


def test_what_is_not_there_is_not_found(store: FakeTransactions) -> None:
    with refusal(store, OLGA, DeploymentNotFound) as work:
        edit_deployment(work, OLGA, deployment_id=NOBODYS, now=NOW)


def test_whoever_asks_may_refuse_what_is_found(store: FakeTransactions) -> None:
    found = deployed(store)

    def refuse(_: object) -> None:
        raise ValueError("stale")

    with pytest.raises(ValueError, match="stale"), store.begin(OLGA) as work:
        edit_deployment(work, OLGA, deployment_id=found.id, now=NOW, display_name="New", before=refuse)
    assert store.state.deployments[found.id] == found
