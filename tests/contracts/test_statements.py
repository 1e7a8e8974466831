"""What every Statements must do (ports.statements), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from arcadia_domain.cloud.statements import Balance, BillingEntry
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.held import ACCOUNT
from tests.world import ANN, NOW, OLGA

HOUR = timedelta(hours=1)


def balance(hours: int = 0, usage: str = "12.30") -> BalanceSnapshot:
    """As it was generated so many hours after NOW, and seen a minute later."""
    told = Balance(
        month_to_date_usage=Decimal(usage),
        month_to_date_balance=Decimal("-27.40"),
        account_balance=Decimal("-27.52"),
        generated_at=NOW + hours * HOUR,
    )
    return BalanceSnapshot(ACCOUNT, told, NOW + hours * HOUR + timedelta(minutes=1))


def put(transactions: Transactions, snapshot: BalanceSnapshot) -> bool:
    with transactions.begin(OLGA) as work:
        return work.statements.put_balance(snapshot, work.new_id())


def test_a_balance_is_kept_once_for_its_instant(transactions: Transactions) -> None:
    assert put(transactions, balance())
    assert not put(transactions, replace(balance(), captured_at=NOW + HOUR))
    assert put(transactions, replace(balance(), account="other"))
    with transactions.begin(OLGA) as work:
        assert work.statements.latest_balance(ACCOUNT) == balance()


def test_the_latest_is_the_one_generated_last(transactions: Transactions) -> None:
    for hours in (2, 0, 1):
        put(transactions, balance(hours))
    with transactions.begin(OLGA) as work:
        assert work.statements.latest_balance(ACCOUNT) == balance(2)
        assert work.statements.latest_balance(ACCOUNT, NOW + HOUR) == balance(1)
        assert work.statements.latest_balance(ACCOUNT, NOW - HOUR) is None
        assert work.statements.latest_balance("other") is None


def entry(day: int = 2, ordinal: int = 0, **facts: Any) -> BillingEntry:
    row = BillingEntry(
        type="Payment",
        description="Payment (MC 2024)",
        amount=Decimal("-12.30"),
        at=datetime(2024, 3, day, 8, 44, 38, tzinfo=UTC),
        ordinal=ordinal,
    )
    return replace(row, **facts)


def put_entries(transactions: Transactions, *entries: BillingEntry) -> int:
    with transactions.begin(OLGA) as work:
        return work.statements.put_entries(ACCOUNT, entries, NOW)


def entries(transactions: Transactions, account: str = ACCOUNT) -> list[BillingEntry]:
    with transactions.begin(OLGA) as work:
        return list(work.statements.entries(account))


def test_rows_of_the_history_are_kept_and_read_again_add_nothing(transactions: Transactions) -> None:
    rows = [entry(2), entry(2, ordinal=1), entry(1, invoice_uuid="u-1", invoice_id="7", type="Invoice")]
    assert put_entries(transactions, *rows) == 3
    assert put_entries(transactions, *reversed(rows)) == 0
    assert put_entries(transactions, *rows, entry(3), entry(2, ordinal=2)) == 2
    assert entries(transactions) == [entry(3), entry(2), entry(2, ordinal=1), entry(2, ordinal=2), rows[2]]
    assert put_entries(transactions) == 0
    assert entries(transactions, "other") == []


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Refund"},
        {"description": ""},
        {"amount": Decimal("-12.31")},
        {"at": NOW},
        {"invoice_uuid": "u"},
        {"invoice_id": "1"},
    ],
)
def test_rows_that_differ_in_anything_are_two(transactions: Transactions, other: dict[str, Any]) -> None:
    assert put_entries(transactions, entry(), entry(**other)) == 2
    assert len(entries(transactions)) == 2


def test_a_tenant_keeps_no_statement(transactions: Transactions) -> None:
    with refused(), transactions.begin(ANN) as work:
        work.statements.put_balance(balance(), work.new_id())
    with refused(), transactions.begin(ANN) as work:
        work.statements.put_entries(ACCOUNT, [entry()], NOW)
