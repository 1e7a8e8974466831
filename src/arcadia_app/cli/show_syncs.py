"""What a sync saw and could not see, as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
import msgspec

from arcadia_app.cli.next_steps import SPACES_NOT_ASKED
from arcadia_app.wire.syncs import InventorySync
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.syncing import Synced, SyncedScope

_COLUMNS = ("", "seen", "new", "changed", "returned", "gone", "missing")


def show_synced(synced: Synced, json_: bool) -> None:
    """A line for each listing, then in words what could not be seen; warnings on stderr."""
    for warning in synced.warnings:
        click.echo(f"warning: {warning}", err=True)
    if json_:
        click.echo(json.dumps(msgspec.to_builtins(InventorySync.of(synced)), indent=2, ensure_ascii=False))
        return
    from arcadia_app.cli.tables import console, table

    made = table(f"Inventory of {synced.account}, {synced.speed} sync", _COLUMNS)
    for scope in synced.scopes:
        made.add_row(_name(scope), *_counts(scope))
    console().print(made)
    for why, names in _shortfalls(synced.scopes).items():
        click.echo(f"{', '.join(names)}: {why}")
    click.echo(_verdict(synced))


def show_waited(seconds: float) -> None:
    """How long the calls waited for their turn, on stderr, where that was a second at least."""
    if seconds >= 1:
        click.echo(f"{seconds:.0f} s were waited: DigitalOcean takes so many calls a minute only.", err=True)


def _shortfalls(scopes: Iterable[SyncedScope]) -> dict[str, list[str]]:
    """What was not seen, by the reason: one that all regions share is said once."""
    names: dict[str, list[str]] = {}
    for scope in scopes:
        if scope.shortfall is not None:
            names.setdefault(_why(scope, scope.shortfall), []).append(_name(scope))
    return names


def _why(scope: SyncedScope, shortfall: Shortfall) -> str:
    if shortfall is not Shortfall.NOT_ASKED:
        return f"not seen whole: {scope.detail or shortfall}"
    hint = f" ({SPACES_NOT_ASKED})" if scope.kind == "space" else ""
    return f"not seen: {scope.detail or shortfall}{hint}"


def _name(scope: SyncedScope) -> str:
    return scope.kind if scope.region is None else f"{scope.kind} {scope.region}"


def _counts(scope: SyncedScope) -> list[str]:
    counts = (scope.appeared, scope.changed, scope.returned, scope.disappeared, scope.unconfirmed)
    return [str(scope.seen), *(str(count) if count else "" for count in counts)]


def _verdict(synced: Synced) -> str:
    if synced.complete:
        return "Complete: what is stored is what DigitalOcean holds."
    if not synced.fell_short:
        return "Complete, but for what was not asked for."
    return "Not complete: what was not seen stays as it was."
