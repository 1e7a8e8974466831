"""How the header of a provider invoice moves: discovered, ingested by hand or from the provider, checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from arcadia_domain.cloud.provider_invoices import (
    AmbiguousInvoice,
    CloudInvoice,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    KnownForOtherMonth,
    discovered,
    ingested,
    same_invoice,
    to_ingest,
    together,
)
from arcadia_domain.period import Period, month_of

APRIL, MAY = month_of(date(2026, 4, 1)), month_of(date(2026, 5, 1))
NEW = UUID(int=99)
AT = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)


def by_hand(cents: int = 8692, **facts: Any) -> CloudInvoice:
    return replace(CloudInvoice("acme", APRIL, cents, "USD", InvoiceSource.FILE), **facts)


def stated(cents: int = 8692, *, uuid: str = "u-1", period: Period = APRIL) -> CloudInvoice:
    return CloudInvoice(
        account="acme",
        period=period,
        amount_cents=cents,
        currency="USD",
        source=InvoiceSource.DISCOVERY,
        invoice_uuid=uuid,
        invoice_number="417",
        stated_cents=cents,
        state=InvoiceState.DISCOVERED,
    )


def checked(cents: int = 8692, problem: str | None = None) -> CloudInvoice:
    state = InvoiceState.FLAGGED if problem else InvoiceState.RECONCILED
    return replace(stated(cents), state=state, problem=problem)


def stored(invoice: CloudInvoice, number: int = 1, **facts: Any) -> InvoiceHeader:
    told: dict[str, Any] = {"lines": 33, "ingested_at": AT, **facts}
    return InvoiceHeader(id=UUID(int=number), invoice=invoice, **told)


def after(old: InvoiceHeader | None, invoice: CloudInvoice, *, others: bool = False) -> InvoiceHeader:
    return ingested(old, NEW, invoice, lines=33, others=others, at=LATER)


def test_a_new_one_is_as_it_was_told() -> None:
    assert after(None, by_hand(), others=True) == InvoiceHeader(id=NEW, invoice=by_hand(), lines=33)
    assert after(None, checked(), others=True).reconciled_at == LATER
    assert discovered(None, NEW, stated()) == InvoiceHeader(id=NEW, invoice=stated(), lines=0)


def test_a_file_with_the_same_lines_leaves_what_was_checked_as_it_is() -> None:
    for invoice in (checked(), checked(problem="it lacks a cent")):
        old = stored(invoice, reconciled_at=AT if invoice.problem is None else None)
        assert after(old, by_hand()) == old


def test_a_file_with_other_lines_has_to_be_checked_again() -> None:
    for invoice in (checked(), checked(problem="it lacks a cent")):
        new = after(stored(invoice, reconciled_at=AT), by_hand(8693), others=True)
        assert (new.invoice.state, new.invoice.problem, new.reconciled_at) == (
            InvoiceState.INGESTED,
            None,
            None,
        )
        assert (new.invoice.invoice_uuid, new.invoice.stated_cents) == ("u-1", 8692)
        assert (new.invoice.invoice_number, new.invoice.source) == ("417", InvoiceSource.DISCOVERY)


def test_an_ingest_that_adds_up_lifts_the_flag_and_says_since_when_it_does() -> None:
    flagged = stored(checked(problem="it lacks a cent"))
    good = after(flagged, checked())
    assert (good.invoice.state, good.invoice.problem, good.reconciled_at) == (
        InvoiceState.RECONCILED,
        None,
        LATER,
    )
    assert after(replace(good, reconciled_at=AT), checked()).reconciled_at == AT
    bad = after(good, checked(problem="it lacks a cent"))
    assert (bad.invoice.problem, bad.reconciled_at) == ("it lacks a cent", None)


def test_discovery_adopts_the_file_of_its_month_and_keeps_its_lines() -> None:
    old = stored(by_hand(8000))
    [(found, one)] = together([old], [stated()])
    assert found is old
    new = discovered(found, NEW, one)
    assert (new.id, new.lines, new.invoice.state) == (old.id, 33, InvoiceState.INGESTED)
    assert (new.invoice.amount_cents, new.invoice.stated_cents) == (8000, 8692)
    assert (new.invoice.source, new.invoice.invoice_uuid) == (InvoiceSource.DISCOVERY, "u-1")


def test_only_one_of_a_month_adopts_its_file() -> None:
    old = stored(by_hand())
    pairs = together([old], [stated(uuid="u-2"), stated(uuid="u-1"), stated(uuid="u-0", period=MAY)])
    assert [(found is old, one.invoice_uuid) for found, one in pairs] == [
        (True, "u-1"),
        (False, "u-2"),
        (False, "u-0"),
    ]


def test_discovered_again_nothing_changes() -> None:
    for invoice in (stated(), checked(), checked(problem="it lacks a cent")):
        old = stored(invoice, reconciled_at=AT)
        assert discovered(old, NEW, stated()) == old


def test_an_amount_stated_anew_asks_for_another_ingest() -> None:
    new = discovered(stored(checked(), reconciled_at=AT), NEW, stated(8600))
    assert (new.invoice.state, new.reconciled_at) == (InvoiceState.INGESTED, None)
    assert (new.invoice.amount_cents, new.invoice.stated_cents) == (8692, 8600)
    assert to_ingest([new]) == [new]
    assert discovered(stored(stated()), NEW, stated(8600)).invoice.amount_cents == 8600


def test_the_provider_says_which_month_an_invoice_is_of() -> None:
    old = stored(by_hand(invoice_uuid="u-1"))
    [(found, one)] = together([old], [stated(period=MAY)])
    assert discovered(found, NEW, one).month == MAY.start


def test_what_is_known_to_the_provider_and_does_not_add_up_is_to_be_ingested_newest_first() -> None:
    headers = [
        stored(stated(uuid="u-5", period=MAY), 5),
        stored(checked(), 4),
        stored(checked(problem="it lacks a cent"), 3),
        stored(by_hand(), 2),
        stored(replace(stated(uuid="u-0"), state=InvoiceState.INGESTED), 1),
    ]
    assert [header.id.int for header in to_ingest(headers)] == [5, 3, 1]


def test_the_invoice_that_is_meant() -> None:
    hand, first, other = stored(by_hand(), 1), stored(stated(), 2), stored(stated(uuid="u-2"), 3)

    def meant(known: list[InvoiceHeader], uuid: str | None) -> InvoiceHeader | None:
        return same_invoice(known, account="acme", month=APRIL.start, invoice_uuid=uuid)

    assert meant([], None) is meant([], "u-1") is None
    assert meant([hand, first], "u-1") is first
    assert meant([hand], "u-1") is meant([hand], None) is hand
    assert meant([first], None) is first
    with pytest.raises(AmbiguousInvoice):
        meant([first, other], None)
    with pytest.raises(KnownForOtherMonth):
        meant([stored(stated(period=MAY))], "u-1")
