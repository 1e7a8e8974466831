"""Prints what a backup or a restore came to."""

from __future__ import annotations

import json

import click
import msgspec

from arcadia_app.arcadia import BackedUp
from arcadia_app.wire.backups import Backup


def show_backed_up(title: str, made: BackedUp, json_: bool) -> None:
    shape = msgspec.to_builtins(Backup.of(made))
    if json_:
        click.echo(json.dumps(shape, indent=2, ensure_ascii=False))
        return
    from arcadia_app.cli.tables import console, pairs_table

    rows = [(name.replace("_", " "), str(value)) for name, value in shape.items()]
    console().print(pairs_table(title, rows))
