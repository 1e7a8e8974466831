"""Progress of long work, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def tenants_done(what: str) -> Iterator[Callable[[int], None]]:
    """A line that counts tenants while `what` goes on; gone when it is done, and where nobody looks on."""
    with counted(what, "tenants") as progress:
        yield progress


@contextmanager
def counted(what: str, unit: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """The same for anything, and of how many where that is known."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    of = "" if total is None else f" of {total}"
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:.0f}}{of} {unit}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda more: progress.advance(task, more)


@contextmanager
def kinds_done(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A line that names the kind of resource that is looked at now, on a terminal; else a line for each."""
    from rich.console import Console
    from rich.status import Status

    console = Console(stderr=True)
    with Status(what, console=console) as status:

        def at(kind: str, done: int, total: int) -> None:
            if console.is_terminal:
                status.update(f"{what}: {kind} ({done + 1} of {total})")
            else:
                console.print(f"{what}: {kind} ({done + 1} of {total})", highlight=False)

        yield at
