"""The command that lists deployments: what `assign` and `inventory --deployment` ask the ids of.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import as_json, needs_wiring, operator_here

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.command()
@click.option("--tenant", "tenant_id", metavar="T", help="Only this tenant's.")
@as_json
@needs_wiring
def deployments(wiring: Callable[[], Wiring], tenant_id: str | None, json_: bool) -> None:
    """Every deployment with its id, newest first."""
    from arcadia_app.cli.show_deployments import show_deployments
    from arcadia_app.use_cases.billing.read_deployments import whole_deployments

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        found = list(whole_deployments(work, operator_here(), now=app.clock.now(), tenant_id=tenant_id))
    show_deployments(found, json_)
