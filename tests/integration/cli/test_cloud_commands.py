"""The commands about what runs and what it costs: words in, tables, JSON or CSV out, exit statuses."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from tests.integration.cli.test_commands import Command, arcadia, said
from tests.world import NOBODYS

__all__ = ["arcadia"]  # a fixture is found where its name is

APRIL = "2026-04"


@pytest.fixture(scope="module")
def april(arcadia: Command, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """April's invoice, and nothing that runs."""
    file = tmp_path_factory.mktemp("invoices") / "april.csv"
    file.write_bytes(sample_invoice_csv())
    said(arcadia("ingest", str(file), "--period", APRIL, "--json"))
    return arcadia


def test_the_inventory_is_printed_and_told_to_machines(april: Command) -> None:
    assert said(april("inventory", "--json")) == {"items": [], "next_cursor": None}
    shown = april("inventory", "--kind", "droplet", "--deployment", str(NOBODYS), "--deleted")
    assert shown.returncode == 0, shown.stderr
    assert "Inventory: 0" in shown.stdout


def test_a_kind_that_there_is_not_is_named(april: Command) -> None:
    done = april("inventory", "--kind", "droplet_hours")
    assert (done.returncode, done.stdout) == (2, "")
    assert "droplet_hours" in done.stderr


def test_a_resource_that_is_not_there_is_not_assigned(april: Command) -> None:
    done = april("assign", str(NOBODYS), "nobody", "--from", "2026-04-01")
    assert (done.returncode, done.stdout) == (1, "")
    assert "(resource_not_found)" in done.stderr
    ahead = april("assign", str(NOBODYS), "nobody", "--from", "2099-01-01")
    assert ahead.returncode == 1
    assert "(assignment_in_future)" in ahead.stderr
    for words in (
        ("web-1", "nobody", "--from", "2026-04-01"),
        (str(NOBODYS), "no-id", "--from", "2026-04-01"),
        (str(NOBODYS), "nobody", "--from", "April"),
        (str(NOBODYS), "nobody"),
    ):
        assert april("assign", *words).returncode == 2


def test_a_holder_that_is_none_is_told_of_nobody_and_of_the_list_of_deployments(april: Command) -> None:
    done = april("assign", str(NOBODYS), "nobdy", "--from", "2026-04-01")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'nobdy' is no id of a deployment ('arcadia deployments' lists them), or 'nobody'." in done.stderr


def test_deployments_are_printed_and_told_to_machines(april: Command) -> None:
    assert said(april("deployments", "--json")) == {"items": [], "next_cursor": None}
    shown = april("deployments", "--tenant", "acme")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Deployments: 0" in shown.stdout


@pytest.mark.parametrize(
    "words", [("costs", "unattributed"), ("costs", "reconcile"), ("leakage",), ("margin",)], ids=" ".join
)
def test_a_month_without_an_invoice_does_not_look_clean(april: Command, words: tuple[str, ...]) -> None:
    missing = "No invoice of October 2025 is here: 'arcadia costs discover' looks for it.\n"
    # reconciling asks DigitalOcean, which nobody has named here: that is said after it
    assert april(*words, "2025-10").stderr.startswith(missing)
    assert april(*words, "2025-10", "--json").stderr.startswith(missing)
    assert "No invoice" not in april(*words, APRIL).stderr


def test_lines_that_nobody_bears_stand_with_their_ids_under_each_reason(april: Command) -> None:
    items = said(april("costs", "unattributed", APRIL, "--json"))["items"]
    shown = april("costs", "unattributed", APRIL).stdout
    for item in items:
        assert shown.count(item["id"]) == 1
    reasons = [line for line in shown.splitlines() if line.startswith("The inventory has no resource")]
    assert len(reasons) == 1, "the sentence stands once, above its lines"
    assert f"Borne by nobody in April 2026: {len(items)} lines, 86.92 USD" in shown


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_file_that_cannot_be_written_is_said_before_the_work(
    april: Command, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").write_text("")
    file = tmp_path / folder / "focus.csv"
    done = april("export", "focus", APRIL, "--output", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"There is no folder {str(file.parent)!r}." in done.stderr
    assert "Traceback" not in done.stderr
    assert april("export", "focus", APRIL, "--output", str(tmp_path)).returncode == 2


def test_a_disk_that_is_full_is_a_sentence(april: Command) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = april("export", "focus", APRIL, "--output", "/dev/full")
    assert (done.returncode, done.stderr) == (1, "Error: /dev/full: No space left on device\n")


def test_focus_goes_to_stdout_or_to_a_file_and_adds_up(april: Command, tmp_path: Path) -> None:
    printed = april("export", "focus", APRIL)
    assert printed.returncode == 0, printed.stderr
    rows = list(csv.DictReader(io.StringIO(printed.stdout, newline="")))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("86.92")
    assert {len(str(UUID(row["x_CostLineId"]))) for row in rows} == {36}
    file = tmp_path / "focus.csv"
    written = april("export", "focus", APRIL, "--output", str(file))
    assert (written.returncode, written.stdout) == (0, "")
    assert list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))) == rows
    assert file.read_bytes().count(b"\r\n") == len(rows) + 1


def test_a_month_without_an_invoice_is_the_header_alone(april: Command) -> None:
    printed = april("export", "focus", "2014-11")
    assert printed.returncode == 0, printed.stderr
    [header] = printed.stdout.splitlines()
    assert header.startswith("BilledCost,BillingAccountId,")
