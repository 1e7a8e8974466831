"""An invoice from the provider: with ids, matched, checked to the cent, flagged where it does not add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean.invoice_csv import InvoiceRefused
from arcadia_app.use_cases.cloud.ingest_discovered import IngestedInTurn, ingest_discovered
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, ingest_invoice
from arcadia_app.use_cases.cloud.ingest_provider_invoice import (
    InvoiceNotListed,
    ingest_provider_invoice,
)
from arcadia_app.use_cases.cloud.read_cloud_invoices import CloudInvoiceNotFound
from arcadia_domain.cloud.matching import How
from arcadia_domain.cloud.provider_errors import (
    ProviderFailed,
    ProviderListingIncomplete,
    ProviderUnauthorized,
)
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.cloud.statements import ChargeGroup
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.period import midnight, parse_month
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.held import recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, headers, ingested, read
from tests.world import ANN, NOBODYS, NOW, OLGA

WEB, RENAMED = resource(1, account=ACCOUNT), resource(2, account=ACCOUNT, name="renamed")


@pytest.fixture
def store() -> FakeTransactions:
    made = FakeTransactions()
    recorded(made, WEB, RENAMED)
    return made


@pytest.fixture
def provider() -> FakeCloudBilling:
    return FakeCloudBilling()


@pytest.fixture
def april(store: FakeTransactions, provider: FakeCloudBilling) -> str:
    """The UUID of April's invoice: a line by id, one by name, one of nobody we know. It is discovered."""
    uuid = provider.bill(
        "2026-04",
        item(description="web-2 (s-1vcpu-1gb)", resource_id="00002"),
        item(description="web-1 (s-1vcpu-1gb)", amount="4.33"),
        item(description="web-9 (s-1vcpu-1gb)", amount="0.01", resource_id="99"),
    )
    discovered(store, provider)
    return uuid


def test_lines_are_stored_with_ids_and_matched_by_them_first(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    done = ingested(store, provider, april)
    assert (done.lines, done.identified, done.matched, done.changed) == (3, 2, 2, True)
    assert (done.invoice.state, done.invoice.amount_cents, done.problems) == (
        InvoiceState.RECONCILED,
        1034,
        (),
    )
    matches = store.state.cost_lines[done.invoice_id]
    assert [(one.resource_id, one.how) for one in matches] == [
        (RENAMED.id, How.ID),
        (WEB.id, How.NAME),
        (None, How.NONE),
    ]


def test_again_it_changes_nothing(store: FakeTransactions, provider: FakeCloudBilling, april: str) -> None:
    first = ingested(store, provider, april)
    before = headers(store)
    assert ingested(store, provider, april) == replace(first, changed=False)
    assert headers(store) == before


def test_what_does_not_add_up_is_flagged_and_costs_all_the_same(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    good = provider.summaries[april]
    provider.summaries[april] = replace(good, taxes=ChargeGroup(name="", amount=Decimal("0.01")))
    done = ingested(store, provider, april)
    [header] = headers(store)
    assert header.invoice.state is InvoiceState.FLAGGED
    assert done.problems == tuple(str(header.invoice.problem).splitlines())
    assert done.problems[0].startswith(f"Invoice 202604 of 2026-04 ({april}): in its summary ")
    assert header.lines == 3
    assert [one.id for one in discovered(store, provider).to_ingest] == [header.id]
    provider.summaries[april] = good
    assert ingested(store, provider, april).invoice.state is InvoiceState.RECONCILED
    assert discovered(store, provider).to_ingest == ()


def test_a_file_cut_at_the_end_of_a_row_is_flagged(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    *rows, _ = provider.files[april].splitlines(keepends=True)
    provider.files[april] = b"".join(rows)
    done = ingested(store, provider, april)
    assert [problem.removeprefix(f"Invoice 202604 of 2026-04 ({april}): ") for problem in done.problems] == [
        "its CSV comes to 10.33 USD, but its summary says 10.34 USD: 0.01 USD less.",
        "its CSV has 2 rows, but there are 3 items.",
        "of Droplets, 'web-9 (s-1vcpu-1gb)', its CSV has nothing, but its items have 0.01 USD.",
        (
            "the products of its CSV that its summary does not name (Droplets) come to 10.33 USD, but the "
            "rest of the product charges and overages in its summary (none) is 10.34 USD: 0.01 USD less."
        ),
    ]
    assert done.lines == 2


@pytest.mark.parametrize("call", ["invoice_csv", "invoice_items", "invoice_summary"])
def test_what_does_not_come_whole_leaves_all_as_it_was(
    store: FakeTransactions, provider: FakeCloudBilling, april: str, call: str
) -> None:
    provider.faults[call] = [ProviderListingIncomplete(call="GET", message="cut")]
    before = headers(store)
    with pytest.raises(ProviderListingIncomplete):
        ingested(store, provider, april)
    assert headers(store) == before
    assert ingested(store, provider, april).changed


def test_a_file_cut_in_a_row_is_refused(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    provider.files[april] = provider.files[april][:-5]
    with pytest.raises(InvoiceRefused):
        ingested(store, provider, april)
    assert [one.lines for one in headers(store)] == [0]


def test_an_invoice_of_nothing_is_a_header_alone_and_adds_up(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    uuid = provider.bill("2026-02")
    discovered(store, provider)
    done = ingested(store, provider, uuid)
    assert (done.invoice.state, done.lines, done.problems) == (InvoiceState.RECONCILED, 0, ())
    assert discovered(store, provider).to_ingest == ()


def test_a_header_alone_of_an_invoice_of_something_is_cut_off(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    header_alone = provider.files[april].splitlines(keepends=True)[0]
    provider.files[april] = header_alone
    with pytest.raises(InvoiceRefused, match="it is cut off"):
        ingested(store, provider, april)
    provider.items[april] = []
    with pytest.raises(InvoiceRefused, match="it is cut off"):
        ingested(store, provider, april)


def test_a_line_may_lie_outside_the_month_that_the_provider_names(
    store: FakeTransactions, provider: FakeCloudBilling
) -> None:
    first = midnight(parse_month("2026-02").end)
    credit = item("2026-02", "Promo", "-1.00", product="Credits", hours=None, start=first, end=first)
    uuid = provider.bill("2026-02", credit)
    discovered(store, provider)
    done = ingested(store, provider, uuid)
    assert (done.invoice.state, done.invoice.amount_cents) == (InvoiceState.RECONCILED, -100)


def test_only_what_the_provider_has_listed_can_be_asked_for(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    lines = read(provider.files[april]).lines
    with store.begin(OLGA) as work:
        other = ingest_invoice(work, OLGA, lines=lines, period=parse_month("2026-04"), now=NOW, account="b")

    def asked(invoice_id: UUID) -> None:
        ingest_provider_invoice(store, provider, OLGA, invoice_id=invoice_id, read=read, now=NOW)

    with pytest.raises(InvoiceNotListed, match="of 2026-04 was ingested by hand"):
        asked(other.invoice_id)
    with pytest.raises(CloudInvoiceNotFound):
        asked(NOBODYS)
    with pytest.raises(OperatorsOnly):
        ingest_provider_invoice(store, provider, ANN, invoice_id=NOBODYS, read=read, now=NOW)


def in_turn(store: FakeTransactions, provider: FakeCloudBilling) -> tuple[IngestedInTurn, list[int]]:
    steps: list[int] = []
    turn = ingest_discovered(
        store,
        provider,
        OLGA,
        invoices=discovered(store, provider).to_ingest,
        read=read,
        clock=SystemClock(),
        progress=steps.append,
    )
    return turn, steps


def test_in_turn_what_one_invoice_lacks_stops_no_other(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    march = provider.bill("2026-03", item("2026-03"))
    provider.faults["invoice_items"] = [ProviderFailed(call="GET", message="sorry", status=500)]
    turn, steps = in_turn(store, provider)  # the newest first
    assert [one.invoice.invoice_uuid for one in turn.ingested] == [march]
    assert [(header.invoice_uuid, error.code) for header, error in turn.failed] == [
        (april, "provider_failed")
    ]
    assert steps == [1, 1]


def test_in_turn_what_would_meet_every_invoice_stops_at_once(
    store: FakeTransactions, provider: FakeCloudBilling, april: str
) -> None:
    provider.faults["invoice_csv"] = [ProviderUnauthorized(call="GET", message="no", status=401)]
    with pytest.raises(ProviderUnauthorized):
        in_turn(store, provider)
