"""The items' ids on the CSV's lines: by what both say, equal ones in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.identification import identified, lines_of
from arcadia_domain.cloud.statements import InvoiceItem
from arcadia_domain.period import month_of
from tests.unit.domain.cloud.resources import APRIL, MAY, line

MONTH = month_of(date(2026, 4, 1))
SECOND = timedelta(seconds=1)


def item(one: CostLine, **facts: Any) -> InvoiceItem:
    """What JSON says of the same row."""
    told: dict[str, Any] = {
        "product": one.product,
        "description": one.description,
        "group_description": one.group_description,
        "amount": Decimal(one.amount_cents).scaleb(-2),
        "start": one.start,
        "end": one.end,
        "hours": one.hours,
        "project_name": one.project_name or None,
        "resource_id": "7",
    }
    return InvoiceItem(**{**told, **facts})


def ids(lines: list[CostLine], items: list[InvoiceItem]) -> list[str | None]:
    found = identified(lines, items)
    assert [replace(one, provider_id=None) for one in found] == lines
    return [one.provider_id for one in found]


def test_a_line_gets_the_id_of_the_item_that_says_the_same() -> None:
    lines = [line("a (s)"), line("b (s)"), line("c (s)")]
    items = [
        item(lines[2], resource_id="3"),
        item(lines[0], resource_id="1"),
        item(lines[1], resource_id=None),
    ]
    assert ids(lines, items) == ["1", None, "3"]


def test_without_a_number_the_uuid_is_the_id() -> None:
    one = line()
    assert ids([one], [item(one, resource_id=None, resource_uuid="u-1")]) == ["u-1"]
    assert ids([one], [item(one, resource_uuid="u-1")]) == ["7"]


@pytest.mark.parametrize(
    "other",
    [
        {"product": "Volumes"},
        {"description": "web-2 (s-1vcpu-1gb)"},
        {"group_description": "group"},
        {"amount": Decimal("6.01")},
        {"amount": Decimal("6.001")},
        {"project_name": "pilot"},
        {"start": APRIL + SECOND},
        {"end": MAY + SECOND},
    ],
)
def test_an_item_that_says_otherwise_is_another(other: dict[str, Any]) -> None:
    assert ids([line()], [item(line(), **other)]) == [None]


def test_a_second_before_midnight_is_that_midnight() -> None:
    assert ids([line(end=MAY)], [item(line(), end=MAY - SECOND)]) == ["7"]
    assert ids([line(end=MAY)], [item(line(), end=MAY)]) == ["7"]
    assert ids([line(end=MAY)], [item(line(), end=MAY - 2 * SECOND)]) == [None]


def test_what_an_item_does_not_tell_is_not_compared_and_what_tells_more_chooses_first() -> None:
    lines = [line(), line(start=APRIL + SECOND)]
    vague = item(lines[0], start=None, end=None, resource_id="1")
    exact = item(lines[0], resource_id="2")
    assert ids(lines, [vague, exact]) == ["2", "1"]


def test_equal_rows_are_paired_in_their_order_and_none_twice() -> None:
    twice = [line(), replace(line(), ordinal=1, line_no=3)]
    items = [item(twice[0], resource_id=f"{n}") for n in (1, 2, 3)]
    assert ids(twice, items) == ["1", "2"]
    assert ids(twice, items[:1]) == ["1", None]


@given(st.lists(st.integers(0, 5), max_size=12), st.randoms())
def test_the_order_of_the_items_matters_among_equal_ones_only(numbers: list[int], random: Random) -> None:
    lines = [replace(line(f"web-{n} (s)"), line_no=2 + i) for i, n in enumerate(numbers)]
    items = [item(one, resource_id=one.description) for one in lines]
    random.shuffle(items)
    assert ids(lines, items) == [one.description for one in lines]


def test_a_preview_is_made_of_items_alone() -> None:
    one = line()
    items = [
        item(one),
        item(one, end=MAY - SECOND),
        item(
            one, product="Taxes", start=None, end=None, hours=None, amount=Decimal("0.125"), resource_id=None
        ),
        item(one, amount=Decimal("-0.125")),
    ]
    made = list(lines_of(items, MONTH))
    assert [(each.start, each.end) for each in made] == [(APRIL, MAY)] * 4
    assert [each.amount_cents for each in made] == [600, 600, 13, -13]
    assert [each.ordinal for each in made] == [0, 1, 0, 0]
    assert [each.provider_id for each in made] == ["7", "7", None, "7"]
    assert len({(each.row_sha256, each.ordinal) for each in made}) == 4
