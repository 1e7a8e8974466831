"""`arcadia bench`: runs the benches that are named, and prints what each came to (SPEC 18)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from bench.results import NotEqualWork, Result

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring

Say = Callable[[str], None]
"""Tells people how far a bench has come, on stderr."""

Bench = Callable[["Wiring", int | None, Say], Result]
"""Measures. Raises NotEqualWork where the two sides do not do the same."""


def _quote(wiring: Wiring, size: int | None, say: Say) -> Result:
    from bench.quote.measure import measure_quote

    return measure_quote(say)


def _rollup(wiring: Wiring, size: int | None, say: Say) -> Result:
    from bench.rollup.measure import measure_rollup

    return measure_rollup(wiring, size, say)


def _sync(wiring: Wiring, size: int | None, say: Say) -> Result:
    from bench.sync.measure import measure_sync

    return measure_sync(wiring, size, say)


def _sync_first(wiring: Wiring, size: int | None, say: Say) -> Result:
    from bench.sync.measure import measure_first_sync

    return measure_first_sync(wiring, size, say)


BENCHES: Mapping[str, Bench] = {
    "quote": _quote,
    "rollup": _rollup,
    "sync": _sync,
    "sync-first": _sync_first,
}
"""Every bench there is, by its name on the command line, in the order they run in."""


def run_benches(
    wiring: Wiring,
    names: Sequence[str],
    *,
    json_: bool,
    size: int | None,
    benches: Mapping[str, Bench] = BENCHES,
) -> int:
    """Run the named benches (none named: all), print their results, and return the exit status.

    0 when all ran, whether their goals are met or not; 1 when one could not prove that both sides did equal
    work: it has no result then. Raises click.UsageError for a name that is none.
    """
    chosen = _chosen(names, benches)
    results: list[Result] = []
    unproven = 0
    for name in chosen:
        say = _say(name)
        try:
            result = benches[name](wiring, size, say)
        except NotEqualWork as problem:
            say(f"no ratio: the two sides did not do equal work: {problem.difference}")
            unproven += 1
        else:
            results.append(result)
    if json_:
        _print_json(results)
    elif results:
        _print_table(results)
    return 1 if unproven else 0


def _chosen(names: Sequence[str], benches: Mapping[str, Bench]) -> list[str]:
    for name in names:
        if name not in benches:
            raise click.UsageError(f"There is no benchmark {name!r}; there are {', '.join(benches)}.")
    return [name for name in benches if name in names or not names]


def _say(name: str) -> Say:
    return lambda text: click.echo(f"{name}: {text}", err=True)


def _print_json(results: Sequence[Result]) -> None:
    click.echo(json.dumps({"results": [result.as_json() for result in results]}, indent=2))


def _print_table(results: Sequence[Result]) -> None:
    from arcadia_app.cli.tables import console, table

    columns = ("", "unit", "ours", "floor", "ours ÷ floor", "goal", "met")
    made = table("Ours beside the floor", columns, left=2)
    for result in results:
        figures = (_figure(result.ours), _figure(result.floor), f"{result.ratio:.3g}")
        made.add_row(result.name, result.unit, *figures, str(result.goal), "yes" if result.met else "not yet")
    console().print(made)


def _figure(value: float) -> str:
    """Three digits are what such a figure is worth."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
