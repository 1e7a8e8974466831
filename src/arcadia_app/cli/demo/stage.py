"""Shows April: starts a database of its own, plays the month, prints it, checks it, leaves nothing
running.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from arcadia_app.arcadia import Wiring
from arcadia_app.cli.demo.april import (
    ADDON,
    Account,
    Billed,
    Quotes,
    play_account,
    play_pilot,
    play_quotes,
)
from arcadia_app.cli.demo.goldens import Check, check_account, check_pilot, check_quotes
from arcadia_app.cli.tables import (
    by_kind_table,
    console,
    invoice_table,
    margin_table,
    pairs_table,
    quote_table,
    table,
)
from arcadia_app.cli.text import dollars
from arcadia_app.use_cases.sample.april import APRIL, PILOTS_DROPLETS

if TYPE_CHECKING:
    from rich.status import Status


def play_demo(wiring: Wiring) -> int:
    """The exit status: 0 when every golden number holds."""
    started = time.monotonic()
    with Console(stderr=True).status("starting a database of its own") as status:
        quotes, pilot, account = _play(wiring, status)
    out = console()
    out.print()
    out.print("[bold]Arcadia Cloud[/bold] · April 2026, end to end · sample data, on a throwaway database")
    _show(out, quotes, pilot, account)
    checks = [*check_quotes(quotes), *check_pilot(pilot), *check_account(account)]
    out.print(_checks_table(checks))
    failed = [check for check in checks if not check.holds]
    seconds = time.monotonic() - started
    if failed:
        out.print(f"[bold red]{len(failed)} of {len(checks)} golden numbers do not hold.[/bold red]")
        return 1
    out.print(
        f"[bold green]All {len(checks)} golden numbers hold, to the cent[/bold green] ({seconds:.1f} s)."
    )
    return 0


def _play(wiring: Wiring, status: Status) -> tuple[Quotes, Billed, Account]:
    with wiring.throwaway() as server:
        with server.fresh() as app:
            status.update("quoting, and April for a pilot with three droplets")
            quotes = play_quotes(app)
            pilot = play_pilot(app, app.sample.droplets()[:PILOTS_DROPLETS], [ADDON])
        with server.fresh() as app:
            status.update("April for a pilot with five droplets, against DigitalOcean's bill")
            account = play_account(app, app.sample.droplets(), app.sample.invoice_csv())
        status.update("stopping the database")
    return quotes, pilot, account


def _show(out: Console, quotes: Quotes, pilot: Billed, account: Account) -> None:
    out.print(quote_table(quotes.bare))
    out.print(quote_table(quotes.mid_month))
    out.print(invoice_table(pilot.invoice, f"Invoice for {APRIL.start:%B %Y}: a pilot with three droplets"))
    ingested = account.ingested
    out.print(
        pairs_table(
            "DigitalOcean's invoice of April 2026",
            [
                ("lines", str(ingested.lines)),
                ("amount", f"US${dollars(ingested.amount_cents)}"),
                ("matched to resources", f"{ingested.matched} of {ingested.lines}"),
            ],
        )
    )
    out.print(invoice_table(account.billed.invoice, "Invoice: a pilot with five droplets, one resized"))
    out.print(margin_table(account.margin, f"Margin of {APRIL.start:%B %Y} ({account.margin.currency})"))
    out.print(by_kind_table(account.margin))


def _checks_table(checks: Sequence[Check]) -> Table:
    made = table("Golden numbers", ("", "golden", "what", "expected", "got"), left=3)
    for check in checks:
        mark = "[green]✓[/green]" if check.holds else "[red]✗[/red]"
        made.add_row(mark, str(check.golden), check.what, _text(check.expected), _text(check.got))
    return made


def _text(value: object) -> str:
    if isinstance(value, list):
        return " + ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{kind} {cents}" for kind, cents in sorted(value.items()))
    return str(value)
