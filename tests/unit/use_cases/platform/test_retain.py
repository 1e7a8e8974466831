"""What is past its time goes, by the policy, and nothing else (SPEC 17)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from arcadia_app.use_cases.platform.keep_partitions import keep_partitions
from arcadia_app.use_cases.platform.retain import retain
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import DatabaseBusy
from arcadia_domain.ports.upkeep import ByMonth, Dropped, MonthOf, Retention
from tests.fakes.transactions import FakeTransactions
from tests.fakes.upkeep import FakeUpkeep
from tests.world import OLGA

NOW = datetime(2026, 1, 31, 4, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store() -> FakeTransactions:
    """With a place for each of the 40 months until February 2026."""
    store, month = FakeTransactions(), date(2022, 11, 1)
    while month <= date(2026, 2, 1):
        store.state.months += [MonthOf(what, month) for what in ByMonth]
        month = (month + 31 * DAY).replace(day=1)
    return store


def starts(store: FakeTransactions, what: ByMonth) -> list[date]:
    return sorted(month.start for month in store.state.months if month.what is what)


def test_whole_months_are_kept_before_that_of_today(store: FakeTransactions) -> None:
    retain(store, OLGA, policy=Retention(), now=NOW)
    assert starts(store, ByMonth.USAGE_EVENTS)[0] == date(2023, 12, 1)  # 25 months and this one
    assert starts(store, ByMonth.LLM_USAGE_EVENTS)[0] == date(2023, 12, 1)
    assert starts(store, ByMonth.JOB_HISTORY)[0] == date(2024, 12, 1)
    again = retain(store, OLGA, policy=Retention(), now=NOW)
    assert again.dropped == again.not_settled == ()


def test_the_policy_says_for_how_long(store: FakeTransactions) -> None:
    policy = Retention(events_months=1, history_months=2)
    retained = retain(store, OLGA, policy=policy, now=NOW)
    assert starts(store, ByMonth.USAGE_EVENTS)[0] == date(2025, 12, 1)
    assert starts(store, ByMonth.JOB_HISTORY)[0] == date(2025, 11, 1)
    assert len(retained.dropped) == 37 + 37 + 36


def test_a_month_in_use_is_named_and_all_else_goes(
    store: FakeTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = MonthOf(ByMonth.JOB_HISTORY, date(2023, 1, 1))
    drop = FakeUpkeep.drop_month

    def drop_month(upkeep: FakeUpkeep, month: MonthOf) -> Dropped:
        if month == in_use:
            raise DatabaseBusy()
        return drop(upkeep, month)

    monkeypatch.setattr(FakeUpkeep, "drop_month", drop_month)
    retained = retain(store, OLGA, policy=Retention(), now=NOW)
    assert retained.busy == (in_use,)
    assert starts(store, ByMonth.JOB_HISTORY)[:2] == [in_use.start, date(2024, 12, 1)]
    assert starts(store, ByMonth.USAGE_EVENTS)[0] == date(2023, 12, 1)
    monkeypatch.undo()
    again = retain(store, OLGA, policy=Retention(), now=NOW)
    assert (again.dropped, again.busy) == ((in_use,), ())


def test_a_policy_longer_than_time_itself_keeps_everything(store: FakeTransactions) -> None:
    policy = Retention(events_months=9999, history_months=9999)
    assert retain(store, OLGA, policy=policy, now=NOW).dropped == ()


def test_rows_go_in_as_many_batches_as_it_takes(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        for _ in range(5):
            job = NewJob(work.new_id(), "n", "metering", {}, "test", "olga")
            work.jobs.add(job, NOW)
            taken = work.jobs.claim(job.id, NOW, NOW + DAY, names=["n"], worker="one")
            assert taken is not None
            work.jobs.succeed(taken, {}, NOW)
    told: list[int] = []
    for days, gone in ((30, 0), (31, 5), (31, 0)):
        retained = retain(
            store, OLGA, policy=Retention(), now=NOW + days * DAY, limit=2, progress=told.append
        )
        assert retained.jobs == gone
    assert [number for number in told if number][-3:] == [2, 2, 1]


def test_this_month_and_two_ahead_have_a_place_and_again_nothing_is_made() -> None:
    store = FakeTransactions()
    made = keep_partitions(store, OLGA, now=datetime(2026, 11, 30, 23, tzinfo=UTC))
    months = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert made == sorted(MonthOf(what, month) for what in ByMonth for month in months)
    assert keep_partitions(store, OLGA, now=datetime(2026, 11, 1, tzinfo=UTC)) == []
