"""The running month: looked at, kept beside the invoices, borne by whom, and gone when it is billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.month_to_date import MonthToDate, month_to_date
from arcadia_app.use_cases.cloud.preview_costs import PREVIEW, Previewed, preview_costs
from arcadia_domain.cloud.provider_errors import ProviderListingIncomplete
from arcadia_domain.cloud.statements import StatedInvoice
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import midnight, parse_month
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.held import assigned, recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, headers, ingested
from tests.world import ANN, NOW, OLGA, deployed

MAY = parse_month("2026-05")
CUT = ProviderListingIncomplete(call="GET", message="it moved")


@pytest.fixture
def store() -> FakeTransactions:
    return FakeTransactions()


@pytest.fixture
def provider() -> FakeCloudBilling:
    """May has come to 6.10 so far: a droplet and tax."""
    made = FakeCloudBilling()
    made.preview = StatedInvoice(
        invoice_uuid="u-may", invoice_id=None, period=MAY, amount=Decimal("6.60"), updated_at=NOW
    )
    tax = item("2026-05", "GST (10%)", "0.60", product="Taxes", hours=None)
    made.items[PREVIEW] = [item("2026-05", resource_id="00001"), tax]
    return made


def looked(store: FakeTransactions, provider: FakeCloudBilling) -> Previewed | None:
    return preview_costs(store, provider, OLGA, now=NOW)


def to_date(store: FakeTransactions) -> MonthToDate | None:
    with store.begin(OLGA) as work:
        return month_to_date(work, OLGA, period=MAY)


def test_the_month_so_far_is_told_by_who_bears_it(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    pilot = deployed(store)
    web = resource(1, account=ACCOUNT)
    recorded(store, web)
    assigned(store, web, pilot, midnight(MAY.start) + (midnight(MAY.end) - midnight(MAY.start)) / 2)
    seen = looked(store, provider)
    assert seen == Previewed(period=MAY, lines=2, amount_cents=660, currency="USD", matched=1, kept=True)
    month = to_date(store)
    assert month is not None
    assert (month.looked_at, month.amount_cents, month.unattributed_cents) == (NOW, 660, 360)
    assert [(row.tenant_id, row.deployment_id, row.kind, row.amount_cents) for row in month.rows] == [
        (None, None, "droplet", 300),
        (None, None, "tax", 60),
        (pilot.tenant_id, pilot.id, "droplet", 300),
    ]


def test_it_is_no_cost_and_no_invoice(store: FakeTransactions, provider: FakeCloudBilling) -> None:
    looked(store, provider)
    assert headers(store) == []
    with store.begin(OLGA) as work:
        assert margin_summary(work, OLGA, period=MAY).overall.cogs_cents == 0


def test_each_look_replaces_the_last(store: FakeTransactions, provider: FakeCloudBilling) -> None:
    looked(store, provider)
    provider.items[PREVIEW] = provider.items[PREVIEW][:1]
    looked(store, provider)
    month = to_date(store)
    assert month is not None
    assert month.amount_cents == 600


def test_it_goes_when_the_invoice_of_its_month_is_ingested(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    looked(store, provider)
    uuid = provider.bill("2026-05", item("2026-05"))
    discovered(store, provider)
    assert to_date(store) is not None
    ingested(store, provider, uuid)
    assert to_date(store) is None
    seen = looked(store, provider)
    assert seen is not None
    assert not seen.kept
    assert to_date(store) is None


def test_a_list_that_moves_is_read_again_and_the_last_look_stays_where_it_never_rests(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    provider.faults["invoice_items"] = [CUT, CUT]
    assert looked(store, provider) is not None
    before = to_date(store)
    provider.faults["invoice_items"] = [CUT, CUT, CUT]
    with pytest.raises(ProviderListingIncomplete):
        looked(store, provider)
    assert to_date(store) == before


def test_items_of_the_next_month_are_not_taken_for_this_one(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    [web, tax] = provider.items[PREVIEW]
    late = replace(web, start=midnight(MAY.end), end=midnight(MAY.end) + timedelta(hours=1))
    provider.items[PREVIEW] = [late, tax]
    with pytest.raises(ProviderListingIncomplete, match="another month"):
        looked(store, provider)
    assert to_date(store) is None


def test_what_is_finer_than_a_cent_is_rounded(store: FakeTransactions, provider: FakeCloudBilling) -> None:
    assert provider.preview is not None
    provider.preview = replace(provider.preview, amount=Decimal("6.605"))
    provider.items[PREVIEW] = [item("2026-05", amount="6.605")]
    seen = looked(store, provider)
    assert seen is not None
    assert seen.amount_cents == 661
    with store.begin(OLGA) as work:
        kept = work.costs.preview(ACCOUNT, MAY.start)
    assert kept is not None
    assert kept.invoice.stated_cents == 661


def test_no_items_of_a_month_that_has_come_to_something_do_not_take_the_last_look_away(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    looked(store, provider)
    before = to_date(store)
    provider.items[PREVIEW] = []
    with pytest.raises(ProviderListingIncomplete, match="no item though it had come to something"):
        looked(store, provider)
    assert to_date(store) == before
    assert provider.preview is not None
    provider.preview = replace(provider.preview, amount=Decimal("0.00"))
    seen = looked(store, provider)
    assert seen is not None
    assert (seen.lines, seen.amount_cents, seen.kept) == (0, 0, True)


def test_without_a_running_month_there_is_nothing_to_see(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    provider.preview = None
    assert looked(store, provider) is None


def test_only_operators_look(store: FakeTransactions, provider: FakeCloudBilling) -> None:
    with pytest.raises(OperatorsOnly):
        preview_costs(store, provider, ANN, now=NOW)
    with store.begin(ANN) as work, pytest.raises(OperatorsOnly):
        month_to_date(work, ANN, period=MAY)
