"""What every Tenants must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from arcadia_domain.billing.tax import TaxProfile, TaxRate, Treatment
from arcadia_domain.billing.tenants import Issuer, Tenant
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA

GST = TaxRate("AU", "GST", date(2000, 7, 1), Decimal("0.1"))
ISSUER = Issuer(NOBODYS, "Arcadia Pty Ltd", "AU", "Australia/Sydney", "AUD", "53004085616", True)


def test_a_tenant_is_stored_by_itself_and_stays_as_it_was_first(transactions: Transactions) -> None:
    for terms_days in (14, 30):
        with transactions.begin(ANN) as work:
            assert work.tenants.ensure(Tenant("acme", terms_days=terms_days), NOW) is (terms_days == 14)
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


def test_what_an_operator_edits_is_stored_and_the_currency_is_not_touched(transactions: Transactions) -> None:
    edited = Tenant("acme", "USD", "NZ", 30, "Acme Ltd", "53004085616", revision=2)
    cleared = Tenant("acme", "USD", "NZ", 0, revision=3)
    with transactions.begin(OLGA) as work:
        work.tenants.ensure(Tenant("acme"), NOW)
        work.tenants.ensure(Tenant("other"), NOW)
    for one in (edited, cleared):
        with transactions.begin(OLGA) as work:
            assert work.tenants.get_locked("acme") == work.tenants.get("acme")
            work.tenants.edit(one)
        with transactions.begin(ANN) as work:
            assert work.tenants.get("acme") == replace(one, currency="AUD")
    with transactions.begin(OLGA) as work:
        assert work.tenants.get("other") == Tenant("other")
        assert work.tenants.get_locked("nobody") is None


def test_tenants_are_listed_by_id_from_the_one_that_follows(transactions: Transactions) -> None:
    tenants = [Tenant(f"t{n}") for n in range(4)]
    with transactions.begin(OLGA) as work:
        for one in tenants[::-1]:
            work.tenants.ensure(one, NOW)
        assert work.tenants.page(after="", limit=9) == tenants
        assert work.tenants.page(after="t0", limit=2) == tenants[1:3]
        assert work.tenants.page(after="t3", limit=2) == []


def test_the_last_tax_profile_of_a_day_replaces_the_others(transactions: Transactions) -> None:
    may, june = (TaxProfile(date(2026, month, 1)) for month in (5, 6))
    exempt = TaxProfile(date(2026, 5, 1), "AU", Treatment.EXEMPT, "charity")
    with transactions.begin(OLGA) as work:
        for tenant_id in ("acme", "other"):
            work.tenants.ensure(Tenant(tenant_id), NOW)
        for profile in (june, may, exempt):
            work.tenants.put_tax_profile("acme", profile)
    with transactions.begin(ANN) as work:
        assert work.tenants.tax_profiles("acme", after=None, limit=9) == [exempt, june]
        assert work.tenants.tax_profiles("acme", after=None, limit=1) == [exempt]
        assert work.tenants.tax_profiles("acme", after=exempt.from_day, limit=9) == [june]
        assert work.tenants.tax_profiles("acme", after=june.from_day, limit=9) == []
    with transactions.begin(OLGA) as work:
        work.tenants.put_tax_profile("acme", may)
        assert work.tenants.tax_profiles("acme", after=None, limit=9) == [may, june]
        assert work.tenants.tax_profiles("other", after=None, limit=9) == []


def test_how_a_tenant_is_taxed_and_billed_is_an_operators_to_write(transactions: Transactions) -> None:
    profile = TaxProfile(date(2026, 5, 1))
    with transactions.begin(OLGA) as work:
        work.tenants.ensure(Tenant("acme"), NOW)
        work.tenants.put_tax_profile("acme", profile)
    with refused(), transactions.begin(ANN) as work:
        work.tenants.edit(Tenant("acme", terms_days=365, revision=2))
    with refused(), transactions.begin(ANN) as work:
        work.tenants.put_tax_profile("acme", replace(profile, country="NZ"))
    with transactions.begin(BOB) as work:
        assert work.tenants.tax_profiles("acme", after=None, limit=9) == []
        assert work.tenants.page(after="", limit=9) == []


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


def test_a_tenant_reads_the_tax_rates(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        work.tenants.add_tax_rate(GST)
    with transactions.begin(ANN) as work:
        assert work.tenants.tax_rates() == [GST]


def test_rates_and_issuers_are_operators_to_write(transactions: Transactions) -> None:
    with refused(), transactions.begin(ANN) as work:
        work.tenants.add_tax_rate(GST)
    with refused(), transactions.begin(ANN) as work:
        work.tenants.add_issuer(ISSUER)


def test_the_currencies_of_many_tenants_are_told_at_once(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        for tenant in (Tenant("acme"), Tenant("bobs-burgers", "NZD"), Tenant("third", "USD")):
            work.tenants.ensure(tenant, NOW)
        assert work.tenants.currencies(["acme", "bobs-burgers", "nobody"]) == {
            "acme": "AUD",
            "bobs-burgers": "NZD",
        }
        assert work.tenants.currencies([]) == {}
    with transactions.begin(BOB) as work:
        assert work.tenants.currencies(["acme", "bobs-burgers"]) == {"bobs-burgers": "NZD"}
