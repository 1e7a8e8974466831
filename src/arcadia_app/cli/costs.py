"""The commands about what DigitalOcean charges: invoices, balance, reconciliation, what nobody bears.

Owns words and exit codes; no rule. Imports are made inside commands, so that help and errors come at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import Month, as_json, file_errors, needs_wiring, operator_here
from arcadia_app.cli.progress import said_around
from arcadia_app.cli.uninvoiced import say_whether_invoiced
from arcadia_domain.period import Period, month_of

if TYPE_CHECKING:
    from arcadia_app.arcadia import Arcadia, Wiring
    from arcadia_app.use_cases.cloud.ingest_discovered import IngestedInTurn
    from arcadia_domain.cloud.provider_invoices import InvoiceHeader


@click.command()
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

    with file_errors(file):
        source = file.read_bytes()
    with wiring().open() as app:
        invoice = app.read_invoice(source)
        for warning in invoice.warnings:
            click.echo(f"warning: {warning}", err=True)
        with app.transactions.begin(operator_here()) as work:
            ingested = ingest_invoice(
                work,
                operator_here(),
                lines=invoice.lines,
                period=period,
                invoice_uuid=invoice_uuid,
                now=app.clock.now(),
            )
    show_ingested(ingested, invoice.warnings, json_)


@click.group()
def costs() -> None:
    """What DigitalOcean charges, and who bears it."""


@costs.command()
@as_json
@needs_wiring
def balance(wiring: Callable[[], Wiring], json_: bool) -> None:
    """Take the account's balance, and keep it."""
    from arcadia_app.cli.show_costs import show_balance
    from arcadia_app.use_cases.cloud.take_balance import take_balance

    with wiring().open() as app, app.cloud() as provider:
        taken = take_balance(app.transactions, provider, operator_here(), now=app.clock.now())
    show_balance(taken.snapshot, json_)


@costs.command()
@as_json
@needs_wiring
def discover(wiring: Callable[[], Wiring], json_: bool) -> int:
    """Discover every invoice, and ingest those that do not add up yet.

    Again: nothing changes. Exits 1 where an invoice does not add up, or could not be had.
    """
    from arcadia_app.cli.show_costs import show_discovery
    from arcadia_app.use_cases.cloud.discover_invoices import discover_invoices

    with wiring().open() as app:
        with app.cloud() as provider, said_around("looking for invoices"):
            found = discover_invoices(app.transactions, provider, operator_here(), now=app.clock.now())
        turn = _ingested(app, found.to_ingest)
    show_discovery(found, turn, json_)
    return _status(turn)


@costs.command()
@click.argument("period", type=Month(), metavar="[YYYY-MM]", required=False)
@as_json
@needs_wiring
def reconcile(wiring: Callable[[], Wiring], period: Period | None, json_: bool) -> int:
    """Ingest invoices again, of a month or all, and say which do not add up.

    Exits 1 where there is one, or one could not be had.
    """
    from arcadia_app.cli.show_costs import show_reconciliation
    from arcadia_app.use_cases.cloud.read_headers import listed_invoices

    with wiring().open() as app:
        with app.transactions.begin(operator_here()) as work:
            invoices = listed_invoices(work, operator_here(), period=period)
            if period is not None and not invoices:
                say_whether_invoiced(work, period)
        turn = _ingested(app, invoices)
    show_reconciliation(turn, json_)
    return _status(turn)


@costs.command()
@click.argument("period", type=Month(), metavar="[YYYY-MM]", required=False)
@as_json
@needs_wiring
def unattributed(wiring: Callable[[], Wiring], period: Period | None, json_: bool) -> None:
    """Lines that nobody bears, each with the reason (default: of the month just ended)."""
    from arcadia_app.cli.show_costs import show_unattributed
    from arcadia_app.use_cases.cloud.read_costs import unattributed_lines
    from arcadia_domain.ports.charges import ChargesAsked

    with wiring().open() as app, app.transactions.begin(operator_here()) as work:
        month = period or _just_ended(app)
        say_whether_invoiced(work, month)
        lines = unattributed_lines(work, operator_here(), asked=ChargesAsked(period=month))
    show_unattributed(month, lines, json_)


@costs.command("month-to-date")
@as_json
@needs_wiring
def to_date(wiring: Callable[[], Wiring], json_: bool) -> int:
    """Look at what the running month has come to, by who bears it. Exits 1 where there is nothing to see."""
    from arcadia_app.cli.show_costs import show_month_to_date
    from arcadia_app.use_cases.cloud.month_to_date import month_to_date
    from arcadia_app.use_cases.cloud.preview_costs import preview_costs

    with wiring().open() as app:
        with app.cloud() as provider:
            seen = preview_costs(app.transactions, provider, operator_here(), now=app.clock.now())
        if seen is None:
            click.echo("DigitalOcean shows no running month.", err=True)
            return 1
        with app.transactions.begin(operator_here()) as work:
            month = month_to_date(work, operator_here(), period=seen.period)
    if month is None:
        click.echo(f"The invoice of {seen.period.start:%B %Y} is here already: it counts instead.", err=True)
        return 1
    show_month_to_date(month, json_)
    return 0


def _ingested(app: Arcadia, invoices: tuple[InvoiceHeader, ...]) -> IngestedInTurn:
    from arcadia_app.cli.progress import counted
    from arcadia_app.use_cases.cloud.ingest_discovered import ingest_discovered

    with (
        app.cloud() as provider,
        counted("ingesting", "invoices", total=len(invoices)) as progress,
    ):
        return ingest_discovered(
            app.transactions,
            provider,
            operator_here(),
            invoices=invoices,
            read=app.read_invoice,
            clock=app.clock,
            progress=progress,
        )


def _status(turn: IngestedInTurn) -> int:
    return 1 if turn.flagged or turn.failed else 0


def _just_ended(app: Arcadia) -> Period:
    running = month_of(app.clock.now().date())
    return month_of(running.start - timedelta(days=1))
