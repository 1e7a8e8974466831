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


class _Holder(click.ParamType["UUID | str"]):
    """A deployment's id, or nobody."""

    name = "DEPLOYMENT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> UUID | str:
        if isinstance(value, UUID) or value == NOBODY:
            return value
        try:
            return UUID(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is no id of a deployment ('arcadia deployments' lists them), or {NOBODY!r}.",
                param,
                ctx,
            )


@click.command()
@click.option(
    "--kind", type=click.Choice(RESOURCE_KINDS), metavar="KIND", help="Only resources of this kind."
)
@click.option("--deployment", type=click.UUID, metavar="ID", help="Only those that it holds now.")
@click.option("--ids", is_flag=True, help="With the ids that `assign` asks for, and less else.")
@click.option("--deleted", is_flag=True, help="Those that are gone, in place of those that are there.")
@as_json
@needs_wiring
def inventory(
    wiring: Callable[[], Wiring],
    *,
    kind: str | None,
    deployment: UUID | None,
    ids: bool,
    deleted: bool,
    json_: bool,
) -> None:
    """What runs at DigitalOcean, as it was last seen, by kind, newest first."""
    from arcadia_app.cli.show_inventory import show_inventory
    from arcadia_app.use_cases.billing.read_deployments import deployment_slugs
    from arcadia_app.use_cases.cloud.read_inventory import whole_inventory
    from arcadia_domain.ports.cloud import ResourcesAsked

    asked = ResourcesAsked(kind=kind, deployment_id=deployment, deleted=deleted)
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = list(whole_inventory(work, operator_here(), asked=asked))
        slugs = {} if json_ else deployment_slugs(work, operator_here())
    show_inventory(found, json_, slugs=slugs, ids=ids)


@click.command()
@click.argument("resource", type=click.UUID)
@click.argument("deployment", type=_Holder(), metavar=f"DEPLOYMENT|{NOBODY}")
@click.option(
    "--from",
    "from_day",
    type=Day(),
    required=True,
    help="The day from which it holds, at 00:00 UTC; none ahead.",
)
@as_json
@needs_wiring
def assign(
    wiring: Callable[[], Wiring], resource: UUID, deployment: UUID | str, from_day: date, json_: bool
) -> None:
    """Make a resource a deployment's from a day on, or nobody's.

    What was before stays; what tags had said of later goes.
    """
    from arcadia_app.cli.show_inventory import show_assigned
    from arcadia_app.use_cases.cloud.assign_resource import assign_resource
    from arcadia_domain.period import midnight

    to = deployment if isinstance(deployment, UUID) else None
    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        told = assign_resource(
            work,
            operator_here(),
            resource_id=resource,
            deployment_id=to,
            from_at=midnight(from_day),
            now=app.clock.now(),
        )
    show_assigned(told, json_)
