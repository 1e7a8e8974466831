"""An invoice adds up to the cent, or it is said which figures do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
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
from tests.unit.domain.cloud.resources import line

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
    """An invoice that adds up: a droplet's line for each amount, and an overage, a tax and a credit that come
    to nothing together.
    """
    lines = [line(f"web-{n} (s-1vcpu-1gb)", amount_cents=one) for n, one in enumerate(cents)]
    lines += [
        line("8 GB", product="Bandwidth Overage", amount_cents=8),
        line("GST (10%)", product="Taxes", amount_cents=100),
        line("Promo", product="Credits", amount_cents=-108),
    ]
    summary = InvoiceSummary(
        invoice_uuid=UUID,
        invoice_id="603728",
        period=MONTH,
        amount=dollars(sum(cents)),
        product_charges=group(sum(cents)),
        products=(ChargeGroup(name="Droplets", amount=dollars(sum(cents)), count=len(cents)),),
        overages=group(8),
        taxes=group(100),
        credits_and_adjustments=group(-108),
    )
    return Statement(summary=summary, lines=lines, items=[item_of(one) for one in lines])


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_what_agrees_is_reconciled(cents: list[int]) -> None:
    assert problems(invoice(sum(cents)), told(*cents)) == []


GOOD = told(600, 433)


def changed(rows: Sequence[Any], number: int, **facts: Any) -> list[Any]:
    return [replace(row, **facts) if i == number else row for i, row in enumerate(rows)]


Change = Callable[[Statement], Statement]


def of_summary(**facts: Any) -> Change:
    return lambda good: replace(good, summary=replace(good.summary, **facts))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            of_summary(taxes=group(101)),
            (
                "in its summary product charges 10.33 + overages 0.08 + taxes 1.01 + credits and "
                "adjustments -1.08 come to 10.34 USD, but its amount is 10.33 USD: 0.01 USD more."
            ),
        ),
        (
            lambda good: replace(good, lines=changed(good.lines, 1, amount_cents=432)),
            "its CSV comes to 10.32 USD, but its summary says 10.33 USD: 0.01 USD less.",
        ),
        (
            lambda good: replace(good, items=changed(good.items, 1, amount=Decimal("4.335"))),
            "its items come to 10.335 USD, but its summary says 10.33 USD: 0.005 USD more.",
        ),
        (
            of_summary(invoice_uuid="another", period=MONTH),
            "its summary is of invoice another of 2026-04.",
        ),
        (
            lambda good: replace(good, items=[*good.items, replace(good.items[0], amount=Decimal(0))]),
            "its CSV has 5 rows, but there are 6 items.",
        ),
    ],
)
def test_what_does_not_is_said_with_its_figures(change: Change, problem: str) -> None:
    assert NAME + problem in problems(invoice(1033), change(GOOD))


def test_the_list_of_invoices_is_held_against_it_too() -> None:
    [problem] = problems(invoice(1032), GOOD)
    assert problem == (
        NAME + "the list of invoices says 10.32 USD, but its summary says 10.33 USD: 0.01 USD less."
    )
    assert problems(replace(invoice(1033), stated_cents=None), GOOD) == []


def test_a_file_cut_at_the_end_of_a_row_is_told_by_sum_count_and_row() -> None:
    found = problems(invoice(1033), replace(GOOD, lines=GOOD.lines[1:]))
    assert [problem.removeprefix(NAME) for problem in found] == [
        "its CSV comes to 4.33 USD, but its summary says 10.33 USD: 6.00 USD less.",
        "its CSV has 4 rows, but there are 5 items.",
        "of Droplets, 'web-0 (s-1vcpu-1gb)', its CSV has nothing, but its items have 6.00 USD.",
        "Droplets in its CSV come to 4.33 USD, but its summary says 10.33 USD: 6.00 USD less.",
        "Droplets are 1 rows in its CSV, but 2 in its summary.",
    ]


def test_an_amount_moved_from_one_row_to_another_is_told_though_the_sums_agree() -> None:
    moved = changed(changed(GOOD.lines, 0, amount_cents=601), 1, amount_cents=432)
    assert problems(invoice(1033), replace(GOOD, lines=moved)) == [
        NAME + "of Droplets, 'web-0 (s-1vcpu-1gb)', its CSV has 6.01 USD, but its items have 6.00 USD.",
        NAME + "of Droplets, 'web-1 (s-1vcpu-1gb)', its CSV has 4.32 USD, but its items have 4.33 USD.",
    ]


def test_an_amount_moved_from_one_product_to_another_is_told_though_all_rows_are_items() -> None:
    moved = changed(GOOD.lines, 1, product="Volumes")
    both = replace(GOOD, lines=moved, items=[item_of(one) for one in moved])
    assert problems(invoice(1033), both) == [
        NAME + "Droplets in its CSV come to 6.00 USD, but its summary says 10.33 USD: 4.33 USD less.",
        NAME + "Droplets are 1 rows in its CSV, but 2 in its summary.",
        NAME
        + (
            "the products of its CSV that its summary does not name (Bandwidth Overage, Volumes) come to "
            "4.41 USD, but the rest of the product charges and overages in its summary (none) is 0.08 USD: "
            "4.33 USD more."
        ),
    ]


def test_taxes_and_credits_that_the_summary_tells_otherwise_are_told() -> None:
    other = of_summary(taxes=group(200), credits_and_adjustments=group(-208))(GOOD)
    assert problems(invoice(1033), other) == [
        NAME + "taxes in its CSV come to 1.00 USD, but its summary says 2.00 USD: 1.00 USD less.",
        NAME
        + (
            "credits and adjustments in its CSV come to -1.08 USD, but its summary says -2.08 USD: "
            "1.00 USD more."
        ),
    ]


def test_a_product_of_another_name_in_the_summary_is_no_problem_while_the_rest_agrees() -> None:
    [droplets] = GOOD.summary.products
    assert problems(invoice(1033), of_summary(products=(replace(droplets, name="Machines"),))(GOOD)) == []
    assert problems(invoice(1033), of_summary(products=())(GOOD)) == []
    uncounted = (replace(droplets, amount=dollars(600), count=None), replace(droplets, amount=dollars(433)))
    assert problems(invoice(1033), of_summary(products=uncounted)(GOOD)) == []


def test_of_very_many_rows_that_differ_some_are_named_and_the_others_counted() -> None:
    good = told(*range(1, 101))
    sevens = [replace(one, amount=Decimal(7)) for one in good.items]
    found = problems(invoice(5050), replace(good, items=sevens))
    assert sum("its items have" in problem for problem in found) == 20
    assert NAME + "of 83 more descriptions its CSV and its items do not have the same amounts." in found


def test_a_csv_of_another_month_with_the_same_rows_is_told_by_its_dates() -> None:
    earlier = [replace(one, start=one.start - timedelta(days=31)) for one in GOOD.lines]
    assert problems(invoice(1033), replace(GOOD, lines=earlier)) == [
        NAME + "its CSV begins on 2026-03-01, but its items on 2026-04-01."
    ]
    untold = [replace(one, start=None) for one in GOOD.items]
    assert problems(invoice(1033), replace(GOOD, lines=earlier, items=untold)) == []


def test_a_uuid_that_is_spelled_otherwise_is_the_same() -> None:
    assert problems(invoice(1033), of_summary(invoice_uuid=UUID.upper())(GOOD)) == []
