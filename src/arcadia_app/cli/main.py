"""The command line: every command under one name, the exit status of each, and the commands about the system.

Owns no rule. A command decodes its words, calls one use case and prints what came of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from arcadia_app.cli import processes
from arcadia_app.cli.backups import backup, restore
from arcadia_app.cli.billing import accrual, leakage, margin, meter, quote, rollup
from arcadia_app.cli.costs import costs, ingest
from arcadia_app.cli.deployments import deployments
from arcadia_app.cli.export import export
from arcadia_app.cli.inventory import assign, inventory
from arcadia_app.cli.jobs import jobs
from arcadia_app.cli.next_steps import NEXT
from arcadia_app.cli.options import as_json, needs_wiring, operator_here
from arcadia_app.cli.schedule import schedule
from arcadia_app.cli.sync import sync
from arcadia_domain import __version__

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


def run(wiring: Callable[[], Wiring], words: Sequence[str]) -> int:
    """The exit status: 0 done, 1 refused or failed, 2 wrong words."""
    try:
        status = arcadia.main(list(words), prog_name="arcadia", standalone_mode=False, obj=wiring)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        return 130
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except Exception as error:
        code = getattr(error, "code", None)
        if not type(error).__module__.startswith("arcadia_") or not isinstance(code, str):
            raise  # no refusal of ours: the trace is what helps
        click.echo(f"arcadia: {error} ({code})", err=True)
        if code in NEXT:
            click.echo(f"arcadia: {NEXT[code]}", err=True)
        return 1
    return status if isinstance(status, int) else 0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="arcadia")
def arcadia() -> None:
    """Arcadia Cloud: what runs at DigitalOcean, what it costs, what tenants owe, and the margin."""


for _stays in (
    processes.api,
    processes.worker,
    processes.scheduler,
    processes.serve,
    processes.sandbox,
    processes.token,
):
    arcadia.add_command(_stays)
for _of_the_database in (backup, restore):
    arcadia.add_command(_of_the_database)
for _of_the_background in (jobs, schedule):
    arcadia.add_command(_of_the_background)
for _of_the_cloud in (sync, inventory, deployments, assign, costs, ingest, export):
    arcadia.add_command(_of_the_cloud)
for _of_billing in (quote, meter, rollup, margin, leakage, accrual):
    arcadia.add_command(_of_billing)


@arcadia.command()
@needs_wiring
def demo(wiring: Callable[[], Wiring]) -> int:
    """April 2026 end to end, on a throwaway database."""
    from arcadia_app.cli.demo import play_demo

    return play_demo(wiring())


@arcadia.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@as_json
@click.option(
    "--size",
    type=click.IntRange(1),
    help="Subscriptions in the rollup (default 1000), droplets in the sync (default 10000).",
)
@needs_wiring
def bench(wiring: Callable[[], Wiring], names: tuple[str, ...], json_: bool, size: int | None) -> int:
    """Every benchmark beside its floor, measured in the same run."""
    try:
        from bench.run import run_benches
    except ModuleNotFoundError as error:
        if error.name not in ("bench", "bench.run"):
            raise
        raise click.ClickException(
            "the benchmarks live in the project's checkout: run ./arcadia there"
        ) from None
    return run_benches(wiring(), names, json_=json_, size=size)


@arcadia.command()
@as_json
@needs_wiring
def migrate(wiring: Callable[[], Wiring], json_: bool) -> None:
    """Bring the database to this version's schema. Safe to run again."""
    from arcadia_app.cli.show import show_migrated

    show_migrated(wiring().migrate(), json_)


@arcadia.command()
@as_json
@needs_wiring
def seed(wiring: Callable[[], Wiring], json_: bool) -> None:
    """Make the plans, addons and prices that are missing."""
    from arcadia_app.cli.show import show_seeded
    from arcadia_app.use_cases.catalog.seed_catalog import seed_catalog

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        seeded = seed_catalog(work, operator_here(), app.clock.now())
    show_seeded(seeded, json_)
