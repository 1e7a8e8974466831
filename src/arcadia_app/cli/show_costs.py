"""What is shown of costs on the command line: tables on stdout, or the shapes of HTTP as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from arcadia_app.cli.text import dollars
from arcadia_app.use_cases.cloud.discover_invoices import Discovered
from arcadia_app.use_cases.cloud.ingest_discovered import IngestedInTurn
from arcadia_app.use_cases.cloud.month_to_date import MonthToDate
from arcadia_app.wire import costs, discovery
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.provider_invoices import Undecided
from arcadia_domain.period import Period
from arcadia_domain.ports.statements import BalanceSnapshot

if TYPE_CHECKING:
    from rich.table import Table


def show_balance(snapshot: BalanceSnapshot, json_: bool) -> None:
    shape = msgspec.to_builtins(costs.CloudBalance.of(snapshot))
    if json_:
        _print_json(shape)
    else:
        _print_pairs("Balance at DigitalOcean (USD; negative is in our favour)", shape)


def show_discovery(found: Discovered, turn: IngestedInTurn, json_: bool) -> None:
    told = msgspec.to_builtins(discovery.Discovery.of(found))
    came_to = msgspec.to_builtins(discovery.Reconciliation.of(turn))
    if json_:
        _print_json({**told, "ingested": came_to})
        return
    told["add up already"] = found.add_up
    told["unlisted"] = "\n".join(told["unlisted"]) or "none"
    told["undecided"] = "\n".join(map(_undecided, found.undecided)) or "none"
    _print_pairs("Discovered", told)
    _show_turn(turn)


def show_reconciliation(turn: IngestedInTurn, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(discovery.Reconciliation.of(turn)))
    else:
        _show_turn(turn)


def show_unattributed(month: Period, lines: Sequence[PlacedCharge], json_: bool) -> None:
    if json_:
        _print_json({"items": msgspec.to_builtins([costs.CostLine.of(line) for line in lines])})
        return
    from arcadia_app.cli.tables import console

    total = dollars(_unattributed_cents(lines))
    title = f"Borne by nobody in {month.start:%B %Y}: {len(lines)} lines, {total} USD"
    out = console(marked_up=False)
    out.print(title, style="bold", highlight=False)
    for why, alike in _by_reason(lines).items():
        out.print(_unattributed_table(why, alike))


def show_month_to_date(month: MonthToDate, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(discovery.MonthToDate.of(month)))
        return
    from arcadia_app.cli.tables import console, table

    title = f"{month.period.start:%B %Y} so far ({month.currency}): an estimate of DigitalOcean's"
    made = table(title, ("tenant", "deployment", "kind", "amount"), left=3)
    for row in month.rows:
        tenant = row.tenant_id or "nobody"
        made.add_row(tenant, str(row.deployment_id or "–"), row.kind, dollars(row.amount_cents))
    made.add_section()
    made.add_row("all", "", "", dollars(month.amount_cents), style="bold")
    console().print(made)


def _by_reason(lines: Sequence[PlacedCharge]) -> dict[str, list[PlacedCharge]]:
    """The lines by why nobody bears them, the dearest reason first."""
    found: dict[str, list[PlacedCharge]] = {}
    for charge in lines:
        found.setdefault(why_unattributed(charge), []).append(charge)
    return dict(sorted(found.items(), key=lambda one: (-_unattributed_cents(one[1]), one[0])))


def _unattributed_cents(lines: Sequence[PlacedCharge]) -> int:
    return sum(charge.attribution.unattributed_cents for charge in lines)


def why_unattributed(charge: PlacedCharge) -> str:
    """Why nobody bears the line, or a part of it, as a sentence that is the same for all such lines."""
    if charge.ruling is not None and charge.ruling.tenant_id is None:
        return f"{charge.ruling.actor} said that it is nobody's: {charge.ruling.reason}"
    if charge.reason is not None:
        return charge.reason.in_words
    if charge.attribution.shares:
        return "Its resource was held by nobody for a part of that time."
    return "Its resource was held by nobody at that time."


def _undecided(file: Undecided) -> str:
    month, amount = f"{file.by_hand.month:%Y-%m}", dollars(file.by_hand.invoice.amount_cents)
    listed = ", ".join(f"{one.invoice_uuid} ({dollars(one.amount_cents)})" for one in file.listed)
    return (
        f"{month}: the file ingested by hand ({amount}) may be any of {listed}. It counts as it is, and the "
        "others wait: say which one it is by ingesting it again with --invoice-uuid, then discover again."
    )


def _show_turn(turn: IngestedInTurn) -> None:
    came_to = {
        "reconciled": len(turn.ingested) - len(turn.flagged),
        "changed": sum(one.changed for one in turn.ingested),
        "flagged": "\n".join(problem for one in turn.flagged for problem in one.problems) or "none",
        "not ingested": "\n".join(f"{header.month:%Y-%m}: {error}" for header, error in turn.failed)
        or "none",
    }
    _print_pairs("Invoices", came_to)


def _unattributed_table(why: str, lines: Sequence[PlacedCharge]) -> Table:
    """The lines of one reason, each with the id by which it is attributed by hand."""
    from arcadia_app.cli.tables import table, whole

    made = table(why, ("line", "", "amount"), left=2)
    for charge in lines:
        line, cents = charge.line, charge.attribution.unattributed_cents
        made.add_row(str(charge.id), f"{line.product}: {line.description}", dollars(cents))
    made.add_row("", f"{len(lines)} lines", dollars(_unattributed_cents(lines)), style="bold")
    whole(made, "line")
    whole(made, "amount")
    return made


def _print_pairs(title: str, pairs: dict[str, Any]) -> None:
    from arcadia_app.cli.tables import console, pairs_table

    rows = [(name.replace("_", " "), str(value)) for name, value in pairs.items()]
    console().print(pairs_table(title, rows))


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
