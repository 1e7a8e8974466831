"""An invoice told otherwise in one of its forms is flagged by name, and costs all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.cli.main import run
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.request_discovery import (
    request_balance,
    request_discovery,
    request_preview,
)
from arcadia_domain.cloud.provider_errors import ProviderError
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.period import parse_month
from arcadia_domain.ports.jobs import JobState
from tests.clouds.connected import cloud_of
from tests.clouds.running import NOW
from tests.integration.costs.books import Books, OnBooks, read
from tests.world import OLGA

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "digitalocean_invoice_2019-01.csv"
MONTHS = ("2019-01", "2026-03", "2026-04")
"""Few enough for every test to have its own."""


@pytest.fixture
def books(pools: Pools) -> Iterator[Books]:
    """The sample account, which was billed for three months only; nothing is known of it yet."""
    account = content.sample(SandboxClock(at=NOW))
    account.invoices[:] = [invoice for invoice in account.invoices if invoice.period in MONTHS]
    account.billing_history[:] = [invoice.in_history() for invoice in account.invoices]
    with cloud_of(account) as cloud:
        yield Books(cloud, PostgresTransactions(pools))


Told = Callable[[Invoice], Any]


@dataclass
class Otherwise:
    """An invoice of which one form is told otherwise than the rest."""

    invoice: Invoice
    form: str
    told: Told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.invoice, name)
        if name != self.form:
            return found
        return lambda *args: self.told(found(*args))


def cents_off(summary: Any) -> Any:
    return {**summary, "taxes": {**summary["taxes"], "amount": "0.00"}}


def without_last_row(csv: bytes) -> bytes:
    return b"".join(csv.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("form", "told", "says"),
    [
        ("summary", cents_off, "in its summary product charges 79.02 + overages 0.00 + taxes 0.00 + credits"),
        ("summary", lambda good: {**good, "amount": "86.91"}, "its CSV comes to 86.92 USD"),
        (
            "csv",
            without_last_row,
            "its CSV comes to 79.02 USD, but its summary says 86.92 USD: 7.90 USD less",
        ),
        ("csv", without_last_row, "its CSV has 32 rows, but there are 33 items"),
        ("items", lambda good: [*good[:-1], {**good[-1], "amount": "7.91"}], "its items come to 86.93 USD"),
        ("listed", lambda good: {**good, "amount": "86.91"}, "the list of invoices says 86.91 USD"),
    ],
)
def test_a_planted_difference_is_flagged_by_name(books: Books, form: str, told: Told, says: str) -> None:
    april = books.billed("2026-04")
    books.rebilled("2026-04", lambda good: Otherwise(good, form, told))  # type: ignore[arg-type, return-value]
    turn = books.ingest_all(books.discover())
    [flagged] = turn.flagged
    assert (len(turn.ingested), turn.failed) == (3, [])
    assert any(says in problem for problem in flagged.problems), flagged.problems
    name = f"Invoice {april.number} of 2026-04 ({april.uuid}): "
    assert all(problem.startswith(name) for problem in flagged.problems)
    assert [header.invoice.state for header in books.headers()] == [
        InvoiceState.RECONCILED,
        InvoiceState.RECONCILED,
        InvoiceState.FLAGGED,
    ]
    assert sum(one.line.amount_cents for one in books.charges(parse_month("2026-04"))) > 7900
    books.rebilled("2026-04", lambda _: april)
    again = books.ingest_all(books.discover())
    assert [(one.invoice.period.start.month, one.problems) for one in again.ingested] == [(4, ())]
    assert {header.invoice.state for header in books.headers()} == {InvoiceState.RECONCILED}


@pytest.mark.parametrize("part", ["", "/summary", "/csv"])
@pytest.mark.parametrize("fault", ["close", "truncate", "status"])
def test_what_does_not_come_whole_leaves_the_invoice_as_it_was(books: Books, part: str, fault: str) -> None:
    books.discover()
    before = books.headers()
    uuid = books.billed("2026-04").uuid
    books.cloud.fault(fault=fault, path=f"/v2/customers/my/invoices/{uuid}{part}", times=None)
    with pytest.raises(ProviderError):
        books.ingest("2026-04")
    assert books.headers() == before
    assert books.charges() == []


def test_a_real_invoice_ingested_by_hand_is_adopted_and_found_to_be_another(books: Books) -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL.name} is not here: it comes with the project's shared data")
    file = read(REAL.read_bytes())
    january = parse_month("2019-01")
    with books.store.begin(OLGA) as work:
        by_hand = ingest_invoice(work, OLGA, lines=file.lines, period=january, now=NOW)
    assert (by_hand.lines, by_hand.amount_cents) == (7, 12211)
    books.discover()
    adopted = books.header("2019-01")
    assert (adopted.id, adopted.lines, adopted.invoice.state) == (
        by_hand.invoice_id,
        7,
        InvoiceState.INGESTED,
    )
    assert adopted.invoice.stated_cents == books.billed("2019-01").cents
    assert books.ingest("2019-01").invoice_id == by_hand.invoice_id
    assert books.header("2019-01").invoice.amount_cents == books.billed("2019-01").cents


def test_jobs_discover_and_ingest_each_invoice_by_itself(books: Books) -> None:
    app = books.app
    with books.store.begin(OLGA) as work:
        asked = [
            request(work, OLGA, now=NOW, cause="tick")
            for request in (request_discovery, request_discovery, request_balance, request_preview)
        ]
    assert asked[0] == asked[1]
    runner = JobRunner(app)
    while runner.run_next():
        pass
    with books.store.begin(OLGA) as work:
        jobs = work.jobs.page(after=None, limit=20)
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}
    names = sorted(job.name for job in jobs)
    assert names == [
        "discover_invoices", *["ingest_provider_invoice"] * 3, "preview_costs", "take_balance",
    ]  # fmt: skip
    assert {header.invoice.state for header in books.headers()} == {InvoiceState.RECONCILED}


def command(books: Books, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = run(lambda: OnBooks(books.app), ["costs", *words])  # type: ignore[arg-type, return-value]
    return status, capsys.readouterr().out


def test_the_commands_discover_reconcile_and_say_why_nobody_bears_a_line(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = command(books, capsys, "discover", "--json")
    told = json.loads(out)
    assert (status, told["invoices"], told["to_ingest"]) == (0, 3, 3)
    assert (told["ingested"]["reconciled"], told["ingested"]["flagged"]) == (3, [])
    status, out = command(books, capsys, "unattributed", "2026-04", "--json")
    items = json.loads(out)["items"]
    assert (status, len(items), sum(item["unattributed_cents"] for item in items)) == (0, 33, 8692)
    reasons = {item["product"]: item["unmatched_reason"] for item in items}
    assert reasons["Taxes"] == "tax"
    assert reasons["Spaces Subscription"] == "account_wide"
    assert reasons["Floating IPs"] == "no_such_resource"
    _, out = command(books, capsys, "unattributed", "2026-04")
    assert "It is the provider's tax" in " ".join(out.split())
    assert out == command(books, capsys, "unattributed")[1]  # the month just ended
    status, out = command(books, capsys, "balance", "--json")
    assert (status, json.loads(out)["generated_at"]) == (0, "2026-05-03T12:00:00Z")
    status, out = command(books, capsys, "month-to-date", "--json")
    month = json.loads(out)
    assert (status, month["period"], month["unattributed_cents"]) == (0, "2026-05", month["amount_cents"])
    assert month["amount_cents"] == sum(row["amount_cents"] for row in month["rows"]) > 0


def test_the_command_names_a_file_that_may_be_any_invoice_of_its_month_until_somebody_says_which(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    april = books.billed("2026-04")
    more = replace(april, uuid="0d0d0d0d-0000-4000-8000-00000000000d", number="417", rows=april.rows[:1])
    books.cloud.account.invoices.append(more)
    file = read(without_last_row(april.csv()))

    def ingested(uuid: str | None) -> None:
        with books.store.begin(OLGA) as work:
            ingest_invoice(
                work, OLGA, lines=file.lines, period=parse_month("2026-04"), now=NOW, invoice_uuid=uuid
            )

    ingested(None)
    status, out = command(books, capsys, "discover", "--json")
    [undecided] = json.loads(out)["undecided"]
    assert (status, undecided["period"], undecided["amount_cents"]) == (0, "2026-04", 7902)
    assert {one["invoice_uuid"]: one["amount_cents"] for one in undecided["listed"]} == {
        april.uuid: 8692,
        more.uuid: 600,
    }
    assert sum(one.line.amount_cents for one in books.charges(parse_month("2026-04"))) == 7902
    told = " ".join(command(books, capsys, "discover")[1].split())
    assert "ingesting it again with --invoice-uuid" in told
    ingested(april.uuid)
    _, out = command(books, capsys, "discover", "--json")
    assert json.loads(out)["undecided"] == []
    assert sum(one.line.amount_cents for one in books.charges(parse_month("2026-04"))) == 8692 + 600


def test_reconcile_exits_1_and_names_the_figures(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    command(books, capsys, "discover")
    assert command(books, capsys, "reconcile", "--json")[0] == 0
    books.rebilled("2026-04", lambda good: Otherwise(good, "summary", cents_off))  # type: ignore[arg-type, return-value]
    status, out = command(books, capsys, "reconcile", "2026-04", "--json")
    [flagged] = json.loads(out)["flagged"]
    assert (status, flagged["period"], flagged["state"]) == (1, "2026-04", "flagged")
    assert "79.02" in flagged["problems"][0]
    assert "79.02" in command(books, capsys, "reconcile")[1]
