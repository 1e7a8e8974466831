"""Prints what an act came to: a table for people, JSON for machines. Data goes to stdout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from arcadia_app.use_cases.billing.live_accrual import Accrual
from arcadia_app.use_cases.billing.roll_up_period import RolledUp
from arcadia_app.use_cases.catalog.seed_catalog import Seeded
from arcadia_app.use_cases.cloud.ingest_invoice import Ingested
from arcadia_app.use_cases.cloud.meter_day import DayMetered
from arcadia_app.wire import (
    accrual,
    billing_runs,
    cloud_invoices,
    leakage,
    margin,
    metering,
    quotes,
    rollups,
    seeding,
)
from arcadia_domain.billing.leakage import Leakage
from arcadia_domain.billing.margin import MarginSummary
from arcadia_domain.ports.month_end import Failure, RunStanding
from arcadia_domain.pricing.quoting import Quote


def show_quote(quote: Quote, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(quotes.Quote.of(quote)))
        return
    from arcadia_app.cli.tables import console, quote_table

    console().print(quote_table(quote))


def show_margin(summary: MarginSummary, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(margin.Margin.of(summary)))
        return
    from arcadia_app.cli.tables import by_kind_table, console, margin_table

    out = console()
    out.print(margin_table(summary, f"Margin of {summary.month.start:%B %Y} ({summary.currency})"))
    out.print(by_kind_table(summary))


def show_leakage(report: Leakage, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(leakage.Leakage.of(report)))
        return
    from arcadia_app.cli.tables import console, leakage_table

    console().print(leakage_table(report))


def show_ingested(ingested: Ingested, warnings: Sequence[str], json_: bool) -> None:
    shape = cloud_invoices.IngestedInvoice.of(ingested, warnings)
    _print_pairs(f"Invoice of {ingested.period.start:%B %Y}", msgspec.to_builtins(shape), json_)


def show_migrated(made_roles: Sequence[str], json_: bool) -> None:
    _print_pairs("The database is up to date", {"roles_made": list(made_roles)}, json_)


def show_seeded(seeded: Seeded, json_: bool) -> None:
    _print_pairs("New in the catalogue", msgspec.to_builtins(seeding.Seeded.of(seeded)), json_)


def show_metered(metered: DayMetered, json_: bool) -> None:
    _print_pairs(f"Metered {metered.day}", msgspec.to_builtins(metering.MeteredDay.of(metered)), json_)


def show_rolled_up(rolled_up: RolledUp, json_: bool) -> None:
    shape = rollups.RolledUp.of(rolled_up)
    _print_pairs(f"Rollup of {rolled_up.period.start:%B %Y}", msgspec.to_builtins(shape), json_)


def show_run(standing: RunStanding, failures: Sequence[Failure], json_: bool) -> None:
    told = msgspec.to_builtins(billing_runs.BillingRunInFull.of_run(standing, failures))
    if json_:
        _print_json(told)
        return
    pairs = {**told["run"], "failures": told["failures"]}
    shards = pairs.pop("shards")
    pairs["shards"] = ", ".join(f"{count} {state}" for state, count in shards.items())
    _print_pairs(f"Billing run of {standing.run.period.start:%B %Y}", pairs, json_)


def show_accrual(accrued: Accrual, json_: bool) -> None:
    if json_:
        _print_json(msgspec.to_builtins(accrual.Accrual.of(accrued)))
        return
    from arcadia_app.cli.tables import console, table
    from arcadia_app.cli.text import dollars

    made = table(
        f"Accrued in {accrued.as_of:%B %Y}, not yet invoiced",
        ("tenant", "deployment", "recurring", "overage", "LLM", "total"),
        left=2,
    )
    for item in accrued.items:
        amounts = (item.recurring_cents, item.overage_cents, item.llm_cents, item.total_cents)
        made.add_row(item.tenant_id, str(item.deployment_id), *(dollars(cents) for cents in amounts))
    for currency, cents in sorted(accrued.totals.items()):
        made.add_row("all", currency, "", "", "", dollars(cents), style="bold")
    console().print(made)
    for tenant, reason in sorted(accrued.failures.items()):
        click.echo(f"{tenant} cannot be priced: {reason}", err=True)


def _print_pairs(title: str, pairs: dict[str, Any], json_: bool) -> None:
    if json_:
        _print_json(pairs)
        return
    from arcadia_app.cli.tables import console, pairs_table

    rows = [(name.replace("_", " "), _in_words(value)) for name, value in pairs.items()]
    console().print(pairs_table(title, rows))


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(i if isinstance(i, str) else i["detail"] for i in value) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
