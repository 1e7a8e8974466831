"""The sample: what April comes to with it, and that it is loaded once (SPEC 13, 18)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.sample.account import (
    ACCOUNT,
    IDENTITY,
    sample_invoice_csv,
    sample_resources,
)
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.cloud.same_account import AccountMismatch, must_be_bound
from arcadia_app.use_cases.sample.april import APRIL, CORNER_SHOP, MAY_FIRST, PILOT
from arcadia_app.use_cases.sample.load_sample import load_sample
from arcadia_domain.identity import OperatorsOnly, Principal
from tests.april import pilots
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, OLGA


def load(store: FakeTransactions, by: Principal = OLGA) -> bool:
    return load_sample(
        store,
        by,
        account=ACCOUNT,
        identity=IDENTITY,
        droplets=sample_resources(uuid4, MAY_FIRST),
        lines=invoice_csv.parse(sample_invoice_csv()).lines,
    )


def invoiced(store: FakeTransactions, tenant_id: str) -> int | None:
    with store.begin(OLGA) as work:
        invoice = work.invoices.of_period(tenant_id, APRIL.start)
    return None if invoice is None else invoice.total_cents


def test_the_pilot_pays_golden_3_and_the_bill_is_golden_5s(shop: FakeTransactions) -> None:
    assert load(shop) is True
    assert invoiced(shop, PILOT.tenant_id) == 7064
    assert invoiced(shop, CORNER_SHOP.tenant_id) is not None
    with shop.begin(OLGA) as work:
        margin = margin_summary(work, OLGA, period=APRIL)
    assert margin.overall.cogs_cents == 8692
    assert {row.tenant_id for row in margin.by_tenant} == {PILOT.tenant_id, CORNER_SHOP.tenant_id}


def test_loaded_again_nothing_changes(shop: FakeTransactions) -> None:
    load(shop)
    before = invoiced(shop, PILOT.tenant_id)
    assert load(shop) is False
    assert invoiced(shop, PILOT.tenant_id) == before


def test_killed_before_the_month_end_the_next_time_makes_the_invoices(
    shop: FakeTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(
            "arcadia_app.use_cases.sample.load_sample.roll_up_period", lambda *_, **__: pytest.fail("killed")
        )
        with pytest.raises(pytest.fail.Exception, match="killed"):
            load(shop)
    assert invoiced(shop, PILOT.tenant_id) is None
    assert load(shop) is False
    assert invoiced(shop, PILOT.tenant_id) == 7064


def test_a_store_of_another_account_takes_none_of_it(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        work.accounts.bind(ACCOUNT, "a real team", MAY_FIRST)
    with pytest.raises(AccountMismatch):
        load(shop)
    assert invoiced(shop, PILOT.tenant_id) is None


def test_what_was_loaded_is_buried_by_no_other_account(shop: FakeTransactions) -> None:
    load(shop)
    with shop.begin(OLGA) as work, pytest.raises(AccountMismatch):
        must_be_bound(work, ACCOUNT, "a real team", MAY_FIRST)


def test_nobody_else_is_invoiced_for_it(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    load(shop)
    assert invoiced(shop, "acme") is None


def test_only_an_operator_loads_it(shop: FakeTransactions) -> None:
    with pytest.raises(OperatorsOnly):
        load(shop, ANN)
