"""The schedule: a row for each name, moved on by whoever fires it (SPEC 17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from arcadia_domain.identity import Principal
from arcadia_domain.ports.schedule import Scheduled
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.world import ANN, GATEWAY, NOW, OLGA

HOUR = timedelta(hours=1)
DAILY, HOURLY = "0 3 * * *", "7 * * * *"


def put(transactions: Transactions, **rows: tuple[str, timedelta]) -> None:
    with transactions.begin(OLGA) as work:
        work.schedule.put({name: (cron, NOW + in_) for name, (cron, in_) in rows.items()}, NOW)


def test_a_row_keeps_its_next_tick_when_it_is_put_again(transactions: Transactions) -> None:
    put(transactions, balance=(HOURLY, HOUR), rollup=(DAILY, 2 * HOUR))
    put(transactions, balance=(HOURLY, 5 * HOUR))
    with transactions.begin(OLGA) as work:
        assert list(work.schedule.rows()) == [
            Scheduled("balance", HOURLY, NOW + HOUR),
            Scheduled("rollup", DAILY, NOW + 2 * HOUR),
        ]


def test_another_expression_brings_its_own_next_tick(transactions: Transactions) -> None:
    put(transactions, balance=(HOURLY, HOUR))
    put(transactions, balance=(DAILY, 3 * HOUR))
    with transactions.begin(OLGA) as work:
        assert list(work.schedule.rows()) == [Scheduled("balance", DAILY, NOW + 3 * HOUR)]


@pytest.mark.parametrize("since", [0 * HOUR, 5 * HOUR], ids=["just_now", "long"])
def test_what_was_due_by_another_expression_is_due_still(
    transactions: Transactions, since: timedelta
) -> None:
    put(transactions, balance=(HOURLY, -since))
    put(transactions, balance=(DAILY, 3 * HOUR))
    with transactions.begin(OLGA) as work:
        assert list(work.schedule.take_due(NOW, ["balance"])) == [Scheduled("balance", DAILY, NOW - since)]


def test_due_are_the_rows_of_these_names_whose_time_has_come(transactions: Transactions) -> None:
    put(transactions, now=(HOURLY, 0 * HOUR), later=(HOURLY, HOUR), unknown=(HOURLY, -HOUR))
    with transactions.begin(OLGA) as work:
        due = work.schedule.take_due(NOW, ["now", "later"])
    assert [row.name for row in due] == ["now"]


def test_a_row_that_was_fired_is_due_again_at_its_next_tick(transactions: Transactions) -> None:
    put(transactions, balance=(HOURLY, -HOUR))
    with transactions.begin(OLGA) as work:
        job_id = work.new_id()
        work.schedule.fired("balance", next_at=NOW + HOUR, last_at=NOW, job_id=job_id)
        assert not work.schedule.take_due(NOW, ["balance"])
        assert work.schedule.take_due(NOW + HOUR, ["balance"])
        work.schedule.fired("balance", next_at=NOW + 2 * HOUR, last_at=NOW + HOUR, job_id=None)
        assert list(work.schedule.rows()) == [
            Scheduled("balance", HOURLY, NOW + 2 * HOUR, last_at=NOW + HOUR, last_job_id=job_id)
        ]


def test_a_paused_row_waits(transactions: Transactions) -> None:
    put(transactions, balance=(HOURLY, -HOUR))
    with transactions.begin(OLGA) as work:
        assert work.schedule.pause("balance", paused=True)
        assert not work.schedule.pause("nothing", paused=True)
        assert not work.schedule.take_due(NOW, ["balance"])
        assert work.schedule.pause("balance", paused=False)
        assert work.schedule.take_due(NOW, ["balance"])


@pytest.mark.parametrize("principal", [ANN, GATEWAY], ids=["tenant", "gateway"])
@pytest.mark.parametrize("act", ["rows", "put", "take_due"])
def test_only_operators_have_to_do_with_the_schedule(
    transactions: Transactions, principal: Principal, act: str
) -> None:
    with refused(), transactions.begin(principal) as work:
        match act:
            case "rows":
                work.schedule.rows()
            case "put":
                work.schedule.put({"balance": (HOURLY, NOW)}, NOW)
            case "take_due":
                work.schedule.take_due(NOW, ["balance"])
