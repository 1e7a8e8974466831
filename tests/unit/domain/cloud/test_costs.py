"""A line of a provider invoice: what it is for, and what identifies it."""

from __future__ import annotations

import copy
import hashlib
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from random import Random
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.costs import (
    ROW_COLUMNS,
    CostLine,
    UnfrozenCostLine,
    canonical_row,
)
from tests.unit.domain.cloud.resources import line


def test_only_the_product_taxes_is_tax() -> None:
    assert line("GST (10%)", product="Taxes").is_tax
    assert not line().is_tax


def test_the_hash_of_a_row_is_that_of_its_canonical_json() -> None:
    cells = dict(zip(ROW_COLUMNS, ["Droplets", "", 'a "b" (é)', "", "s", "e", "$1.00", "p"], strict=True))
    expected = (
        r'{"USD":"$1.00","description":"a \"b\" (\u00e9)","end":"e","group_description":"","hours":"",'
        r'"product":"Droplets","project_name":"p","start":"s"}'
    )
    assert canonical_row(cells) == expected
    found = replace(line(), row=expected)
    assert found.row_sha256 == hashlib.sha256(expected.encode()).digest()
    assert replace(found, row=found.row_sha256).row_sha256 == found.row_sha256


@given(st.dictionaries(st.sampled_from(ROW_COLUMNS), st.text(), min_size=8), st.text(), st.randoms())
def test_neither_order_nor_a_new_column_changes_the_row(
    cells: dict[str, str], new: str, random: Random
) -> None:
    names = [*cells, "sku"]
    random.shuffle(names)
    assert canonical_row({name: cells.get(name, new) for name in names}) == canonical_row(cells)


def test_a_line_made_by_position_is_the_same_frozen_line() -> None:
    by_keyword = line()
    by_position = UnfrozenCostLine(
        by_keyword.line_no,
        by_keyword.product,
        by_keyword.group_description,
        by_keyword.description,
        by_keyword.hours,
        by_keyword.start,
        by_keyword.end,
        by_keyword.amount_cents,
        by_keyword.project_name,
        None,
        MappingProxyType({}),
        0,
        by_keyword.row,
    )
    assert type(by_position) is CostLine
    assert by_position == by_keyword
    assert hash(by_position) == hash(by_keyword)
    assert {field.name for field in fields(CostLine)} == set(UnfrozenCostLine.__slots__)
    with pytest.raises(FrozenInstanceError):
        by_position.amount_cents = 0  # type: ignore[misc]


def test_a_line_survives_a_copy_and_a_process_boundary() -> None:
    found = replace(line(), extra={"sku": "1"})
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == found
