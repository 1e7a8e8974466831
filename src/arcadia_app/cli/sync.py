"""The command that syncs the inventory with DigitalOcean.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import as_json, needs_wiring, operator_here
from arcadia_domain.cloud.syncing import Speed

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.command()
@click.option(
    "--speed",
    type=click.Choice([speed.value for speed in Speed]),
    default=Speed.ALL.value,
    show_default=True,
    help="How much is looked at.",
)
@as_json
@needs_wiring
def sync(wiring: Callable[[], Wiring], speed: str, json_: bool) -> int:
    """Look at what runs at DigitalOcean. Exits 1 where what was asked for could not be seen whole."""
    from arcadia_app.cli.progress import kinds_done
    from arcadia_app.cli.show_syncs import show_synced, show_waited
    from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
    from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory

    with wiring().open() as app, app.cloud() as provider, kinds_done("syncing") as progress:
        synced = sync_inventory(
            app.transactions,
            provider,
            operator_here(),
            account=ACCOUNT,
            speed=Speed(speed),
            clock=app.clock,
            progress=progress,
        )
        budget = app.cloud.budget()
    show_waited(0.0 if budget is None else budget.waited)
    show_synced(synced, json_)
    return 1 if synced.fell_short else 0
