"""The inventory as it is printed: what `assign` asks for is never cut."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from arcadia_app.cli.show_inventory import show_assigned, show_inventory
from arcadia_app.use_cases.cloud.assign_resource import Assigned
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.ports.cloud import AssignedBy
from tests.held import april, resource

WEB = resource(1, name="pilot-web-of-some-length.example", tenant_id="acme", deployment_id=UUID(int=7))
POOL = resource(
    2, name="k8s-pool", kind="kubernetes_node_pool", size_slug="s-4vcpu-8gb", status=None, tenant_id=None
)
SLUGS = {UUID(int=7): "pilot"}


def shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, *, ids: bool = False
) -> str:
    monkeypatch.setattr("arcadia_app.cli.tables._WIDTH", width)
    show_inventory([WEB, POOL], json_=False, slugs=SLUGS, ids=ids)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    assert "Inventory: 2" in out
    return out


@pytest.mark.parametrize("width", [80, 100])
def test_each_resource_is_one_line_under_its_kind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    rows = [line.split() for line in shown(capsys, monkeypatch, width).splitlines()[4:] if line.strip()]
    assert rows == [
        ["droplet:", "1"],
        [WEB.name, "s-1vcpu-1gb", "active", "acme/pilot"],
        ["kubernetes_node_pool:", "1"],
        ["k8s-pool", "s-4vcpu-8gb", "–", "–"],
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_the_id_is_whole_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    out = shown(capsys, monkeypatch, width, ids=True)
    for text in (str(WEB.id), str(POOL.id), "droplet", "acme/pilot"):
        assert text in out, text


def test_a_bracket_in_a_name_is_a_bracket(capsys: pytest.CaptureFixture[str]) -> None:
    show_inventory([resource(1, name="web [bold] :wave:")], json_=False, slugs={})
    assert "web [bold] :wave:" in capsys.readouterr().out


def test_machines_are_told_the_shape_of_http(capsys: pytest.CaptureFixture[str]) -> None:
    show_inventory([resource(1)], json_=True, slugs={})
    told = json.loads(capsys.readouterr().out)
    assert (told["items"][0]["name"], told["next_cursor"]) == ("web-1", None)


@pytest.mark.parametrize(
    ("deployment", "holder"),
    [(UUID(int=5), f"acme's deployment {UUID(int=5)}"), (None, "nobody")],
)
def test_an_assignment_is_a_sentence(
    capsys: pytest.CaptureFixture[str], deployment: UUID | None, holder: str
) -> None:
    assignment = Assignment(
        resource_id=UUID(int=4),
        from_at=april(3),
        tenant_id=None if deployment is None else "acme",
        deployment_id=deployment,
    )
    told = Assigned(assignment, AssignedBy.OPERATOR, "cli", overruled=0)
    show_assigned(told, json_=False)
    said = capsys.readouterr().out
    assert said == f"Resource {UUID(int=4)} is held by {holder} from 2026-04-03 on.\n"
    show_assigned(told, json_=True)
    assert json.loads(capsys.readouterr().out)["from_at"] == "2026-04-03T00:00:00Z"


def test_what_tags_had_said_is_said_to_be_gone(capsys: pytest.CaptureFixture[str]) -> None:
    assignment = Assignment(resource_id=UUID(int=4), from_at=april(3))
    told = Assigned(assignment, AssignedBy.OPERATOR, "cli", overruled=2)
    show_assigned(told, json_=False)
    assert "2 later change points that tags had made are gone" in capsys.readouterr().out
    show_assigned(told, json_=True)
    assert json.loads(capsys.readouterr().out)["overruled_tags"] == 2
