"""What a sync saw and could not see, as people read it."""

from __future__ import annotations

import json

import click
import msgspec

from arcadia_app.wire.syncs import InventorySync
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.syncing import Synced, SyncedScope

_COLUMNS = ("kind", "region", "seen", "new", "changed", "returned", "gone", "missing", "")


def show_synced(synced: Synced, json_: bool) -> None:
    """A line for each listing; what could not be seen is said in words, warnings on stderr."""
    for warning in synced.warnings:
        click.echo(f"warning: {warning}", err=True)
    if json_:
        click.echo(json.dumps(msgspec.to_builtins(InventorySync.of(synced)), indent=2, ensure_ascii=False))
        return
    from arcadia_app.cli.tables import console, table

    made = table(f"Inventory of {synced.account}, {synced.speed} sync", _COLUMNS, left=2)
    made.columns[-1].justify = "left"
    for scope in synced.scopes:
        made.add_row(scope.kind, scope.region or "", *_counts(scope), _said(scope))
    made.caption = _verdict(synced)
    console().print(made)


def _counts(scope: SyncedScope) -> list[str]:
    counts = (scope.appeared, scope.changed, scope.returned, scope.disappeared, scope.unconfirmed)
    return [str(scope.seen), *(str(count) if count else "" for count in counts)]


def _said(scope: SyncedScope) -> str:
    if scope.shortfall is Shortfall.NOT_ASKED:
        return f"not seen: {scope.detail}"
    if scope.shortfall is not None:
        return f"not seen whole: {scope.detail or scope.shortfall}"
    return ""


def _verdict(synced: Synced) -> str:
    if synced.complete:
        return "Complete: what is stored is what DigitalOcean holds."
    if not synced.fell_short:
        return "Complete but for what was not asked for."
    return "Not complete: what was not seen stays as it was."
