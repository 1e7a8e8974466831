"""Progress of long work, on stderr: a line that moves on a terminal, plain lines now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

_SECONDS = 10.0
_ITEMS = 25


@contextmanager
def tenants_done(what: str) -> Iterator[Callable[[int], None]]:
    """Counts tenants while `what` goes on."""
    with counted(what, "tenants") as progress:
        yield progress


@contextmanager
def counted(what: str, unit: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """The same for anything, and of how many where that is known; none: nothing is said."""
    from rich.console import Console

    console = Console(stderr=True)
    if total == 0:
        yield lambda more: None
    elif console.is_terminal:
        with _moving(what, unit, total, console) as advance:
            yield advance
    else:
        lines = Lines(what, unit, total)
        lines.say()
        yield lines.advance
        lines.end()


@contextmanager
def kinds_done(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Names the kind of resource that is looked at now; elsewhere than on a terminal each on a line."""
    from rich.console import Console
    from rich.status import Status

    console = Console(stderr=True)
    if console.is_terminal:
        with Status(what, console=console) as status:
            yield lambda kind, done, total: status.update(f"{what}: {kind} ({done + 1} of {total})")
    else:
        said(f"{what}: begun")
        yield lambda kind, done, total: said(f"{what}: {kind} ({done + 1} of {total})")
        said(f"{what}: done")


@contextmanager
def said_around(what: str) -> Iterator[None]:
    """Says that a step begins and that it is done: of how far it is, nothing is known."""
    said(f"{what}: begun")
    yield
    said(f"{what}: done")


def said(line: str) -> None:
    """A line on stderr."""
    click.echo(line, err=True)


@dataclass(slots=True)
class Lines:
    """A count as plain lines, for logs: one when so many seconds or so many items have passed since the last.

    Only what is done moves it: where nothing gets done, nothing is said.
    """

    what: str
    unit: str
    total: int | None
    clock: Callable[[], float] = monotonic
    _done: int = 0
    _said: int = 0
    _at: float = 0.0

    def advance(self, more: int) -> None:
        """So many more are done."""
        self._done += more
        if self._done - self._said >= _ITEMS or self.clock() - self._at >= _SECONDS:
            self.say()

    def end(self) -> None:
        """Say how many it came to, unless that was said just now."""
        if self._done != self._said:
            self.say()

    def say(self) -> None:
        """Say how many are done."""
        of = "" if self.total is None else f" of {self.total}"
        said(f"{self.what}: {self._done}{of} {self.unit}")
        self._said, self._at = self._done, self.clock()


@contextmanager
def _moving(what: str, unit: str, total: int | None, console: Console) -> Iterator[Callable[[int], None]]:
    """A line that moves, and is gone when the work is done."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    of = "" if total is None else f" of {total}"
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:.0f}}{of} {unit}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda more: progress.advance(task, more)
