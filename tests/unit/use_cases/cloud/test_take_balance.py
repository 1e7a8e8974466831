"""The balance: kept as it was told, once for each instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from arcadia_app.use_cases.cloud.take_balance import take_balance
from arcadia_domain.cloud.statements import NotInCents
from arcadia_domain.identity import OperatorsOnly
from tests.fakes.cloud_billing import FakeCloudBilling
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, NOW, OLGA

HOUR = timedelta(hours=1)


def test_a_balance_is_kept_with_when_it_was_first_seen() -> None:
    store, provider = FakeTransactions(), FakeCloudBilling()
    first = take_balance(store, provider, OLGA, now=NOW)
    assert first.changed
    assert (first.snapshot.balance, first.snapshot.captured_at) == (provider.told_balance, NOW)
    again = take_balance(store, provider, OLGA, now=NOW + HOUR)
    assert (again.snapshot, again.changed) == (first.snapshot, False)
    told = provider.told_balance
    provider.told_balance = replace(told, generated_at=told.generated_at + HOUR)
    assert take_balance(store, provider, OLGA, now=NOW + HOUR).changed


def test_an_amount_finer_than_a_cent_is_refused() -> None:
    provider = FakeCloudBilling()
    provider.told_balance = replace(provider.told_balance, account_balance=Decimal("0.001"))
    with pytest.raises(NotInCents):
        take_balance(FakeTransactions(), provider, OLGA, now=NOW)


def test_only_operators_take_it() -> None:
    with pytest.raises(OperatorsOnly):
        take_balance(FakeTransactions(), FakeCloudBilling(), ANN, now=NOW)
