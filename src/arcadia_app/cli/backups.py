"""The commands that write the embedded database to a file, and make it from one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import FILE_TO_WRITE, as_json, file_errors, needs_wiring

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


@click.command()
@click.argument("file", type=FILE_TO_WRITE)
@as_json
@needs_wiring
def backup(wiring: Callable[[], Wiring], file: Path, json_: bool) -> None:
    """Write the embedded database to a new FILE, while it serves.

    The secret of the tokens (jwt_secret in the data directory) is not in it: keep that too.
    """
    from arcadia_app.cli.progress import said
    from arcadia_app.cli.show_backups import show_backed_up

    said(f"backing up to {file}")
    with file_errors(file):
        backed_up = wiring().back_up(file)
    show_backed_up("Backed up", backed_up, json_)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@as_json
@needs_wiring
def restore(wiring: Callable[[], Wiring], file: Path, json_: bool) -> None:
    """Make the embedded database from a FILE of 'backup', where there is none yet."""
    from arcadia_app.cli.progress import said
    from arcadia_app.cli.show_backups import show_backed_up

    said(f"restoring {file}")
    show_backed_up("Restored", wiring().restore(file), json_)
