"""What every MarginFacts must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.unit_of_work import Transactions
from tests.april import APRIL, metered, pilots, written
from tests.contracts.facts import charged, exchanged, moved
from tests.world import OLGA, seeded

MAY = month_of(date(2026, 5, 1))


@pytest.fixture
def store(transactions: Transactions) -> Transactions:
    return seeded(transactions)


Sums = set[tuple[str, UUID | None, str, int]]


def revenue(store: Transactions, period: Period = APRIL) -> dict[str, Sums]:
    with store.begin(OLGA) as work:
        by_currency = work.margin.revenue(period)
    for rows in by_currency.values():
        assert all(type(row) is Revenue and type(row.amount_cents) is int for row in rows)
    return {
        currency: {(row.tenant_id, row.deployment_id, row.kind, row.amount_cents) for row in rows}
        for currency, rows in by_currency.items()
    }


def test_revenue_is_summed_by_tenant_deployment_and_kind_without_tax(store: Transactions) -> None:
    web, api, _ = (
        *pilots(store, "acme", slugs=["web", "api"], addon_codes=["storage_50gb", "storage_250gb"]),
        *pilots(store, "other"),
    )
    metered(store, *((web, "droplet_hours", day, "72") for day in range(1, 31)))
    charged(store, api, date(2026, 4, 2), "1.5")
    written(store)
    [other] = [row for row in revenue(store)["AUD"] if row[0] == "other"]
    assert other[2:] == ("plan_base", 5000)
    assert revenue(store)["AUD"] - {other} == {
        ("acme", web.id, "plan_base", 5000),
        ("acme", web.id, "spaces_gb_month", 3750),
        ("acme", web.id, "droplet_hours", 672),
        ("acme", api.id, "plan_base", 5000),
        ("acme", api.id, "spaces_gb_month", 3750),
        ("acme", api.id, "llm_usage", 150),
    }


def test_revenue_is_of_that_month_and_void_is_out(store: Transactions) -> None:
    pilots(store, "draft", "issued", "paid", "void")
    for invoice in written(store):
        if invoice.tenant_id != "draft":
            moved(store, invoice, InvoiceStatus(invoice.tenant_id))
    assert {row[0] for row in revenue(store)["AUD"]} == {"draft", "issued", "paid"}
    assert revenue(store, MAY) == {}


def test_rates_are_told_as_they_were_given(store: Transactions) -> None:
    rates = [
        FxRate(base="USD", quote="AUD", from_day=date(2026, 4, 1), rate=Decimal("1.5321"), source="ecb"),
        FxRate(base="USD", quote="AUD", from_day=date(2026, 4, 1), rate=Decimal("1.53"), source="rba"),
        FxRate(base="USD", quote="AUD", from_day=date(2026, 5, 1), rate=Decimal("1.6"), source="rba"),
    ]
    for rate in reversed(rates):
        exchanged(store, rate)
    with store.begin(OLGA) as work:
        assert work.margin.fx_rates() == rates
