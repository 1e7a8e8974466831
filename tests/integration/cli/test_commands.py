"""The commands as a person types them: words in, tables or JSON out, exit statuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from arcadia_domain import __version__
from tests.integration.http.serve import environment, own_data_dir

REAL_INVOICE = Path(__file__).resolve().parents[4] / "shared" / "data" / "digitalocean_invoice_2019-01.csv"


class Done(subprocess.CompletedProcess[str]):
    """What a command came to."""


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def arcadia() -> Iterator[Command]:
    """Runs a command on this module's own embedded database."""
    with own_data_dir() as data_dir:
        settings = environment(data_dir)

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "arcadia_app", *words],
                env=settings,
                capture_output=True,
                text=True,
                check=False,
            )

        yield run


def said(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert isinstance(printed, dict)
    return printed


def test_seeding_twice_makes_everything_once(arcadia: Command) -> None:
    said(arcadia("seed", "--json"))
    assert said(arcadia("seed", "--json")) == {"plans": 0, "addons": 0, "prices": 0}


def test_a_quote_prints_the_golden_numbers(arcadia: Command) -> None:
    said(arcadia("seed", "--json"))
    usage = ("--use", "droplet_hours=1488", "--use", "spaces_gb_month=200", "--use", "llm_tokens=1500000")
    quoted = said(
        arcadia("quote", "studio", "--addon", "storage_50gb", *usage, "--starts-on", "2026-05-20", "--json")
    )
    assert quoted["recurring"]["total_cents"] == 5750
    assert quoted["first_invoice"]["total_cents"] == 2225
    assert quoted["overage"]["total_cents"] == 600
    assert quoted["all_in_monthly_cents"] == 6350
    assert len(quoted["hash"]) == 64


def test_a_refusal_goes_to_stderr_with_its_code_and_exits_non_zero(arcadia: Command) -> None:
    done = arcadia("quote", "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no plan 'nothing'" in done.stderr
    assert "unknown_plan" in done.stderr


def test_wrong_words_exit_with_two_and_say_which(arcadia: Command) -> None:
    done = arcadia("rollup", "April")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'April' is not a month" in done.stderr


def shuffled(source: bytes) -> bytes:
    """The same invoice with its columns in another order."""
    rows = list(csv.reader(io.StringIO(source.decode())))
    order = sorted(range(len(rows[0])), key=lambda place: (place * 5) % 7)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([row[place] for place in order] for row in rows)
    return out.getvalue().encode()


def ingest_thrice(arcadia: Command, source: bytes, period: str, folder: Path) -> list[dict[str, Any]]:
    """What it says at first, again, and with the columns shuffled."""
    file, other = folder / "invoice.csv", folder / "shuffled.csv"
    file.write_bytes(source)
    other.write_bytes(shuffled(source))
    words = ("--period", period, "--json")
    return [said(arcadia("ingest", str(path), *words)) for path in (file, file, other)]


def test_the_real_invoice_of_2019_is_ingested_once(arcadia: Command, tmp_path: Path) -> None:
    if not REAL_INVOICE.exists():
        pytest.skip("the real invoice of January 2019 lies outside the project and is not here")
    first, again, in_other_order = ingest_thrice(arcadia, REAL_INVOICE.read_bytes(), "2019-01", tmp_path)
    assert (first["lines"], first["amount_cents"], first["matched"], first["changed"]) == (7, 12211, 0, True)
    assert again == in_other_order == {**first, "changed": False}


def test_the_sample_invoice_is_ingested_once(arcadia: Command, tmp_path: Path) -> None:
    first, again, in_other_order = ingest_thrice(arcadia, sample_invoice_csv(), "2026-04", tmp_path)
    assert (first["lines"], first["amount_cents"], first["changed"]) == (33, 8692, True)
    assert again == in_other_order == {**first, "changed": False}
    margin = said(arcadia("margin", "2026-04", "--json"))
    assert margin["overall"]["cogs_cents"] == margin["unattributed_cogs_cents"] == 8692
    assert margin["fx"] == {"pair": "USD/AUD", "rate": "1", "source": margin["fx"]["source"], "assumed": True}
    leakage = said(arcadia("leakage", "2026-04", "--json"))
    assert leakage["total_cents"] == leakage["looked_at_cents"] == 8692 - leakage["left_out_cents"]
    assert {item["reason"] for item in leakage["items"]} == {"nobody"}


def test_a_cut_file_is_refused_with_its_line_and_nothing_is_stored(arcadia: Command, tmp_path: Path) -> None:
    file = tmp_path / "cut.csv"
    file.write_bytes(sample_invoice_csv()[:-30])
    done = arcadia("ingest", str(file), "--period", "2026-03", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Line 34" in done.stderr
    assert said(arcadia("margin", "2026-03", "--json"))["overall"]["cogs_cents"] == 0


def test_an_invoice_of_another_month_is_refused(arcadia: Command, tmp_path: Path) -> None:
    file = tmp_path / "invoice.csv"
    file.write_bytes(sample_invoice_csv())
    done = arcadia("ingest", str(file), "--period", "2025-04")
    assert done.returncode == 1
    assert "invoice_of_other_period" in done.stderr


def test_a_month_without_tenants_rolls_up_to_nothing(arcadia: Command) -> None:
    expected = {"period": "2026-02", "created": 0, "rebuilt": 0, "unchanged": 0, "failures": []}
    assert said(arcadia("rollup", "2026-02", "--json")) == {**expected, "conflicts": []}


def test_how_the_run_of_a_month_stands_is_told_and_nothing_is_rolled_up(arcadia: Command) -> None:
    missing = arcadia("rollup", "2026-01", "--status")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "There is no billing run of 2026-01. (run_not_found)" in missing.stderr
    said(arcadia("rollup", "2026-01", "--json"))
    told = said(arcadia("rollup", "2026-01", "--status", "--json"))
    assert (told["run"]["period"], told["run"]["state"], told["failures"]) == ("2026-01", "finished", [])
    assert told["run"]["shards"] == {"waiting": 0, "stopped": 0, "done": 0, "discarded": 0}
    shown = arcadia("rollup", "2026-01", "--status")
    assert shown.returncode == 0
    for words in ("Billing run of January 2026", "finished", "0 waiting, 0 stopped, 0 done, 0 discarded"):
        assert words in shown.stdout
    for more in (["--force"], ["--tenant", "acme"]):
        refused = arcadia("rollup", "2026-01", "--status", *more)
        assert refused.returncode == 2
        assert "--status stands alone" in refused.stderr


def test_a_month_that_is_not_over_is_refused(arcadia: Command) -> None:
    done = arcadia("rollup", "2099-12")
    assert done.returncode == 1
    assert "month_not_over" in done.stderr


def test_help_names_every_command_without_loading_a_database_library(arcadia: Command) -> None:
    done = arcadia("--help")
    assert done.returncode == 0
    for command in (
        "demo",
        "bench",
        "serve",
        "api",
        "token",
        "migrate",
        "seed",
        "quote",
        "ingest",
        "meter",
        "rollup",
        "margin",
        "leakage",
        "accrual",
    ):
        assert command in done.stdout


def test_the_version_is_told_without_a_database(arcadia: Command) -> None:
    done = arcadia("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"arcadia, version {__version__}")


def test_a_database_that_is_up_to_date_needs_no_roles(arcadia: Command) -> None:
    assert said(arcadia("migrate", "--json")) == {"roles_made": []}


def test_a_tenant_that_is_not_there_is_named(arcadia: Command) -> None:
    done = arcadia("rollup", "2026-02", "--tenant", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no tenant 'nobody'. (unknown_tenant)" in done.stderr
