"""What is shown of the inventory on the command line: a table on stdout, or the shapes of HTTP as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import click
import msgspec

from arcadia_app.use_cases.cloud.assign_resource import Assigned
from arcadia_app.wire.inventory import AssignedResource, Resource, Resources
from arcadia_domain.cloud.inventory import CloudResource

_NAME = 34
_ID_BESIDE = 18
"""How much of a name stands on one line of 80 columns; where it stands beside an id, less does."""


def show_inventory(
    found: Sequence[CloudResource], json_: bool, *, slugs: Mapping[UUID, str], ids: bool = False
) -> None:
    """`slugs` names the deployments. With `ids`, what `assign` asks for is never cut."""
    if json_:
        shape = Resources(items=[Resource.of(one) for one in found], next_cursor=None)
        _print_json(msgspec.to_builtins(shape))
        return
    from arcadia_app.cli.tables import console, table, whole

    columns = ("name", "held by", "id") if ids else ("name", "size", "status", "held by")
    made = table(f"Inventory: {len(found)}", columns, left=len(columns))
    for kind, alike in _by_kind(found).items():
        made.add_row(f"{kind}: {len(alike)}", style="bold")
        for one in alike:
            holder = _holder(one, slugs)
            more = (holder, str(one.id)) if ids else (one.size_slug or "–", one.status or "–", holder)
            made.add_row(one.name, *more)
        made.add_section()
    whole(made, "name", at_most=_ID_BESIDE if ids else _NAME)
    if ids:
        whole(made, "id")
    console(marked_up=False).print(made)


def _by_kind(found: Sequence[CloudResource]) -> dict[str, list[CloudResource]]:
    kinds: dict[str, list[CloudResource]] = {}
    for one in found:
        kinds.setdefault(one.kind, []).append(one)
    return dict(sorted(kinds.items()))


def _holder(resource: CloudResource, slugs: Mapping[UUID, str]) -> str:
    """tenant/deployment, as people call them."""
    if resource.deployment_id is None:
        return resource.tenant_id or "–"
    slug = slugs.get(resource.deployment_id, str(resource.deployment_id))
    return f"{resource.tenant_id}/{slug}"


def show_assigned(told: Assigned, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(AssignedResource.made(told)))
        return
    assignment = told.assignment
    whose = f"{assignment.tenant_id}'s deployment {assignment.deployment_id}"
    holder = "nobody" if assignment.deployment_id is None else whose
    click.echo(
        f"Resource {assignment.resource_id} is held by {holder} from {assignment.from_at:%Y-%m-%d} on."
    )
    if told.overruled:
        click.echo(f"{told.overruled} later change points that tags had made are gone.")


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
