"""What every Costs must do (ports.cloud), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.cloud.costs import CostLine, canonical_row
from arcadia_domain.cloud.matching import How, Match, Unmatched
from arcadia_domain.cloud.provider_invoices import (
    AmbiguousInvoice,
    CloudInvoice,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    KnownForOtherMonth,
)
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.costs import StoredInvoice
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
            for charge in work.charges.each(ChargesAsked(period=period))
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


def header(transactions: Transactions, invoice_id: UUID) -> InvoiceHeader:
    with transactions.begin(OLGA) as work:
        found = work.costs.header(invoice_id)
    assert found is not None
    return found


def headers(transactions: Transactions) -> list[InvoiceHeader]:
    with transactions.begin(OLGA) as work:
        return list(work.costs.headers(ACCOUNT))


def listed(uuid: str, cents: int = 1200, period: Period = APRIL, **facts: Any) -> CloudInvoice:
    """An invoice as the provider lists it."""
    invoice = CloudInvoice(
        account=ACCOUNT,
        period=period,
        amount_cents=cents,
        currency="USD",
        source=InvoiceSource.DISCOVERY,
        invoice_uuid=uuid,
        invoice_number=f"n-{uuid}",
        stated_cents=cents,
        state=InvoiceState.DISCOVERED,
    )
    return replace(invoice, **facts)


def discovered(
    transactions: Transactions, *invoices: CloudInvoice, account: str = ACCOUNT
) -> list[InvoiceHeader]:
    """The headers that were new, or have changed."""
    with transactions.begin(OLGA) as work:
        return list(work.costs.discover(account, invoices, [work.new_id() for _ in invoices], NOW))


def ingested(
    transactions: Transactions, invoice: CloudInvoice, matches: Sequence[Match], at: datetime = NOW
) -> StoredInvoice:
    with transactions.begin(OLGA) as work:
        return work.costs.store(invoice, matches, work.new_id(), at)


def test_discovered_invoices_are_there_by_month_and_uuid_and_cost_nothing(
    transactions: Transactions,
) -> None:
    found = discovered(transactions, listed("u-3", period=MAY), listed("u-2"), listed("u-1"))
    assert [one.invoice_uuid for one in found] == ["u-1", "u-2", "u-3"]
    assert headers(transactions) == found
    assert [one.lines for one in found] == [0, 0, 0]
    assert charges(transactions) == charges(transactions, MAY) == []
    assert header(transactions, found[0].id) == found[0]


def test_discovered_again_only_what_is_stated_otherwise_changes(transactions: Transactions) -> None:
    first = discovered(transactions, listed("u-1"), listed("u-2"))
    assert discovered(transactions, listed("u-1"), listed("u-2")) == []
    [changed] = discovered(transactions, listed("u-1"), listed("u-2", 1300))
    assert (changed.id, changed.invoice.stated_cents) == (first[1].id, 1300)
    assert headers(transactions) == [first[0], changed]


def test_the_invoice_of_its_amount_adopts_a_file_and_one_that_may_be_any_waits(
    transactions: Transactions,
) -> None:
    by_hand = stored(transactions, unmatched(line(1)))
    assert discovered(transactions, listed("u-1", 1200), listed("u-2", 1300)) == []
    with transactions.begin(OLGA) as work:
        assert [one.invoice_uuid for one in work.costs.headers(ACCOUNT)] == [None]
    first, second = discovered(transactions, listed("u-1", 1200), listed("u-2", 600))
    assert (first.lines, second.id, second.lines) == (0, by_hand.invoice_id, 1)
    other = stored(transactions, unmatched(line(2)), uuid="u-1")
    assert other.invoice_id == first.id
    assert len(charges(transactions)) == 2


def test_a_file_ingested_by_hand_is_adopted_with_its_lines(transactions: Transactions) -> None:
    by_hand = stored(transactions, unmatched(line(1)))
    [adopted] = discovered(transactions, listed("u-1"))
    assert (adopted.id, adopted.lines, adopted.invoice_uuid) == (by_hand.invoice_id, 1, "u-1")
    assert (adopted.invoice.amount_cents, adopted.invoice.stated_cents) == (600, 1200)
    assert (adopted.invoice.state, adopted.invoice.source) == (
        InvoiceState.INGESTED,
        InvoiceSource.DISCOVERY,
    )
    assert len(charges(transactions)) == 1


def test_an_account_knows_its_own_invoices_only(transactions: Transactions) -> None:
    discovered(transactions, listed("u-1"))
    discovered(transactions, listed("u-1", account="other"), account="other")
    assert [one.invoice.account for one in headers(transactions)] == [ACCOUNT]
    with transactions.begin(OLGA) as work:
        assert len(work.costs.headers("other")) == 1
        assert work.costs.header(UUID(int=0xDEAD)) is None


def test_a_flag_stays_until_an_ingest_adds_up(transactions: Transactions) -> None:
    [found] = discovered(transactions, listed("u-1"))
    bad = listed("u-1", state=InvoiceState.FLAGGED, problem="It lacks a cent.")
    good = listed("u-1", state=InvoiceState.RECONCILED)
    lines = unmatched(line(1), line(2))
    first = ingested(transactions, bad, lines)
    assert first == StoredInvoice(found.id, 0, changed=True)
    assert not ingested(transactions, bad, lines).changed
    flagged = header(transactions, found.id)
    assert (flagged.invoice.problem, flagged.lines, flagged.reconciled_at) == ("It lacks a cent.", 2, None)
    assert len(charges(transactions)) == 2
    assert not stored(transactions, lines, uuid="u-1").changed
    assert ingested(transactions, good, lines).changed
    lifted = header(transactions, found.id)
    assert (lifted.invoice.problem, lifted.invoice.state) == (None, InvoiceState.RECONCILED)
    assert lifted.reconciled_at == lifted.ingested_at == NOW
    later = NOW + timedelta(days=1)
    assert not ingested(transactions, good, lines, later).changed
    assert header(transactions, found.id) == lifted


def test_a_file_with_other_lines_has_to_be_checked_again(transactions: Transactions) -> None:
    good = listed("u-1", 600, state=InvoiceState.RECONCILED)
    invoice_id = ingested(transactions, good, unmatched(line(1))).invoice_id
    stored(transactions, unmatched(line(2)), uuid="u-1")
    assert header(transactions, invoice_id).invoice.state is InvoiceState.INGESTED


def test_an_id_that_only_json_told_outlives_a_file_that_says_the_same(transactions: Transactions) -> None:
    web, other = resource(1), resource(2)
    recorded(transactions, web, other)
    told = replace(line(1), provider_id=web.provider_id)
    stored(transactions, [Match(told, web.id, How.ID)], uuid="u-1")
    again = stored(transactions, unmatched(line(1)), uuid="u-1")
    assert (again.matched, again.changed) == (1, False)
    assert charges(transactions) == [(told, web.id)]
    moved = replace(line(1), provider_id=other.provider_id)
    assert stored(transactions, [Match(moved, other.id, How.ID)], uuid="u-1").changed
    assert charges(transactions) == [(moved, other.id)]


def test_what_matches_otherwise_today_is_stored(transactions: Transactions) -> None:
    web, late = resource(1), resource(2)
    recorded(transactions, web, late)
    settled = replace(line(1), provider_id=web.provider_id)
    tax = replace(line(3), product="Taxes")
    by_name = Match(line(4), web.id, How.NAME)
    stored(transactions, [Match(settled, web.id, How.ID), *unmatched(line(2), tax), by_name], uuid="u-1")
    stored(transactions, unmatched(line(5)), uuid="u-2", period=MAY)
    with transactions.begin(OLGA) as work:
        found = work.costs.rematchable(ACCOUNT)
        assert sorted(one.line_no for _, one in found) == [3, 5, 6]
        assert work.costs.rematchable("other") == []
        assert work.costs.rematch({id: unmatched(one)[0] for id, one in found}) == 1
        late_now = {id: Match(one, late.id, How.NAME) for id, one in found if one.line_no == 3}
        assert work.costs.rematch(late_now) == 1
        assert work.costs.rematch(late_now) == 0
        assert work.costs.rematch({}) == 0
    assert charges(transactions) == [(settled, web.id), (line(2), late.id), (tax, None), (line(4), None)]


def previewed(
    transactions: Transactions, *lines: CostLine, period: Period = MAY, at: datetime = NOW
) -> StoredInvoice | None:
    amount = sum(one.amount_cents for one in lines)
    uuid = f"preview-{period.start:%Y-%m}"
    invoice = CloudInvoice(ACCOUNT, period, amount, "USD", InvoiceSource.PREVIEW, uuid)
    with transactions.begin(OLGA) as work:
        return work.costs.store_preview(invoice, unmatched(*lines), work.new_id(), at)


def preview_of(transactions: Transactions, period: Period = MAY) -> InvoiceHeader | None:
    with transactions.begin(OLGA) as work:
        return work.costs.preview(ACCOUNT, period.start)


def test_a_preview_is_no_invoice_and_each_look_replaces_the_last(transactions: Transactions) -> None:
    first = previewed(transactions, line(1))
    second = previewed(transactions, line(1), line(2), at=NOW + timedelta(hours=1))
    assert first is not None
    assert second is not None
    assert first.invoice_id == second.invoice_id
    kept = preview_of(transactions)
    assert kept is not None
    assert (kept.lines, kept.invoice.amount_cents, kept.ingested_at) == (2, 1200, NOW + timedelta(hours=1))
    assert preview_of(transactions, APRIL) is None
    assert headers(transactions) == []
    assert charges(transactions, MAY) == []
    with transactions.begin(OLGA) as work:
        assert work.costs.header(first.invoice_id) is None


def test_a_preview_goes_when_its_months_invoice_is_ingested_and_not_before(
    transactions: Transactions,
) -> None:
    previewed(transactions, line(1))
    discovered(transactions, listed("u-1", period=MAY))
    assert previewed(transactions, line(2)) is not None
    stored(transactions, unmatched(line(3)), period=APRIL)
    assert preview_of(transactions) is not None
    stored(transactions, unmatched(line(4)), uuid="u-1", period=MAY)
    assert preview_of(transactions) is None
    assert previewed(transactions, line(5)) is None
    assert preview_of(transactions) is None
    assert charges(transactions, MAY) == [(line(4), None)]


def test_a_preview_is_not_what_a_file_without_a_uuid_means(transactions: Transactions) -> None:
    preview = previewed(transactions, line(1))
    by_hand = stored(transactions, unmatched(line(2)), period=MAY)
    assert preview is not None
    assert by_hand.invoice_id != preview.invoice_id


def test_a_tenant_discovers_matches_and_previews_nothing(transactions: Transactions) -> None:
    with refused(), transactions.begin(ANN) as work:
        work.costs.discover(ACCOUNT, [listed("u-1")], [work.new_id()], NOW)
    with refused(), transactions.begin(ANN) as work:
        work.costs.rematch({})
    with refused(), transactions.begin(ANN) as work:
        work.costs.store_preview(listed("p"), [], work.new_id(), NOW)
