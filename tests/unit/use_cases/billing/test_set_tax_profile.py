"""set_tax_profile: a change point of how a tenant is taxed, never in a period that is invoiced."""

from __future__ import annotations

from datetime import date

import pytest

from arcadia_app.use_cases.billing.effective_day import PeriodInvoiced
from arcadia_app.use_cases.billing.read_tenants import list_tax_profiles
from arcadia_app.use_cases.billing.set_tax_profile import set_tax_profile
from arcadia_app.use_cases.billing.tenant_scope import TenantNotFound
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.tax import TaxProfile, Treatment
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import DateOutOfRange
from arcadia_domain.ports.unit_of_work import Work
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOW, OLGA, deployed

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
EXEMPT = TaxProfile(MAY, "AU", Treatment.EXEMPT, "charity")


@pytest.fixture
def acme(store: FakeTransactions) -> FakeTransactions:
    deployed(store)
    return store


def put(work: Work, profile: TaxProfile, tenant_id: str = "acme") -> TaxProfile:
    return set_tax_profile(work, OLGA, tenant_id=tenant_id, profile=profile, now=NOW)


def test_the_last_profile_of_a_day_counts_and_its_tenant_reads_it(acme: FakeTransactions) -> None:
    earlier = TaxProfile(APRIL)
    with acme.begin(OLGA) as work:
        for profile in (TaxProfile(MAY, "NZ"), EXEMPT, earlier):
            assert put(work, profile) == profile
    with acme.begin(ANN) as work:
        found = list_tax_profiles(work, ANN, tenant_id="acme", after=None, limit=9)
        assert found == [earlier, EXEMPT]
        assert list_tax_profiles(work, ANN, tenant_id="acme", after=APRIL, limit=9) == [EXEMPT]
    with refusal(acme, BOB, TenantNotFound) as work:
        list_tax_profiles(work, BOB, tenant_id="acme", after=None, limit=9)


@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.PAID])
def test_what_an_invoice_was_taxed_by_does_not_change(acme: FakeTransactions, status: InvoiceStatus) -> None:
    invoiced(acme, APRIL, due_on=NOW.date(), status=status)
    for day in (date(2000, 1, 1), APRIL, date(2026, 4, 30)):
        with refusal(acme, OLGA, PeriodInvoiced) as work:
            put(work, TaxProfile(day))
    with acme.begin(OLGA) as work:
        assert put(work, EXEMPT) == EXEMPT


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.VOID])
def test_a_draft_and_a_void_invoice_close_nothing(acme: FakeTransactions, status: InvoiceStatus) -> None:
    invoiced(acme, APRIL, due_on=NOW.date(), status=status)
    with acme.begin(OLGA) as work:
        assert put(work, TaxProfile(APRIL)).from_day == APRIL


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(acme: FakeTransactions, day: date) -> None:
    with refusal(acme, OLGA, DateOutOfRange) as work:
        put(work, TaxProfile(day))


def test_nobody_taxes_a_tenant_that_is_not_there_and_no_tenant_taxes_itself(acme: FakeTransactions) -> None:
    with refusal(acme, OLGA, TenantNotFound) as work:
        put(work, EXEMPT, "nobody")
    with refusal(acme, ANN, OperatorsOnly) as work:
        set_tax_profile(work, ANN, tenant_id="acme", profile=EXEMPT, now=NOW)
