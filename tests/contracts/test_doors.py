"""Kept answers and rate limits, on every store (`arcadia_domain.ports.doors`)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcadia_domain.identity import Principal, operator, tenant
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer, Rate
from arcadia_domain.ports.unit_of_work import Transactions
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, BOB, GATEWAY, NOW, OLGA

KEY = AnswerKey("acme", "ann", "POST /api/v1/deployments 00", "k-1")
ANSWER = KeptAnswer(b"\x01" * 32, 201, {"Location": "/x", "ETag": '"1"'}, b'{"id":1}')
TOMORROW = NOW + timedelta(days=1)


def kept(transactions: Transactions, by: Principal = ANN, key: AnswerKey = KEY) -> None:
    with transactions.begin(by) as work:
        assert work.answers.claim(key)
        work.answers.keep(key, ANSWER, TOMORROW)


def found(transactions: Transactions, by: Principal, key: AnswerKey, at: timedelta = timedelta()) -> object:
    with transactions.begin(by) as work:
        return work.answers.find(key, NOW + at)


def test_an_answer_is_found_as_it_was_kept_until_it_expires(transactions: Transactions) -> None:
    assert found(transactions, ANN, KEY) is None
    kept(transactions)
    almost = timedelta(days=1, microseconds=-1)
    assert found(transactions, ANN, KEY) == found(transactions, ANN, KEY, almost) == ANSWER
    assert found(transactions, ANN, KEY, timedelta(days=1)) is None


@pytest.mark.parametrize(
    "other", [{"principal": "abe"}, {"route": "POST /api/v1/deployments 01"}, {"key": "k-2"}, {"key": "K-1"}]
)
def test_another_caller_route_or_key_finds_nothing(transactions: Transactions, other: dict[str, str]) -> None:
    kept(transactions)
    assert found(transactions, ANN, replace(KEY, **other)) is None


def test_an_expired_answer_gives_way_to_a_new_one(transactions: Transactions) -> None:
    kept(transactions)
    newer = KeptAnswer(b"\x02" * 32, 200, {}, b"{}")
    with transactions.begin(ANN) as work:
        work.answers.keep(KEY, newer, TOMORROW + timedelta(days=2))
    assert found(transactions, ANN, KEY, timedelta(days=2)) == newer


def test_what_is_kept_goes_with_its_transaction(transactions: Transactions) -> None:
    def break_off() -> None:
        with transactions.begin(ANN) as work:
            work.answers.keep(KEY, ANSWER, TOMORROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert found(transactions, ANN, KEY) is None


def test_a_tenant_neither_finds_nor_keeps_another_ones_answers(transactions: Transactions) -> None:
    kept(transactions)
    assert found(transactions, BOB, KEY) is None
    assert found(transactions, OLGA, KEY) == ANSWER
    with pytest.raises(Exception, match=r"permission|policy|may not"), transactions.begin(BOB) as work:
        work.answers.keep(replace(KEY, key="k-2"), ANSWER, TOMORROW)
    assert found(transactions, OLGA, replace(KEY, key="k-2")) is None


def test_operators_and_the_gateway_keep_answers_of_their_own(transactions: Transactions) -> None:
    for by in (operator("olga"), GATEWAY):
        key = AnswerKey(by.tenant_id, by.subject, KEY.route, KEY.key)
        kept(transactions, by, key)
        kept(transactions, by, key)  # again, as after the first has expired
        assert found(transactions, by, key) == ANSWER


def test_a_key_is_claimed_by_one_transaction_at_a_time_and_nobody_waits(transactions: Transactions) -> None:
    if isinstance(transactions, FakeTransactions):
        pytest.skip("one transaction at a time")
    other = replace(KEY, key="k-2")
    with transactions.begin(ANN) as first:
        assert first.answers.claim(KEY)
        assert first.answers.claim(KEY)
        with transactions.begin(ANN) as second:
            assert not second.answers.claim(KEY)
            assert second.answers.claim(other)
    with transactions.begin(ANN) as third:
        assert third.answers.claim(KEY)


RATE = Rate(3, timedelta(seconds=60))
_NUMBERS = count()
"""For a tenant that nobody has counted yet."""


def taken(
    transactions: Transactions, at: timedelta, by: Principal = ANN, rate: Rate = RATE
) -> timedelta | None:
    with transactions.begin(by) as work:
        return work.limits.take(by.tenant_id, rate, NOW + at)


def test_a_tenant_may_use_its_whole_rate_at_once_and_then_waits_for_the_next(
    transactions: Transactions,
) -> None:
    at_once = [taken(transactions, timedelta()) for _ in range(5)]
    assert at_once == [None, None, None, timedelta(seconds=20), timedelta(seconds=20)]
    assert taken(transactions, timedelta(seconds=19)) == timedelta(seconds=1)
    assert taken(transactions, timedelta(seconds=20)) is None
    assert taken(transactions, timedelta(seconds=20)) == timedelta(seconds=20)


def test_at_its_steady_rate_a_tenant_never_waits(transactions: Transactions) -> None:
    assert {taken(transactions, n * RATE.interval) for n in range(20)} == {None}


def test_after_a_rest_no_more_than_the_rate_has_come_back(transactions: Transactions) -> None:
    for _ in range(3):
        taken(transactions, timedelta())
    later = timedelta(days=9)
    assert [taken(transactions, later) is None for _ in range(5)] == [True] * 3 + [False] * 2


def test_each_tenant_has_a_rate_of_its_own(transactions: Transactions) -> None:
    assert [taken(transactions, timedelta()) is None for _ in range(4)] == [True] * 3 + [False]
    assert taken(transactions, timedelta(), BOB) is None


@given(st.integers(1, 2000), st.integers(1, 86_400))
def test_a_rate_lets_all_of_it_through_at_once_whatever_the_numbers_are(limit: int, seconds: int) -> None:
    rate = Rate(limit, timedelta(seconds=seconds))
    assert timedelta() < rate.interval * limit <= rate.window
    assert rate.window - rate.interval * limit < timedelta(microseconds=limit)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.integers(0, 40_000_000), min_size=1, max_size=15),
)
def test_in_any_time_no_more_pass_than_the_rate_and_what_came_back(
    transactions: Transactions, limit: int, pauses: list[int]
) -> None:
    rate = Rate(limit, timedelta(seconds=60))
    by = tenant("ann", f"tenant-{next(_NUMBERS)}")
    at = timedelta()
    passed: deque[timedelta] = deque()
    bucket = Bucket(rate)
    for pause in pauses:
        at += timedelta(microseconds=pause)
        wait = taken(transactions, at, by, rate)
        assert wait == bucket.take(at)
        if wait is None:
            passed.append(at)
        else:
            assert timedelta() < wait <= rate.interval
    for i, start in enumerate(passed):
        for n, end in enumerate(list(passed)[i:], 1):
            assert n <= rate.limit + (end - start) // rate.interval


class Bucket:
    """The rate told in another way: a bucket of `limit`, into which one comes back each interval."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._used = timedelta()  # what has not come back yet, as the time that it needs
        self._at = timedelta()

    def take(self, at: timedelta) -> timedelta | None:
        self._used = max(self._used - (at - self._at), timedelta())
        self._at = at
        too_much = self._used + self._rate.interval - self._rate.window
        if too_much > timedelta():
            return too_much
        self._used += self._rate.interval
        return None
