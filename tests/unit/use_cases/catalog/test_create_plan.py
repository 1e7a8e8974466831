"""create_plan: the stable thing that versions belong to."""

from __future__ import annotations

import pytest

from arcadia_app.use_cases.catalog.create_plan import PlanCodeTaken, create_plan
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.pricing.catalog import EmptyName
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, GATEWAY, NOW, OLGA


def test_a_new_plan_has_no_version(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        plan = create_plan(work, OLGA, code="studio", name="Studio", now=NOW)
    assert store.state.plans == {"studio": plan}
    assert (plan.code, plan.name) == ("studio", "Studio")
    assert store.state.versions == {}


def test_a_taken_code_is_refused(shop: FakeTransactions) -> None:
    with refusal(shop, OLGA, PlanCodeTaken) as work:
        create_plan(work, OLGA, code="studio", name="Another", now=NOW)


@pytest.mark.parametrize(("code", "name"), [("", "Studio"), (" ", "Studio"), ("mini", ""), ("mini", "\n")])
def test_a_plan_without_code_or_name_is_refused(store: FakeTransactions, code: str, name: str) -> None:
    with refusal(store, OLGA, EmptyName) as work:
        create_plan(work, OLGA, code=code, name=name, now=NOW)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_only_an_operator_creates_a_plan(store: FakeTransactions, by: Principal) -> None:
    with refusal(store, by, OperatorsOnly) as work:
        create_plan(work, by, code="studio", name="Studio", now=NOW)
