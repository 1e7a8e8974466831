"""April 2026 through the use cases on a real database: the golden numbers, and what moves what (SPEC 13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_application
from arcadia_app.cli.demo.april import (
    ADDON,
    Account,
    play_account,
    play_pilot,
    play_quotes,
)
from arcadia_app.cli.demo.goldens import Check, check_account, check_pilot, check_quotes
from arcadia_app.settings import DatabaseUrls
from arcadia_app.use_cases.sample.april import PILOTS_DROPLETS
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.pricing.quoting import replay
from tests.integration.servers import Server

NewApp = Callable[[], Arcadia]


@pytest.fixture
def new_app(server: Server) -> Iterator[NewApp]:
    """Makes the application on a database of its own."""
    with ExitStack() as stack:

        def make() -> Arcadia:
            database = stack.enter_context(server.database())
            urls = DatabaseUrls(
                tenant=database.tenant_url, operator=database.operator_url, gateway=database.gateway_url
            )
            return stack.enter_context(wire_application(urls))

        yield make


def all_hold(checks: Sequence[Check]) -> bool:
    assert [check for check in checks if not check.holds] == []
    return bool(checks)


def test_the_golden_numbers_hold_to_the_cent(new_app: NewApp) -> None:
    app = new_app()
    assert all_hold(check_quotes(play_quotes(app)))
    assert all_hold(check_pilot(play_pilot(app, app.sample.droplets()[:PILOTS_DROPLETS], [ADDON])))
    other = new_app()
    account = play_account(other, other.sample.droplets(), other.sample.invoice_csv())
    assert all_hold(check_account(account))


def test_the_invoice_can_be_made_again_from_the_inputs_kept_with_it(new_app: NewApp) -> None:
    app = new_app()
    invoice = play_pilot(app, app.sample.droplets()[:PILOTS_DROPLETS], [ADDON]).invoice
    (kept,) = invoice.inputs
    again = replay(kept.inputs)
    assert again.hash() == kept.hash
    assert [line.as_json() for line in again.lines] == [
        placed.line.as_json() for placed in invoice.lines if placed.deployment_id is not None
    ]


@dataclass(frozen=True)
class Figures:
    """Every figure of the month that somebody reads."""

    usage: dict[str, Decimal]
    revenue: int
    invoiced: int
    cogs_of_pilot: int
    cogs: int
    margin_of_pilot: int
    margin: int
    unattributed: int
    lines: int
    matched: int
    bill: int

    @classmethod
    def of(cls, account: Account) -> Figures:
        (pilot,) = account.margin.by_tenant
        return cls(
            usage=dict(account.billed.usage),
            revenue=pilot.margin.revenue_cents,
            invoiced=account.billed.invoice.total_cents,
            cogs_of_pilot=pilot.margin.cogs_cents,
            cogs=account.margin.overall.cogs_cents,
            margin_of_pilot=pilot.margin.margin_cents,
            margin=account.margin.overall.margin_cents,
            unattributed=account.margin.unattributed_cogs_cents,
            lines=account.ingested.lines,
            matched=account.ingested.matched,
            bill=account.ingested.amount_cents,
        )


def figures(app: Arcadia, droplets: Sequence[CloudResource], invoice_csv: bytes) -> Figures:
    return Figures.of(play_account(app, droplets, invoice_csv))


def test_a_cent_more_in_the_csv_moves_cost_and_margin_and_nothing_else(new_app: NewApp) -> None:
    app, other = new_app(), new_app()
    droplets, bill = app.sample.droplets(), app.sample.invoice_csv()
    name = droplets[0].name.encode()
    (row,) = [line for line in bill.splitlines() if name in line]
    dearer = bill.replace(row, row.replace(b"$6.00", b"$6.01"))
    assert dearer != bill
    before, after = figures(app, droplets, bill), figures(other, droplets, dearer)
    assert after == replace(
        before,
        cogs_of_pilot=before.cogs_of_pilot + 1,
        cogs=before.cogs + 1,
        margin_of_pilot=before.margin_of_pilot - 1,
        margin=before.margin - 1,
        bill=before.bill + 1,
    )


def test_a_cent_more_in_a_row_that_matches_nothing_is_nobodys_cost(new_app: NewApp) -> None:
    app, other = new_app(), new_app()
    droplets, bill = app.sample.droplets(), app.sample.invoice_csv()
    dearer = bill.replace(b"$7.90", b"$7.91")
    assert dearer != bill
    before, after = figures(app, droplets, bill), figures(other, droplets, dearer)
    assert after == replace(
        before,
        cogs=before.cogs + 1,
        margin=before.margin - 1,
        unattributed=before.unattributed + 1,
        bill=before.bill + 1,
    )


def test_an_hour_more_of_a_droplet_moves_usage_revenue_and_margin_and_nothing_else(new_app: NewApp) -> None:
    app, other = new_app(), new_app()
    bill = app.sample.invoice_csv()
    ends = datetime(2026, 4, 20, 12, 30, tzinfo=UTC)
    first, *rest = app.sample.droplets()
    shorter = figures(app, [replace(first, deleted_at=ends), *rest], bill)
    longer = figures(other, [replace(first, deleted_at=ends + timedelta(hours=1)), *rest], bill)
    assert shorter.usage == {"droplet_hours": Decimal(4 * 720 + 19 * 24) + Decimal("12.5")}
    # Half an hour of overage is half a cent, so both amounts are rounded up alike: an hour is one cent.
    assert longer == replace(
        shorter,
        usage={"droplet_hours": shorter.usage["droplet_hours"] + 1},
        revenue=shorter.revenue + 1,
        invoiced=longer.invoiced,
        margin_of_pilot=shorter.margin_of_pilot + 1,
        margin=shorter.margin + 1,
    )
    assert longer.invoiced - shorter.invoiced in (1, 2)  # a cent, and what it adds to the rounding of GST
