"""An invoice adds up to the cent, or it is said which figures do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource, InvoiceState
from arcadia_domain.cloud.reconciliation import Statement, problems
from arcadia_domain.cloud.statements import ChargeGroup, InvoiceItem, InvoiceSummary
from arcadia_domain.period import month_of
from tests.unit.domain.cloud.resources import APRIL, MAY, line

MONTH = month_of(date(2026, 4, 1))
UUID = "22737513-0ea7-4206-8ceb-98a575af7681"
NAME = f"Invoice 603728 of 2026-04 ({UUID}): "


def dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def group(cents: int) -> ChargeGroup:
    return ChargeGroup(name="", amount=dollars(cents))


def item_of(one: CostLine) -> InvoiceItem:
    return InvoiceItem(
        product=one.product,
        description=one.description,
        group_description="",
        amount=dollars(one.amount_cents),
        start=one.start,
        end=one.end,
    )


def invoice(cents: int) -> CloudInvoice:
    return CloudInvoice(
        account="acme",
        period=MONTH,
        amount_cents=cents,
        currency="USD",
        source=InvoiceSource.DISCOVERY,
        invoice_uuid=UUID,
        invoice_number="603728",
        stated_cents=cents,
        state=InvoiceState.DISCOVERED,
    )


def told(*cents: int) -> Statement:
    """An invoice with one line for each amount, that adds up."""
    lines = [line(amount_cents=one, start=APRIL, end=MAY) for one in cents]
    summary = InvoiceSummary(
        invoice_uuid=UUID,
        invoice_id="603728",
        period=MONTH,
        amount=dollars(sum(cents)),
        product_charges=group(sum(cents) - 12),
        products=(),
        overages=group(20),
        taxes=group(100),
        credits_and_adjustments=group(-108),
    )
    return Statement(summary=summary, lines=lines, items=[item_of(one) for one in lines])


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_what_agrees_is_reconciled(cents: list[int]) -> None:
    assert problems(invoice(sum(cents)), told(*cents)) == []


GOOD = told(600, 433)
Change = Callable[[Statement], Statement]


def of_summary(**facts: Any) -> Change:
    return lambda good: replace(good, summary=replace(good.summary, **facts))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            of_summary(taxes=group(101)),
            (
                "in its summary product charges 10.21 + overages 0.20 + taxes 1.01 + credits and "
                "adjustments -1.08 come to 10.34 USD, but its amount is 10.33 USD: 0.01 USD more."
            ),
        ),
        (
            lambda good: replace(good, lines=[good.lines[0], replace(good.lines[1], amount_cents=432)]),
            "its CSV comes to 10.32 USD, but its summary says 10.33 USD: 0.01 USD less.",
        ),
        (
            lambda good: replace(
                good, items=[good.items[0], replace(good.items[1], amount=Decimal("4.335"))]
            ),
            "its items come to 10.335 USD, but its summary says 10.33 USD: 0.005 USD more.",
        ),
        (
            of_summary(invoice_uuid="another", period=MONTH),
            "its summary is of invoice another of 2026-04.",
        ),
        (
            lambda good: replace(good, items=[*good.items, replace(good.items[0], amount=Decimal(0))]),
            "its CSV has 2 rows, but there are 3 items.",
        ),
    ],
)
def test_what_does_not_is_said_with_its_figures(change: Change, problem: str) -> None:
    assert problems(invoice(1033), change(GOOD)) == [NAME + problem]


def test_the_list_of_invoices_is_held_against_it_too() -> None:
    [problem] = problems(invoice(1032), GOOD)
    assert problem == (
        NAME + "the list of invoices says 10.32 USD, but its summary says 10.33 USD: 0.01 USD less."
    )
    assert problems(replace(invoice(1033), stated_cents=None), GOOD) == []


def test_a_file_cut_at_the_end_of_a_row_is_told_by_sum_and_count() -> None:
    found = problems(invoice(1033), replace(GOOD, lines=GOOD.lines[:1]))
    assert [problem.removeprefix(NAME).split(",")[0] for problem in found] == [
        "its CSV comes to 6.00 USD",
        "its CSV has 1 rows",
    ]


def test_an_amount_moved_from_one_row_to_another_of_the_same_file_is_no_problem_of_sums() -> None:
    moved = [replace(GOOD.lines[0], amount_cents=601), replace(GOOD.lines[1], amount_cents=432)]
    assert problems(invoice(1033), replace(GOOD, lines=moved)) == []
