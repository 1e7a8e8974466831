"""The commands about what runs at DigitalOcean: the inventory, and whose a resource is.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import click

from arcadia_app.cli.options import Day, as_json, needs_wiring, operator_here
from arcadia_domain.cloud.inventory import RESOURCE_KINDS

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring

NOBODY = "nobody"


@click.command()
@click.option(
    "--kind", type=click.Choice(RESOURCE_KINDS), metavar="KIND", help="Only resources of this kind."
)
@click.option("--deployment", type=click.UUID, metavar="ID", help="Only those that it holds now.")
@click.option("--deleted", is_flag=True, help="Those that are gone, in place of those that are there.")
@as_json
@needs_wiring
def inventory(
    wiring: Callable[[], Wiring], kind: str | None, deployment: UUID | None, deleted: bool, json_: bool
) -> None:
    """What runs at DigitalOcean, as it was last seen, newest first."""
    from arcadia_app.cli.show_inventory import show_inventory
    from arcadia_app.use_cases.cloud.read_inventory import whole_inventory
    from arcadia_domain.ports.cloud import ResourcesAsked

    asked = ResourcesAsked(kind=kind, deployment_id=deployment, deleted=deleted)
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = list(whole_inventory(work, operator_here(), asked=asked))
    show_inventory(found, json_)


@click.command()
@click.argument("resource", type=click.UUID)
@click.argument("deployment", metavar=f"DEPLOYMENT|{NOBODY}")
@click.option(
    "--from", "from_day", type=Day(), required=True, help="The day from which it holds, at 00:00 UTC."
)
@as_json
@needs_wiring
def assign(
    wiring: Callable[[], Wiring], resource: UUID, deployment: str, from_day: date, json_: bool
) -> None:
    """Make a resource a deployment's from a day on, or nobody's. What was before stays."""
    from arcadia_app.cli.show_inventory import show_assigned
    from arcadia_app.use_cases.cloud.assign_resource import assign_resource
    from arcadia_domain.period import midnight

    to = None if deployment == NOBODY else click.UUID.convert(deployment, None, None)
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        told = assign_resource(
            work, operator_here(), resource_id=resource, deployment_id=to, from_at=midnight(from_day)
        )
    show_assigned(told, json_)
