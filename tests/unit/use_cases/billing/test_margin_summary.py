"""margin_summary: what was invoiced against what the provider charged, in one currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv, sample_resources
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.billing.margin import MarginSummary
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import midnight
from tests.april import APRIL, AS_OF, pilots
from tests.contracts.facts import attributed
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, OLGA


def margin_of(shop: FakeTransactions) -> MarginSummary:
    with shop.begin(OLGA) as work:
        return margin_summary(work, OLGA, period=APRIL)


@pytest.fixture
def pilot(shop: FakeTransactions) -> UUID:
    """The sample account's April: five droplets of a pilot, billed, and the provider's invoice."""
    [deployment] = pilots(shop, "pilot")
    with shop.begin(OLGA) as work:
        seen = sample_resources(work.new_id, AS_OF)
        record_inventory(work, OLGA, account="digitalocean", seen=seen, now=AS_OF)
        for one in work.inventory.of_account("digitalocean"):
            assign_resource(
                work,
                OLGA,
                resource_id=one.id,
                deployment_id=deployment.id,
                from_at=midnight(APRIL.start),
                now=AS_OF,
            )
    roll_up_period(shop, OLGA, period=APRIL, now=AS_OF)
    lines = parse(sample_invoice_csv()).lines
    with shop.begin(OLGA) as work:
        done = ingest_invoice(work, OLGA, lines=lines, period=APRIL, account="digitalocean", now=AS_OF)
    assert (done.lines, done.amount_cents, done.matched) == (33, 8692, 6)  # golden 5
    return deployment.id


def test_golden_4_the_pilot_brings_57_percent_and_the_account_loses_1580(
    shop: FakeTransactions, pilot: UUID
) -> None:
    summary = margin_of(shop)
    [of_pilot] = summary.by_deployment
    assert (of_pilot.tenant_id, of_pilot.deployment_id) == ("pilot", pilot)
    assert (of_pilot.margin.revenue_cents, of_pilot.margin.cogs_cents) == (7112, 3053)
    assert (of_pilot.margin.margin_cents, of_pilot.margin.margin_pct) == (4059, Decimal("57.1"))
    assert [one.margin for one in summary.by_tenant] == [of_pilot.margin]
    assert (summary.overall.cogs_cents, summary.overall.cogs_ex_tax_cents) == (8692, 7902)
    assert summary.overall.margin_cents == -1580
    assert summary.unattributed_cogs_cents == 8692 - 3053
    assert (summary.currency, summary.fx.assumed, summary.fx.rate) == ("AUD", True, Decimal(1))


def test_costs_are_converted_at_the_rate_in_force_on_the_last_day(
    shop: FakeTransactions, pilot: UUID
) -> None:
    for day, rate in ((date(2026, 4, 30), "1.5"), (date(2026, 5, 1), "9")):
        shop.state.fx_rates.append(
            FxRate(base="USD", quote="AUD", from_day=day, rate=Decimal(rate), source="rba")
        )
    summary = margin_of(shop)
    assert (summary.overall.cogs_cents, summary.overall.revenue_cents) == (13038, 7112)
    assert not summary.fx.assumed


def test_what_an_operator_attributed_counts_before_who_held_the_resource(
    shop: FakeTransactions, pilot: UUID
) -> None:
    [(invoice_id, matches)] = shop.state.cost_lines.items()
    matched = next(match for match in matches if match.resource_id is not None)
    attributed(shop, invoice_id, matched.line, "acme")
    by_tenant = {one.tenant_id: one.margin.cogs_cents for one in margin_of(shop).by_tenant}
    cents = matched.line.amount_cents
    assert by_tenant == {"acme": cents, "pilot": 3053 - cents}


def test_revenue_in_a_currency_that_no_rate_converts_is_refused(shop: FakeTransactions, pilot: UUID) -> None:
    [invoice] = shop.state.invoices.values()
    shop.state.invoices[invoice.id] = replace(invoice, currency="NZD")
    with refusal(shop, OLGA, MixedCurrencies) as work:
        margin_summary(work, OLGA, period=APRIL)


def test_a_month_without_anything_has_no_percentage(shop: FakeTransactions) -> None:
    summary = margin_of(shop)
    assert (summary.overall.margin_cents, summary.overall.margin_pct) == (0, None)
    assert (summary.by_tenant, summary.by_kind.cogs) == ((), ())


def test_a_tenant_does_not_see_the_margin(shop: FakeTransactions) -> None:
    with refusal(shop, ANN, OperatorsOnly) as work:
        margin_summary(work, ANN, period=APRIL)
