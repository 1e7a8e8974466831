"""The inventory as it is printed: what `assign` asks for is never cut."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from arcadia_app.cli.show_inventory import show_assigned, show_inventory
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.ports.cloud import AssignedBy, ToldAssignment
from tests.held import april, resource


def test_a_resource_is_a_row_with_its_whole_id(capsys: pytest.CaptureFixture[str]) -> None:
    web = resource(1, name="a-name-that-is-much-longer-than-a-line-can-hold.example.com", tenant_id="acme")
    show_inventory([web, resource(2, size_slug=None, status=None)], json_=False)
    shown = capsys.readouterr().out
    assert "Inventory: 2" in shown
    for text in (str(web.id), "droplet", "s-1vcpu-1gb", "active", "acme"):
        assert text in shown, text
    assert max(map(len, shown.splitlines())) <= 100


def test_machines_are_told_the_shape_of_http(capsys: pytest.CaptureFixture[str]) -> None:
    show_inventory([resource(1)], json_=True)
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
    told = ToldAssignment(assignment, AssignedBy.OPERATOR, "cli")
    show_assigned(told, json_=False)
    said = capsys.readouterr().out
    assert said == f"Resource {UUID(int=4)} is held by {holder} from 2026-04-03 on.\n"
    show_assigned(told, json_=True)
    assert json.loads(capsys.readouterr().out)["from_at"] == "2026-04-03T00:00:00Z"
