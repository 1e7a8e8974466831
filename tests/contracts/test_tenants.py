"""What every Tenants must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from arcadia_domain.billing.tax import TaxRate
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA

GST = TaxRate("AU", "GST", date(2000, 7, 1), Decimal("0.1"))
ISSUER = Issuer(NOBODYS, "Arcadia Pty Ltd", "AU", "Australia/Sydney", "AUD", "53004085616", True)


def test_a_tenant_is_stored_by_itself_and_stays_as_it_was_first(transactions: Transactions) -> None:
    for terms_days in (14, 30):
        with transactions.begin(ANN) as work:
            work.tenants.ensure(Tenant("acme", terms_days=terms_days), NOW)
    with transactions.begin(ANN) as work:
        assert work.tenants.get("acme") == Tenant("acme", "AUD", "AU", 14)
        assert work.tenants.get("nobody") is None


def test_an_operator_stores_all_that_is_known_of_a_tenant(transactions: Transactions) -> None:
    known = Tenant("acme", "NZD", "NZ", 30, "Acme Ltd", "53004085616")
    with transactions.begin(OLGA) as work:
        work.tenants.ensure(known, NOW)
    with transactions.begin(ANN) as work:
        assert work.tenants.get("acme") == known


def test_a_tenant_neither_sees_nor_makes_another(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        work.tenants.ensure(Tenant("acme"), NOW)
    with transactions.begin(BOB) as work:
        assert work.tenants.get("acme") is None
    with refused(), transactions.begin(BOB) as work:
        work.tenants.ensure(Tenant("third"), NOW)


def test_a_tax_rate_is_stored_once_for_its_day(transactions: Transactions) -> None:
    later = replace(GST, from_day=date(2027, 1, 1), rate=Decimal("0.125"))
    other = replace(GST, country="NZ", rate=Decimal("0.15"))
    with transactions.begin(OLGA) as work:
        assert [work.tenants.add_tax_rate(rate) for rate in (other, later, GST)] == [True] * 3
        assert not work.tenants.add_tax_rate(replace(GST, rate=Decimal(0)))
        assert work.tenants.tax_rates() == [GST, later, other]


def test_there_is_one_issuer_only(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        assert work.tenants.add_issuer(ISSUER)
        assert not work.tenants.add_issuer(replace(ISSUER, id=work.new_id()))
    with transactions.begin(OLGA) as work:
        assert not work.tenants.add_issuer(replace(ISSUER, id=work.new_id(), legal_name="Another"))


def test_rates_and_issuers_are_operators_business(transactions: Transactions) -> None:
    with refused(), transactions.begin(ANN) as work:
        work.tenants.add_tax_rate(GST)
    with refused(), transactions.begin(ANN) as work:
        work.tenants.tax_rates()
    with refused(), transactions.begin(ANN) as work:
        work.tenants.add_issuer(ISSUER)
