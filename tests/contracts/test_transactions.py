"""A transaction is all or nothing, and walled to who opened it."""

from __future__ import annotations

import pytest

from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.pricing.catalog import Plan
from tests.world import ANN, BOB, NOW, OLGA


class Broken(Exception):
    pass


def test_what_a_block_did_is_there_after_it(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        work.catalog.add_plan(Plan(work.new_id(), "studio", "Studio"), NOW)
    with transactions.begin(ANN) as work:
        assert [plan.code for plan in work.catalog.plans()] == ["studio"]


def test_a_block_that_raises_leaves_nothing_and_the_error_comes_out(transactions: Transactions) -> None:
    def break_off() -> None:
        with transactions.begin(OLGA) as work:
            work.catalog.add_plan(Plan(work.new_id(), "studio", "Studio"), NOW)
            work.tenants.ensure(Tenant("acme"), NOW)
            raise Broken

    with pytest.raises(Broken):
        break_off()
    with transactions.begin(OLGA) as work:
        assert work.catalog.plans() == []
        assert work.tenants.get("acme") is None


def test_a_block_sees_what_it_did_itself(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        work.tenants.ensure(Tenant("acme"), NOW)
        assert work.tenants.get("acme") == Tenant("acme")


def test_the_wall_of_one_transaction_is_not_left_to_the_next(transactions: Transactions) -> None:
    for principal in (ANN, BOB):
        with transactions.begin(principal) as work:
            work.tenants.ensure(Tenant(principal.tenant_id), NOW)
    for principal, other in ((ANN, BOB), (BOB, ANN), (ANN, BOB)):
        with transactions.begin(principal) as work:
            assert work.tenants.get(principal.tenant_id) == Tenant(principal.tenant_id)
            assert work.tenants.get(other.tenant_id) is None


def test_ids_are_fresh_and_sort_by_time(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        ids = [work.new_id() for _ in range(1000)]
    with transactions.begin(ANN) as work:
        ids.append(work.new_id())
    assert ids == sorted(set(ids))
