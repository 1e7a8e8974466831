"""keep_partitions: this month and the two ahead have their places, made once; for operators."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from arcadia_app.use_cases.platform.keep_partitions import keep_partitions
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.ports.upkeep import ByMonth, MonthOf
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, GATEWAY, NOW, OLGA


def kept(store: FakeTransactions, now: datetime = NOW) -> list[MonthOf]:
    return keep_partitions(store, OLGA, now=now)


def of_each(*months: int) -> set[MonthOf]:
    return {MonthOf(what, date(2026, month, 1)) for what in ByMonth for month in months}


def test_this_month_and_two_ahead_are_made_and_again_nothing_more() -> None:
    store = FakeTransactions()
    assert set(kept(store)) == of_each(5, 6, 7)
    assert kept(store) == []
    assert set(kept(store, NOW.replace(month=6))) == of_each(8)


def test_each_month_is_told_of_and_has_a_last_word() -> None:
    told: list[int] = []
    words: list[Work] = []
    made = keep_partitions(FakeTransactions(), OLGA, now=NOW, progress=told.append, must_hold=words.append)
    assert (told, len(words)) == ([1] * len(made), len(made))


def test_a_last_word_that_says_no_keeps_its_month_away() -> None:
    store = FakeTransactions()

    def say_no(work: Work) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keep_partitions(store, OLGA, now=NOW, must_hold=say_no)
    assert set(kept(store)) == of_each(5, 6, 7)


@pytest.mark.parametrize("by", [ANN, GATEWAY])
def test_nobody_else_keeps_partitions(by: Principal) -> None:
    with pytest.raises(OperatorsOnly):
        keep_partitions(FakeTransactions(), by, now=NOW)
