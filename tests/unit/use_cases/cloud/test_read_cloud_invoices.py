"""list_cloud_invoices, read_cloud_invoice, read_balance: what the provider says that we owe."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.read_balance import NoBalanceYet, read_balance
from arcadia_app.use_cases.cloud.read_cloud_invoices import (
    CloudInvoiceNotFound,
    list_cloud_invoices,
    read_cloud_invoice,
)
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.statements import Balance
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.ports.statements import BalanceSnapshot
from tests.contracts.test_costs import MAY, line, stored, unmatched
from tests.fakes.transactions import FakeTransactions
from tests.held import april, assigned, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOBODYS, NOW, OLGA, deployed


def test_an_invoice_tells_how_much_of_it_is_nobodys(store: FakeTransactions) -> None:
    web = resource()
    recorded(store, web)
    assigned(store, web, deployed(store), april(16))
    april_id = stored(store, [Match(line(1), web.id, How.NAME), *unmatched(line(2, cents=50))]).invoice_id
    stored(store, [], uuid="u-2", period=MAY)
    with store.begin(OLGA) as work:
        empty, view = list_cloud_invoices(work, OLGA, after=None, limit=9)
        assert read_cloud_invoice(work, OLGA, invoice_id=april_id) == view
    assert (view.header.id, view.matched, view.unattributed_cents) == (april_id, 1, 350)
    assert (empty.header.month, empty.matched, empty.unattributed_cents) == (MAY.start, 0, 0)


def test_an_invoice_that_is_not_there_is_refused(store: FakeTransactions) -> None:
    with refusal(store, OLGA, CloudInvoiceNotFound) as work:
        read_cloud_invoice(work, OLGA, invoice_id=NOBODYS)


def test_the_last_balance_is_told_and_none_says_what_to_do(store: FakeTransactions) -> None:
    with refusal(store, OLGA, NoBalanceYet) as work:
        read_balance(work, OLGA)
    assert "arcadia costs balance" in str(NoBalanceYet(account=ACCOUNT))
    for hour in (1, 2):
        balance = Balance(
            month_to_date_usage=Decimal(hour),
            month_to_date_balance=Decimal(0),
            account_balance=Decimal(0),
            generated_at=NOW + timedelta(hours=hour),
        )
        with store.begin(OLGA) as work:
            work.statements.put_balance(BalanceSnapshot(ACCOUNT, balance, NOW), work.new_id())
    with store.begin(OLGA) as work:
        assert read_balance(work, OLGA).balance.month_to_date_usage == 2


def test_a_tenant_reads_neither(store: FakeTransactions) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        list_cloud_invoices(work, ANN, after=None, limit=1)
    with refusal(store, ANN, OperatorsOnly) as work:
        read_cloud_invoice(work, ANN, invoice_id=NOBODYS)
    with refusal(store, ANN, OperatorsOnly) as work:
        read_balance(work, ANN)
