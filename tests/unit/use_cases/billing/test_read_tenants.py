"""read_tenant and list_tenants: a tenant reads itself, operators read all."""

from __future__ import annotations

from arcadia_app.use_cases.billing.read_tenants import list_tenants, read_tenant
from arcadia_app.use_cases.billing.tenant_scope import TenantNotFound
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.identity import OperatorsOnly
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, OLGA, deployed


def test_a_tenant_reads_itself_and_an_operator_reads_it_too(store: FakeTransactions) -> None:
    deployed(store)
    for by in (ANN, OLGA):
        with store.begin(by) as work:
            assert read_tenant(work, by, tenant_id="acme") == Tenant("acme")


def test_another_tenant_is_not_there(store: FakeTransactions) -> None:
    deployed(store)
    for by, tenant_id in ((BOB, "acme"), (BOB, BOB.tenant_id), (OLGA, "nobody")):
        with refusal(store, by, TenantNotFound) as work:
            read_tenant(work, by, tenant_id=tenant_id)


def test_only_operators_list_tenants(store: FakeTransactions) -> None:
    deployed(store)
    deployed(store, BOB)
    with store.begin(OLGA) as work:
        assert list_tenants(work, OLGA, after="", limit=9) == [Tenant("acme"), Tenant(BOB.tenant_id)]
        assert list_tenants(work, OLGA, after="acme", limit=9) == [Tenant(BOB.tenant_id)]
    with refusal(store, ANN, OperatorsOnly) as work:
        list_tenants(work, ANN, after="", limit=9)
