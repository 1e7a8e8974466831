"""The commands: each decodes its words, calls one use case and prints what came of it.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arcadia_app.cli import processes
from arcadia_app.cli.costs import costs
from arcadia_app.cli.export import export
from arcadia_app.cli.inventory import assign, inventory
from arcadia_app.cli.options import Day, Month, as_json, needs_wiring
from arcadia_app.cli.options import operator_here as _by
from arcadia_app.cli.sync import sync
from arcadia_domain import __version__
from arcadia_domain.period import Period

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring

NEXT = {
    "unknown_plan": "'arcadia seed' makes the plans that come with it",
    "unknown_addon": "'arcadia seed' makes the addons that come with it",
    "database_without_schema": "'arcadia migrate' makes the tables",
    "no_tax_rate": "'arcadia seed' makes the GST rate",
    "invoice_of_other_period": "name the month that the invoice is for with --period",
}
"""What to do next, by the code of the refusal, where the refusal does not say it."""


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


class _Usage(click.ParamType[tuple[str, Decimal]]):
    name = "KIND=QTY"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal]:
        if isinstance(value, tuple):
            return value
        kind, _, quantity = str(value).partition("=")
        try:
            return kind, Decimal(quantity)
        except InvalidOperation:
            self.fail(f"{value!r} is not a kind and a number, as in droplet_hours=1488.", param, ctx)


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
for _of_the_cloud in (sync, inventory, assign, costs, export):
    arcadia.add_command(_of_the_cloud)


@arcadia.command()
@needs_wiring
def demo(wiring: Callable[[], Wiring]) -> int:
    """April 2026 end to end, on a throwaway database."""
    from arcadia_app.cli.demo import play_demo

    return play_demo(wiring())


@arcadia.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@as_json
@click.option("--size", type=click.IntRange(1), help="Subscriptions in the rollup (default 1000).")
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

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        seeded = seed_catalog(work, _by(), app.clock.now())
    show_seeded(seeded, json_)


@arcadia.command()
@click.argument("plan_code", metavar="PLAN")
@click.option("--addon", "addons", multiple=True, metavar="CODE", help="An addon; may be repeated.")
@click.option("--use", "usage", multiple=True, type=_Usage(), help="Projected usage; may be repeated.")
@click.option("--starts-on", type=Day(), help="The start day (default: today).")
@as_json
@needs_wiring
def quote(
    wiring: Callable[[], Wiring],
    plan_code: str,
    addons: tuple[str, ...],
    usage: tuple[tuple[str, Decimal], ...],
    starts_on: date | None,
    json_: bool,
) -> None:
    """What a plan costs, before anything is bought.

    A full month, the first invoice from the start day, and overage for the usage given.
    """
    from arcadia_app.cli.show import show_quote
    from arcadia_app.use_cases.billing.quote_plan import quote_plan

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        quoted = quote_plan(
            work,
            plan_code=plan_code,
            addon_codes=addons,
            usage=_without_repeats(usage),
            starts_on=starts_on,
            now=app.clock.now(),
        )
    show_quote(quoted, json_)


@arcadia.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--period", required=True, type=Month(), help="The month that the invoice is for.")
@click.option("--invoice-uuid", help="DigitalOcean's id of the invoice, where you know it.")
@as_json
@needs_wiring
def ingest(
    wiring: Callable[[], Wiring], file: Path, period: Period, invoice_uuid: str | None, json_: bool
) -> None:
    """Ingest a DigitalOcean invoice (CSV). The same file again changes nothing."""
    from arcadia_app.cli.show import show_ingested
    from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice

    with wiring().open() as app:
        invoice = app.read_invoice(file.read_bytes())
        for warning in invoice.warnings:
            click.echo(f"warning: {warning}", err=True)
        with app.transactions.begin(_by()) as work:
            ingested = ingest_invoice(
                work,
                _by(),
                lines=invoice.lines,
                period=period,
                invoice_uuid=invoice_uuid,
                now=app.clock.now(),
            )
    show_ingested(ingested, invoice.warnings, json_)


@arcadia.command()
@click.argument("day", type=Day())
@as_json
@needs_wiring
def meter(wiring: Callable[[], Wiring], day: date, json_: bool) -> int:
    """Meter a day that is over. Again: nothing is added. Exits 1 where a tenant cannot be metered."""
    from arcadia_app.cli.show import show_metered
    from arcadia_app.use_cases.cloud.meter_day import meter_day

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        metered = meter_day(work, _by(), day=day, now=app.clock.now())
    show_metered(metered, json_)
    return 1 if metered.failures else 0


@arcadia.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@click.option("--force", is_flag=True, help="Make drafts anew; issued invoices never change.")
@click.option("--tenant", "tenant_id", help="Only this tenant.")
@as_json
@needs_wiring
def rollup(
    wiring: Callable[[], Wiring], period: Period, force: bool, tenant_id: str | None, json_: bool
) -> int:
    """Draft every due tenant's invoice of a month. Exits 1 where a tenant could not be billed."""
    from arcadia_app.cli.progress import tenants_done
    from arcadia_app.cli.show import show_rolled_up
    from arcadia_app.use_cases.billing.roll_up_period import roll_up_period

    with wiring().open() as app, tenants_done(f"rolling up {period.start:%Y-%m}") as progress:
        rolled_up = roll_up_period(
            app.transactions,
            _by(),
            period=period,
            now=app.clock.now(),
            force=force,
            tenant_id=tenant_id,
            progress=progress,
        )
    show_rolled_up(rolled_up, json_)
    return 1 if rolled_up.failures else 0


@arcadia.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@as_json
@needs_wiring
def margin(wiring: Callable[[], Wiring], period: Period, json_: bool) -> None:
    """Revenue against what DigitalOcean charged, for a month."""
    from arcadia_app.cli.show import show_margin
    from arcadia_app.use_cases.billing.margin_summary import margin_summary

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        summary = margin_summary(work, _by(), period=period)
    show_margin(summary, json_)


@arcadia.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@as_json
@needs_wiring
def leakage(wiring: Callable[[], Wiring], period: Period, json_: bool) -> None:
    """What DigitalOcean charged in a month that no meter and no plan earns back."""
    from arcadia_app.cli.show import show_leakage
    from arcadia_app.use_cases.billing.leakage_report import leakage_report

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        report = leakage_report(work, _by(), period=period)
    show_leakage(report, json_)


@arcadia.command()
@as_json
@needs_wiring
def accrual(wiring: Callable[[], Wiring], json_: bool) -> None:
    """What the current month has come to so far, not yet invoiced."""
    from arcadia_app.cli.show import show_accrual
    from arcadia_app.use_cases.billing.live_accrual import live_accrual

    with wiring().open() as app, app.transactions.begin(_by()) as work:
        accrued = live_accrual(work, _by(), now=app.clock.now())
    show_accrual(accrued, json_)


def _without_repeats(usage: Sequence[tuple[str, Decimal]]) -> dict[str, Decimal]:
    by_kind = dict(usage)
    if len(by_kind) != len(usage):
        raise click.UsageError("--use names a kind twice: add its quantities up.")
    return by_kind
