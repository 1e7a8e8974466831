"""What is shown of deployments on the command line: a table on stdout, or the shape of HTTP as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click
import msgspec

from arcadia_app.use_cases.billing.read_deployments import DeploymentView
from arcadia_app.wire.deployments import Deployment, Deployments


def show_deployments(found: Sequence[DeploymentView], json_: bool) -> None:
    if json_:
        shape = Deployments(items=[Deployment.of(one) for one in found], next_cursor=None)
        click.echo(json.dumps(msgspec.to_builtins(shape), indent=2, ensure_ascii=False))
        return
    from arcadia_app.cli.tables import console, table, whole

    columns = ("deployment", "state", "plan", "id")
    made = table(f"Deployments: {len(found)}", columns, left=len(columns))
    for view in found:
        one, plan = view.deployment, view.subscription.version.plan_code if view.subscription else "–"
        made.add_row(f"{one.tenant_id}/{one.slug}", one.state, plan, str(one.id))
    whole(made, "deployment", at_most=14)
    whole(made, "id")
    console(marked_up=False).print(made)
