"""The commands about what tenants owe: a quote, usage, the month end, the margin and what is missing from it.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import Day, Month, as_json, needs_wiring, operator_here
from arcadia_app.cli.uninvoiced import say_whether_invoiced
from arcadia_domain.period import Period

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


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


@click.command()
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

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        quoted = quote_plan(
            work,
            plan_code=plan_code,
            addon_codes=addons,
            usage=_without_repeats(usage),
            starts_on=starts_on,
            now=app.clock.now(),
        )
    show_quote(quoted, json_)


@click.command()
@click.argument("day", type=Day())
@as_json
@needs_wiring
def meter(wiring: Callable[[], Wiring], day: date, json_: bool) -> int:
    """Meter a day that is over. Again: nothing is added. Exits 1 where a tenant cannot be metered."""
    from arcadia_app.cli.show import show_metered
    from arcadia_app.use_cases.cloud.meter_day import meter_day

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        metered = meter_day(work, operator_here(), day=day, now=app.clock.now())
    show_metered(metered, json_)
    return 1 if metered.failures else 0


@click.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@click.option("--force", is_flag=True, help="Make drafts anew; issued invoices never change.")
@click.option("--tenant", "tenant_id", help="Only this tenant.")
@click.option("--status", is_flag=True, help="Roll up nothing: say how the month's run stands.")
@as_json
@needs_wiring
def rollup(
    wiring: Callable[[], Wiring],
    period: Period,
    force: bool,
    tenant_id: str | None,
    status: bool,
    json_: bool,
) -> int:
    """Draft every due tenant's invoice of a month. Exits 1 where a tenant could not be billed."""
    from arcadia_app.cli.progress import tenants_done
    from arcadia_app.cli.show import show_rolled_up
    from arcadia_app.use_cases.billing.roll_up_period import roll_up_period

    if status:
        if force or tenant_id is not None:
            raise click.UsageError("--status stands alone: it rolls up nothing.")
        return _say_how_it_stands(wiring, period, json_)
    with wiring().open() as app, tenants_done(f"rolling up {period.start:%Y-%m}") as progress:
        rolled_up = roll_up_period(
            app.transactions,
            operator_here(),
            period=period,
            now=app.clock.now(),
            force=force,
            tenant_id=tenant_id,
            progress=progress,
        )
    show_rolled_up(rolled_up, json_)
    return 1 if rolled_up.failures else 0


def _say_how_it_stands(wiring: Callable[[], Wiring], period: Period, json_: bool) -> int:
    from arcadia_app.cli.show import show_run
    from arcadia_app.use_cases.billing.read_runs import read_run

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        standing, failures = read_run(work, operator_here(), period=period)
    show_run(standing, failures, json_)
    return 1 if failures else 0


@click.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@as_json
@needs_wiring
def margin(wiring: Callable[[], Wiring], period: Period, json_: bool) -> None:
    """Revenue against what DigitalOcean charged, for a month."""
    from arcadia_app.cli.show import show_margin
    from arcadia_app.use_cases.billing.margin_summary import margin_summary

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        say_whether_invoiced(work, period)
        summary = margin_summary(work, operator_here(), period=period)
    show_margin(summary, json_)


@click.command()
@click.argument("period", type=Month(), metavar="YYYY-MM")
@as_json
@needs_wiring
def leakage(wiring: Callable[[], Wiring], period: Period, json_: bool) -> None:
    """What DigitalOcean charged in a month that no meter and no plan earns back."""
    from arcadia_app.cli.show import show_leakage
    from arcadia_app.use_cases.billing.leakage_report import leakage_report

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        say_whether_invoiced(work, period)
        report = leakage_report(work, operator_here(), period=period)
    show_leakage(report, json_)


@click.command()
@as_json
@needs_wiring
def accrual(wiring: Callable[[], Wiring], json_: bool) -> None:
    """What the current month has come to so far, not yet invoiced."""
    from arcadia_app.cli.show import show_accrual
    from arcadia_app.use_cases.billing.live_accrual import live_accrual

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        accrued = live_accrual(work, operator_here(), now=app.clock.now())
    show_accrual(accrued, json_)


def _without_repeats(usage: Sequence[tuple[str, Decimal]]) -> dict[str, Decimal]:
    by_kind = dict(usage)
    if len(by_kind) != len(usage):
        raise click.UsageError("--use names a kind twice: add its quantities up.")
    return by_kind
