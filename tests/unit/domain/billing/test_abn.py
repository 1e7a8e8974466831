"""The ABN: what the published rule takes, and nothing that python-stdnum does not take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.au import abn as stdnum

from arcadia_domain.billing.abn import InvalidAbn, check_abn

TAIL = st.text("0123456789", min_size=9, max_size=9)


def is_abn(text: str) -> bool:
    try:
        return check_abn(text) == text
    except InvalidAbn:
        return False


@pytest.mark.parametrize("abn", ["53004085616", "51824753556", "83914571673"])
def test_an_abn_is_returned_as_it_is(abn: str) -> None:
    assert check_abn(abn) == abn


@given(TAIL)
def test_of_all_check_digits_those_of_the_rule_are_taken(tail: str) -> None:
    taken = [abn for first in range(100) if is_abn(abn := f"{first:02}{tail}")]
    assert taken == [stdnum.calc_check_digits(tail) + tail]


@given(st.text("0123456789", min_size=11, max_size=11))
def test_a_number_is_taken_when_stdnum_takes_it(number: str) -> None:
    assert is_abn(number) is stdnum.is_valid(number)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "5300408561",
        "530040856160",
        "53 004 085 616",
        "53004085616\n",
        "5300408561x",
        "５3004085616",
        "63004085616",
    ],
)
def test_what_is_no_abn_is_refused_by_name(bad: str) -> None:
    with pytest.raises(InvalidAbn) as refused:
        check_abn(bad)
    assert repr(bad) in str(refused.value)
    assert refused.value.field == "abn"
