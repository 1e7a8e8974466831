"""The words that commands share: a month, a day, a file, JSON for machines, and for whom a command acts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal, operator
from arcadia_domain.period import Period, parse_month

ACTOR = "cli"

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
needs_wiring = click.pass_obj


def json_after(context: click.Context, json_: bool) -> None:
    """Refuse --json before a command of a group: the command, which prints, would not know of it."""
    if json_:
        called = f"{context.command_path} {context.invoked_subcommand}"
        raise click.UsageError(f"--json goes after the command: '{called} --json'.", context)


class Month(click.ParamType[Period]):
    """A month as YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        try:
            return value if isinstance(value, Period) else parse_month(str(value))
        except DomainError as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a day: YYYY-MM-DD is expected.", param, ctx)


class _FileToWrite(click.Path):
    """A file that can be written, in a folder that is there: known before the work, not after it."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"There is no folder {str(path.parent)!r}.", param, ctx)
        if not path.exists() and not os.access(path.parent, os.W_OK):
            self.fail(f"Nothing can be written in the folder {str(path.parent)!r}.", param, ctx)
        return path


FILE_TO_WRITE = _FileToWrite()


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """What a file or its disk refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from None


def operator_here() -> Principal:
    """Whoever may run a command on this machine is an operator."""
    return operator(ACTOR)
