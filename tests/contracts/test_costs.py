"""What every Costs must do (ports.cloud), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.cloud.costs import CostLine, canonical_row
from arcadia_domain.cloud.matching import How, Match, Unmatched
from arcadia_domain.cloud.provider_invoices import AmbiguousInvoice, KnownForOtherMonth
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.cloud import CloudInvoice, InvoiceSource, StoredInvoice
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.held import ACCOUNT, april, recorded, resource
from tests.world import ANN, NOW, OLGA

APRIL, MAY = month_of(date(2026, 4, 1)), month_of(date(2026, 5, 1))


def line(number: int = 1, *, cents: int = 600, ordinal: int = 0, **facts: Any) -> CostLine:
    """A droplet's line; the number is in what the row says."""
    description = f"web-{number} (s-1vcpu-1gb)"
    written = {
        "product": "Droplets",
        "group_description": "",
        "description": description,
        "hours": "720",
        "start": "2026-04-01",
        "end": "2026-05-01",
        "USD": str(cents),
        "project_name": "pilot",
    }
    whole = CostLine(
        line_no=1 + number,
        product="Droplets",
        group_description="",
        description=description,
        hours=Decimal(720),
        start=april(1),
        end=datetime(2026, 5, 1, tzinfo=UTC),
        amount_cents=cents,
        project_name="pilot",
        category="iaas",
        extra={"region": "syd1"},
        ordinal=ordinal,
        row=canonical_row(written),
    )
    return replace(whole, **facts)


def unmatched(*lines: CostLine) -> list[Match]:
    return [Match(one, reason=Unmatched.NO_SUCH_RESOURCE) for one in lines]


def stored(
    transactions: Transactions,
    matches: Sequence[Match],
    *,
    uuid: str | None = None,
    period: Period = APRIL,
    source: InvoiceSource = InvoiceSource.FILE,
) -> StoredInvoice:
    amount = sum(match.line.amount_cents for match in matches)
    invoice = CloudInvoice(ACCOUNT, period, amount, "USD", source, uuid)
    with transactions.begin(OLGA) as work:
        return work.costs.store(invoice, matches, work.new_id(), NOW)


def charges(transactions: Transactions, period: Period = APRIL) -> list[tuple[CostLine, UUID | None]]:
    """The stored lines of a month, each with the resource it is for."""
    with transactions.begin(OLGA) as work:
        return [
            (charge.line, None if charge.resource is None else charge.resource.id)
            for charge in work.margin.charges(period)
        ]


def test_lines_are_stored_whole_with_what_they_match(transactions: Transactions) -> None:
    web = resource()
    recorded(transactions, web)
    lines = [
        line(1),
        line(2, cents=-50, hours=None, category=None, extra={}),
        replace(line(3), product="Taxes", group_description="GST"),
    ]
    matches = [Match(lines[0], web.id, How.NAME), *unmatched(*lines[1:])]
    done = stored(transactions, matches)
    assert (done.matched, done.changed) == (1, True)
    assert charges(transactions) == [(lines[0], web.id), (lines[1], None), (lines[2], None)]
    assert [one.row_sha256 for one, _ in charges(transactions)] == [one.row_sha256 for one in lines]


def test_the_same_lines_again_change_nothing(transactions: Transactions) -> None:
    matches = unmatched(line(1), line(1, ordinal=1, line_no=9), line(2))
    first = stored(transactions, matches)
    again = stored(transactions, matches)
    assert again == StoredInvoice(first.invoice_id, 0, changed=False)
    assert len(charges(transactions)) == 3


@pytest.mark.parametrize(
    "other",
    [
        [line(1), line(3)],
        [line(1)],
        [line(1), line(2), line(3)],
        [line(1), line(2, cents=700)],
        [line(1), replace(line(2), line_no=77)],
        [line(1), replace(line(2), extra={"region": "fra1"})],
        [],
    ],
)
def test_the_new_lines_take_the_place_of_the_old_ones(
    transactions: Transactions, other: list[CostLine]
) -> None:
    first = stored(transactions, unmatched(line(1), line(2)))
    second = stored(transactions, unmatched(*other))
    assert second == StoredInvoice(first.invoice_id, 0, changed=True)
    assert [one for one, _ in charges(transactions)] == other


def test_a_line_that_matches_now_is_updated(transactions: Transactions) -> None:
    web = resource()
    recorded(transactions, web)
    stored(transactions, unmatched(line(1)))
    assert stored(transactions, [Match(line(1), web.id, How.NAME)]).changed
    assert charges(transactions) == [(line(1), web.id)]
    assert stored(transactions, unmatched(line(1))).changed
    assert charges(transactions) == [(line(1), None)]


def test_a_file_without_a_uuid_is_the_one_invoice_of_its_account_and_month(
    transactions: Transactions,
) -> None:
    first = stored(transactions, unmatched(line(1)))
    may = stored(transactions, unmatched(line(1)), period=MAY)
    assert stored(transactions, unmatched(line(2))).invoice_id == first.invoice_id
    assert may.invoice_id != first.invoice_id
    assert charges(transactions) == [(line(2), None)]
    assert charges(transactions, MAY) == [(line(1), None)]


def test_discovery_adopts_the_file_that_was_ingested_by_hand(transactions: Transactions) -> None:
    by_hand = stored(transactions, unmatched(line(1)))
    found = stored(transactions, unmatched(line(1)), uuid="u-1", source=InvoiceSource.DISCOVERY)
    assert found == StoredInvoice(by_hand.invoice_id, 0, changed=True)
    for uuid, source in ((None, InvoiceSource.FILE), ("u-1", InvoiceSource.DISCOVERY)):
        again = stored(transactions, unmatched(line(1)), uuid=uuid, source=source)
        assert again == StoredInvoice(by_hand.invoice_id, 0, changed=False)
    assert len(charges(transactions)) == 1


def test_the_first_uuid_adopts_and_the_second_is_another_invoice(transactions: Transactions) -> None:
    by_hand = stored(transactions, unmatched(line(1)))
    first = stored(transactions, unmatched(line(1)), uuid="u-1")
    second = stored(transactions, unmatched(line(2)), uuid="u-2")
    assert first.invoice_id == by_hand.invoice_id
    assert second.invoice_id != by_hand.invoice_id
    assert len(charges(transactions)) == 2


def test_a_file_without_a_uuid_is_refused_where_its_month_has_several(transactions: Transactions) -> None:
    stored(transactions, unmatched(line(1)), uuid="u-1")
    stored(transactions, unmatched(line(2)), uuid="u-2")
    with pytest.raises(AmbiguousInvoice) as refusal:
        stored(transactions, unmatched(line(3)))
    assert refusal.value.facts == {"account": ACCOUNT, "count": 2, "month": "2026-04"}
    assert len(charges(transactions)) == 2


def test_an_invoice_that_is_known_with_another_month_is_refused(transactions: Transactions) -> None:
    stored(transactions, unmatched(line(1)), uuid="u-1", period=MAY)
    with pytest.raises(KnownForOtherMonth, match="u-1 is the one of 2026-05"):
        stored(transactions, unmatched(line(1)), uuid="u-1", period=APRIL)
    assert charges(transactions, MAY) == [(line(1), None)]
    assert charges(transactions) == []


def test_an_empty_invoice_is_stored(transactions: Transactions) -> None:
    assert stored(transactions, []).changed
    assert not stored(transactions, []).changed


def test_a_tenant_ingests_nothing(transactions: Transactions) -> None:
    invoice = CloudInvoice(ACCOUNT, APRIL, 0, "USD", InvoiceSource.FILE)
    with refused(), transactions.begin(ANN) as work:
        work.costs.store(invoice, [], work.new_id(), NOW)
