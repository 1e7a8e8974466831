"""How the header of a provider invoice moves: discovered, ingested by hand or from the provider, checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.provider_invoices import (
    AmbiguousInvoice,
    CloudInvoice,
    InvalidInvoiceUuid,
    InvoiceHeader,
    InvoiceSource,
    InvoiceState,
    KnownForOtherMonth,
    Undecided,
    discovered,
    ingested,
    one_spelling,
    same_invoice,
    spelled,
    to_ingest,
    together,
    undecided,
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


def pairs(known: list[InvoiceHeader], *listed: CloudInvoice) -> list[tuple[InvoiceHeader | None, str | None]]:
    return [(found, one.invoice_uuid) for found, one in together(known, listed)]


def test_of_several_of_a_month_the_one_of_its_amount_adopts_the_file() -> None:
    file = stored(by_hand(8692))
    low, its, may = stated(100, uuid="u-1"), stated(8692, uuid="u-2"), stated(uuid="u-0", period=MAY)
    assert pairs([file], may, its, low) == [(None, "u-1"), (file, "u-2"), (None, "u-0")]
    assert undecided([replace(file, invoice=replace(file.invoice, invoice_uuid="u-2"))], [low, its]) == []


@pytest.mark.parametrize("amounts", [(100, 200), (8692, 8692)])
def test_a_file_that_may_be_any_of_several_stays_and_the_new_ones_of_its_month_wait(
    amounts: tuple[int, int],
) -> None:
    file = stored(by_hand(8692))
    one, two = (stated(cents, uuid=f"u-{n}") for n, cents in enumerate(amounts))
    may = stated(uuid="u-9", period=MAY)
    assert pairs([file], one, two, may) == [(None, "u-9")]
    assert undecided([file], [two, one, may]) == [Undecided(by_hand=file, listed=(one, two))]
    assert undecided([file], [may]) == []


def test_a_file_beside_an_invoice_that_we_have_is_that_of_its_amount_or_undecided() -> None:
    file, known = stored(by_hand(8692)), stored(stated(100, uuid="u-1"), 2)
    assert pairs([file, known], stated(100, uuid="u-1"), stated(8692, uuid="u-2")) == [
        (known, "u-1"),
        (file, "u-2"),
    ]
    assert pairs([file, known], stated(100, uuid="u-1"), stated(200, uuid="u-2")) == [(known, "u-1")]


@given(
    st.lists(st.integers(0, 3), max_size=4),
    st.integers(0, 3) | st.none(),
    st.sets(st.integers(0, 3)),
)
def test_discovery_and_an_ingest_by_uuid_give_a_file_to_the_same_invoice(
    amounts: list[int], by_hand_cents: int | None, have: set[int]
) -> None:
    listed = [stated(cents, uuid=f"u-{n}") for n, cents in enumerate(amounts)]
    known = [stored(one, n) for n, one in enumerate(listed) if n in have]
    if by_hand_cents is not None:
        known.append(stored(by_hand(by_hand_cents), 9))
    found = together(known, listed)
    ours = [header.id for header, _ in found if header is not None]
    assert len(set(ours)) == len(ours)
    for header, one in found:
        if header is not None and header.invoice_uuid is None:
            assert same_invoice(known, one) is header
    if len(found) < len(listed):
        assert undecided(known, listed)


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

    def meant(known: list[InvoiceHeader], uuid: str | None, cents: int = 8692) -> InvoiceHeader | None:
        return same_invoice(known, by_hand(cents, invoice_uuid=uuid))

    assert meant([], None) is meant([], "u-1") is None
    assert meant([hand, first], "u-1") is first
    assert meant([hand], "u-1") is meant([hand], None) is hand
    assert meant([hand], "u-1", 100) is hand
    assert meant([hand, other], "u-1") is hand
    assert meant([hand, other], "u-1", 100) is None
    assert meant([first], None) is first
    with pytest.raises(AmbiguousInvoice):
        meant([first, other], None)
    with pytest.raises(KnownForOtherMonth):
        meant([stored(stated(period=MAY))], "u-1")


def test_a_uuid_has_one_spelling() -> None:
    known = "22737513-0ea7-4206-8ceb-98a575af7681"
    for told in (known, known.upper(), known.replace("-", "")):
        assert one_spelling(told) == spelled(told) == known
    assert spelled("u-lost") == "u-lost"
    with pytest.raises(InvalidInvoiceUuid, match="'april' is no invoice UUID"):
        one_spelling("april")
