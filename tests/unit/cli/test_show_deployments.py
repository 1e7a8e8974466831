"""Deployments as they are printed: with the id that `assign` asks for, never cut."""

from __future__ import annotations

import json

import pytest

from arcadia_app.cli.show_deployments import show_deployments
from arcadia_app.use_cases.billing.read_deployments import deployment_slugs, whole_deployments
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, BOB, NOW, OLGA, deployed


@pytest.mark.parametrize("width", [80, 100])
def test_each_is_a_row_with_its_whole_id(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr("arcadia_app.cli.tables._WIDTH", width)
    store = FakeTransactions()
    pilot = deployed(store)
    with store.begin(OLGA) as work:
        show_deployments(list(whole_deployments(work, OLGA, now=NOW)), json_=False)
    out = capsys.readouterr().out
    [row] = [line.split() for line in out.splitlines() if str(pilot.id) in line]
    assert row == [f"{pilot.tenant_id}/{pilot.slug}", pilot.state.value, "–", str(pilot.id)]


def test_machines_are_told_the_shape_of_http(capsys: pytest.CaptureFixture[str]) -> None:
    store = FakeTransactions()
    pilot = deployed(store)
    with store.begin(OLGA) as work:
        show_deployments(list(whole_deployments(work, OLGA, now=NOW)), json_=True)
    told = json.loads(capsys.readouterr().out)
    assert [(item["id"], item["slug"]) for item in told["items"]] == [(str(pilot.id), pilot.slug)]
    assert told["next_cursor"] is None


def test_the_whole_list_is_every_page_of_a_tenant_or_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcadia_app.use_cases.billing.read_deployments._PAGE", 1)
    store = FakeTransactions()
    anns, bobs = deployed(store), deployed(store, BOB)
    with store.begin(OLGA) as work:
        assert {view.deployment.id for view in whole_deployments(work, OLGA, now=NOW)} == {anns.id, bobs.id}
        of_ann = whole_deployments(work, OLGA, now=NOW, tenant_id=ANN.tenant_id)
        assert [view.deployment.id for view in of_ann] == [anns.id]
        assert deployment_slugs(work, OLGA) == {anns.id: anns.slug, bobs.id: bobs.slug}
    with store.begin(ANN) as work:
        assert deployment_slugs(work, ANN) == {anns.id: anns.slug}
