"""What the provider states: amounts in whole cents, and rows of a history that have no id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.statements import BillingEntry, NotInCents, in_cents, numbered, rounded_cents

ROW = BillingEntry(
    type="Payment",
    description="Payment (MC 2024)",
    amount=Decimal("-12.30"),
    at=datetime(2024, 3, 2, 8, 44, 38, tzinfo=UTC),
)


@given(st.integers(-(10**13), 10**13))
def test_whole_cents_are_taken_exactly(cents: int) -> None:
    assert in_cents(Decimal(cents).scaleb(-2), "x") == cents


@pytest.mark.parametrize("amount", ["0.001", "1.005", "NaN", "Infinity"])
def test_what_is_finer_than_a_cent_is_refused_by_name(amount: str) -> None:
    with pytest.raises(NotInCents, match=r"for invoice 7, which is no whole number of cents"):
        in_cents(Decimal(amount), "invoice 7")


def test_a_row_is_what_it_says_however_that_is_written() -> None:
    elsewhere = timezone(timedelta(hours=10))
    assert replace(ROW, amount=Decimal("-12.3")).row == ROW.row
    assert replace(ROW, at=ROW.at.astimezone(elsewhere)).row == ROW.row
    assert replace(ROW, ordinal=4).row == ROW.row


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Refund"},
        {"description": "payment (MC 2024)"},
        {"amount": Decimal("12.30")},
        {"at": ROW.at + timedelta(microseconds=1)},
        {"invoice_uuid": "u"},
        {"invoice_id": "1"},
    ],
)
def test_a_row_that_says_anything_else_is_another(other: dict[str, object]) -> None:
    assert replace(ROW, **other).row != ROW.row  # type: ignore[arg-type]


@given(st.lists(st.sampled_from("abc")))
def test_equal_rows_are_counted_from_nought(names: list[str]) -> None:
    rows = numbered(replace(ROW, description=name, ordinal=9) for name in names)
    assert [row.description for row in rows] == names
    for i, row in enumerate(rows):
        assert row.ordinal == names[:i].count(row.description)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("4.12", 412), ("4.125", 413), ("-4.125", -413), ("0.0049999999999999999", 0), ("1E+2", 10000)],
)
def test_an_amount_that_is_no_bill_yet_is_rounded_half_up(amount: str, cents: int) -> None:
    assert rounded_cents(Decimal(amount)) == cents
