"""What the command says of a sync: a table, what could not be seen in words, warnings beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from arcadia_app.cli.show_syncs import show_synced, show_waited
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.syncing import Speed, Synced, SyncedScope

AT = datetime(2026, 5, 3, tzinfo=UTC)
DROPLETS = SyncedScope(kind="droplet", seen=401, total=401, appeared=7, disappeared=2)
UNASKED = SyncedScope(kind="space", shortfall=Shortfall.NOT_ASKED, detail="there are no keys of Spaces")
FAILED = SyncedScope(kind="space", region="syd1", shortfall=Shortfall.FAILED, detail="page 2: no answer")
SYNCED = Synced(
    sync_id=UUID(int=1),
    account="digitalocean",
    speed=Speed.ALL,
    actor="cli",
    started_at=AT,
    finished_at=AT,
    complete=True,
    scopes=(DROPLETS,),
)


def said(capsys: pytest.CaptureFixture[str], synced: Synced, json_: bool = False) -> tuple[str, str]:
    show_synced(synced, json_)
    told = capsys.readouterr()
    return told.out, told.err


def test_a_complete_sync_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, SYNCED)
    assert "Inventory of digitalocean, all sync" in out
    [row] = [line.split() for line in out.splitlines() if "droplet" in line]
    assert row == ["droplet", "401", "7", "2"]
    assert out.endswith("Complete: what is stored is what DigitalOcean holds.\n")
    assert err == ""


def test_what_was_not_asked_for_is_said_and_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, replace(SYNCED, complete=False, scopes=(DROPLETS, UNASKED)))
    hint = "set ARCADIA_SPACES_KEY and ARCADIA_SPACES_SECRET for them to be seen"
    assert f"space: not seen: there are no keys of Spaces ({hint})\n" in out
    assert out.endswith("Complete, but for what was not asked for.\n")


def test_what_could_not_be_seen_whole_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    short = replace(SYNCED, complete=False, scopes=(FAILED, UNASKED), warnings=("watch out",))
    out, err = said(capsys, short)
    assert "space syd1: not seen whole: page 2: no answer\n" in out
    assert out.endswith("Not complete: what was not seen stays as it was.\n")
    assert err == "warning: watch out\n"


def test_a_wait_for_the_budget_is_said_where_it_was_one(capsys: pytest.CaptureFixture[str]) -> None:
    for seconds in (0.0, 0.9, 61.4):
        show_waited(seconds)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "61 s were waited: DigitalOcean takes so many calls a minute only.\n"


def test_a_reason_that_all_regions_share_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    regions = tuple(replace(FAILED, region=region) for region in ("ams3", "nyc3", "syd1"))
    other = replace(FAILED, region="tor1", detail="no answer")
    out, _ = said(capsys, replace(SYNCED, complete=False, scopes=(*regions, other)))
    assert out.count("page 2: no answer") == 1
    assert "space ams3, space nyc3, space syd1: not seen whole: page 2: no answer\n" in out
    assert "space tor1: not seen whole: no answer\n" in out


def test_machines_are_told_the_same_as_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, replace(SYNCED, warnings=("watch out",)), json_=True)
    told = json.loads(out)
    assert (told["id"], told["complete"], told["warnings"]) == (str(SYNCED.sync_id), True, ["watch out"])
    assert told["scopes"][0]["seen"] == 401
    assert err == "warning: watch out\n"
