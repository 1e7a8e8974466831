"""The commands that export: data goes to stdout, or to the file that is named.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import FILE_TO_WRITE, Month, file_errors, needs_wiring, operator_here
from arcadia_domain.period import Period

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.group()
def export() -> None:
    """Data for other programs."""


@export.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@click.option("--output", type=FILE_TO_WRITE, help="A file, in place of stdout.")
@needs_wiring
def focus(wiring: Callable[[], Wiring], period: Period, output: Path | None) -> None:
    """What DigitalOcean charged in a month, by who bears it, as FOCUS 1.2 (CSV).

    A month without an invoice is the header alone.
    """
    from arcadia_app.use_cases.cloud.export_focus import export_focus
    from arcadia_app.wire.focus import focus_file

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        file = focus_file(export_focus(work, operator_here(), period=period))
    with file:
        if output is None:
            shutil.copyfileobj(file, sys.stdout.buffer)
            return
        with file_errors(output), output.open("wb") as target:
            shutil.copyfileobj(file, target)
