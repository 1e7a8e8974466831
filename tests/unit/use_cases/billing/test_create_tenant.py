"""create_tenant: once, by an operator; the first deployment then leaves it as it is."""

from __future__ import annotations

from arcadia_app.use_cases.billing.create_tenant import TenantExists, create_tenant
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import FIRST_DAY
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, NOW, OLGA, deployed

ACME = Tenant("acme", "NZD", "NZ", 30, "Acme Ltd", "53004085616")


def test_a_tenant_is_created_with_all_that_is_known_of_it(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        assert create_tenant(work, OLGA, tenant=ACME, now=NOW) == ACME
    deployed(store)
    assert store.state.tenants == {"acme": ACME}


def test_a_tenant_is_created_once_also_where_a_deployment_made_it(store: FakeTransactions) -> None:
    deployed(store)
    with refusal(store, OLGA, TenantExists) as work:
        create_tenant(work, OLGA, tenant=ACME, now=NOW)


def test_a_tenant_of_another_country_is_taxed_as_such_from_the_first_day_on(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        create_tenant(work, OLGA, tenant=ACME, now=NOW)
        create_tenant(work, OLGA, tenant=Tenant("home"), now=NOW)
    assert store.state.tax_profiles == {"acme": [TaxProfile(FIRST_DAY, "NZ")]}


def test_no_tenant_creates_one(store: FakeTransactions) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        create_tenant(work, ANN, tenant=ACME, now=NOW)
