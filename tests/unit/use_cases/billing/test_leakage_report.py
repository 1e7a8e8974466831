"""leakage_report: what the provider charged in a month, put beside what the tenants' plans name."""

from __future__ import annotations

from datetime import date

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import ACCOUNT, sample_invoice_csv, sample_resources
from arcadia_app.use_cases.billing.leakage_report import leakage_report
from arcadia_app.use_cases.catalog.set_price import set_price
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.leakage import Leakage
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.billing.unearned import LeakReason
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import Period, midnight, month_of
from tests.april import APRIL, AS_OF, metered, pilots
from tests.contracts.test_charges import previewed
from tests.contracts.test_costs import line, unmatched
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, NOW, OLGA

MAY = month_of(date(2026, 5, 1))
PILOTS, ALL = 3053, 8692


def leakage_of(shop: FakeTransactions, period: Period = APRIL) -> Leakage:
    with shop.begin(OLGA) as work:
        return leakage_report(work, OLGA, period=period)


def charged(shop: FakeTransactions, deployment: Deployment) -> None:
    """The sample account's April: five droplets of a pilot among 33 lines."""
    with shop.begin(OLGA) as work:
        seen = sample_resources(work.new_id, AS_OF)
        record_inventory(work, OLGA, account=ACCOUNT, seen=seen, now=AS_OF)
        for one in work.inventory.of_account(ACCOUNT):
            assign_resource(
                work,
                OLGA,
                resource_id=one.id,
                deployment_id=deployment.id,
                from_at=midnight(APRIL.start),
                now=AS_OF,
            )
        lines = parse(sample_invoice_csv()).lines
        ingest_invoice(work, OLGA, lines=lines, period=APRIL, account=ACCOUNT, now=AS_OF)


def test_of_the_sample_account_all_but_the_pilots_droplets_is_nobodys(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "pilot")
    charged(shop, pilot)
    metered(shop, (pilot, "droplet_hours:s-1vcpu-1gb", 1, "24"))
    found = leakage_of(shop)
    assert {item.reason for item in found.items} == {LeakReason.NOBODY}
    assert (found.looked_at_cents, found.left_out_cents) == (ALL - 790, 790)
    assert found.total_cents == ALL - 790 - PILOTS
    assert (found.items[0].product, found.items[0].amount_cents) == ("Droplets", 2014)


def test_what_is_not_metered_is_told_as_such(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "pilot")
    charged(shop, pilot)
    [unmetered] = [item for item in leakage_of(shop).items if item.tenant_id]
    assert (unmetered.tenant_id, unmetered.deployment_id) == ("pilot", pilot.id)
    assert (unmetered.reason, unmetered.amount_cents, unmetered.lines) == (LeakReason.NO_USAGE, PILOTS, 6)


def test_a_fallback_price_counts_in_the_tenants_currency_alone(shop: FakeTransactions) -> None:
    with shop.begin(OLGA) as work:
        work.tenants.ensure(Tenant("kiwi", "NZD", "NZ"), NOW)
    [kiwi] = pilots(shop, "kiwi", starts_on=None)
    charged(shop, kiwi)
    metered(shop, (kiwi, "droplet_hours", 1, "24"))
    for currency, leaks in (("AUD", True), ("NZD", False)):
        with shop.begin(OLGA) as work:
            set_price(
                work,
                OLGA,
                kind="droplet_hours",
                currency=currency,
                from_at=midnight(APRIL.start),
                unit="hour",
                price_cents=1,
            )
        reasons = [item.reason for item in leakage_of(shop).items if item.tenant_id]
        assert reasons == [LeakReason.NO_PRICE] * leaks


def test_a_month_to_date_is_no_charge_yet(shop: FakeTransactions) -> None:
    previewed(shop, *unmatched(line(cents=999)), period=MAY)
    found = leakage_of(shop, MAY)
    assert (found.items, found.looked_at_cents, found.left_out_cents) == ((), 0, 0)


def test_leakage_is_operators_business(shop: FakeTransactions) -> None:
    with pytest.raises(OperatorsOnly), shop.begin(ANN) as work:
        leakage_report(work, ANN, period=APRIL)
