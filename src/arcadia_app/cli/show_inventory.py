"""What is shown of the inventory on the command line: a table on stdout, or the shapes of HTTP as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from arcadia_app.wire.inventory import Resource, ResourceAssignment, Resources
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.cloud import ToldAssignment


def show_inventory(found: Sequence[CloudResource], json_: bool) -> None:
    if json_:
        shape = Resources(items=[Resource.of(one) for one in found], next_cursor=None)
        _print_json(msgspec.to_builtins(shape))
        return
    from arcadia_app.cli.tables import console, table

    made = table(f"Inventory: {len(found)}", ("id", "kind", "name", "size", "status", "tenant"), left=6)
    made.columns[0].no_wrap = True  # what `assign` asks for
    for one in found:
        made.add_row(
            str(one.id), one.kind, one.name, one.size_slug or "", one.status or "", one.tenant_id or "–"
        )
    console().print(made)


def show_assigned(told: ToldAssignment, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(ResourceAssignment.of(told)))
        return
    assignment = told.assignment
    whose = f"{assignment.tenant_id}'s deployment {assignment.deployment_id}"
    holder = "nobody" if assignment.deployment_id is None else whose
    click.echo(
        f"Resource {assignment.resource_id} is held by {holder} from {assignment.from_at:%Y-%m-%d} on."
    )


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
