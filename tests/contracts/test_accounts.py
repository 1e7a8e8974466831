"""What every CloudAccounts must do (ports.accounts), in memory and on Postgres."""

from __future__ import annotations

from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.held import ACCOUNT, SEEN
from tests.world import ANN, OLGA


def bound(transactions: Transactions, identity: str, account: str = ACCOUNT) -> str:
    with transactions.begin(OLGA) as work:
        return work.accounts.bind(account, identity, SEEN)


def test_the_first_that_is_told_stands(transactions: Transactions) -> None:
    assert bound(transactions, "team-1") == "team-1"
    assert bound(transactions, "team-2") == "team-1"
    assert bound(transactions, "team-1") == "team-1"
    assert bound(transactions, "team-2", "another") == "team-2"


def test_no_tenant_binds_an_account(transactions: Transactions) -> None:
    with refused(), transactions.begin(ANN) as work:
        work.accounts.bind(ACCOUNT, "team-1", SEEN)
