"""ingest_invoice: the provider's invoice of a month, matched to what ran."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv, sample_resources
from arcadia_app.use_cases.cloud.ingest_invoice import (
    Ingested,
    OtherPeriod,
    ingest_invoice,
)
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.provider_invoices import InvalidInvoiceUuid
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import Period, month_of
from tests.april import APRIL, AS_OF
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, OLGA

MAY = month_of(date(2026, 5, 1))


@pytest.fixture
def lines() -> tuple[CostLine, ...]:
    return tuple(parse(sample_invoice_csv()).lines)


def ingested(
    store: FakeTransactions, lines: tuple[CostLine, ...], period: Period = APRIL, uuid: str | None = None
) -> Ingested:
    with store.begin(OLGA) as work:
        return ingest_invoice(
            work, OLGA, lines=lines, period=period, now=AS_OF, invoice_uuid=uuid, account="digitalocean"
        )


def test_golden_5_april_has_33_lines_8692_cents_and_6_matches(
    store: FakeTransactions, lines: tuple[CostLine, ...]
) -> None:
    with store.begin(OLGA) as work:
        seen = sample_resources(work.new_id, AS_OF)
        record_inventory(work, OLGA, account="digitalocean", seen=seen, now=AS_OF)
    done = ingested(store, lines)
    assert (done.lines, done.amount_cents, done.currency) == (33, 8692, "USD")
    assert (done.matched, done.changed, done.period) == (6, True, APRIL)


def test_the_same_file_again_changes_nothing(store: FakeTransactions, lines: tuple[CostLine, ...]) -> None:
    first = ingested(store, lines)
    assert ingested(store, lines) == replace(first, changed=False)


def test_lines_match_once_their_resources_are_known(
    store: FakeTransactions, lines: tuple[CostLine, ...]
) -> None:
    assert ingested(store, lines).matched == 0
    with store.begin(OLGA) as work:
        seen = sample_resources(work.new_id, AS_OF)
        record_inventory(work, OLGA, account="digitalocean", seen=seen, now=AS_OF)
    again = ingested(store, lines)
    assert (again.matched, again.changed) == (6, True)


def test_a_file_that_is_plainly_of_another_month_is_refused(
    store: FakeTransactions, lines: tuple[CostLine, ...]
) -> None:
    with refusal(store, OLGA, OtherPeriod) as work:
        ingest_invoice(work, OLGA, lines=lines, period=MAY, now=AS_OF)


def test_a_line_in_another_currency_is_refused(store: FakeTransactions, lines: tuple[CostLine, ...]) -> None:
    foreign = [*lines[:-1], replace(lines[-1], currency="EUR")]
    with refusal(store, OLGA, MixedCurrencies) as work:
        ingest_invoice(work, OLGA, lines=foreign, period=APRIL, now=AS_OF)


def test_a_tenant_ingests_nothing(store: FakeTransactions, lines: tuple[CostLine, ...]) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        ingest_invoice(work, ANN, lines=lines, period=APRIL, now=AS_OF)


@pytest.mark.parametrize("bad", ["", "  ", "nonsense", "22737513-0ea7-4206-8ceb"])
def test_what_is_no_uuid_cannot_name_an_invoice(
    store: FakeTransactions, lines: tuple[CostLine, ...], bad: str
) -> None:
    with refusal(store, OLGA, InvalidInvoiceUuid) as work:
        ingest_invoice(work, OLGA, lines=lines, period=APRIL, now=AS_OF, invoice_uuid=bad)


def test_the_spellings_of_one_uuid_are_one_invoice(
    store: FakeTransactions, lines: tuple[CostLine, ...]
) -> None:
    known = "22737513-0ea7-4206-8ceb-98a575af7681"
    spellings = (known, known.upper(), known.replace("-", ""), f"{{{known}}}")
    results = [ingested(store, lines, uuid=spelling) for spelling in spellings]
    assert len({result.invoice_id for result in results}) == 1
    assert [result.changed for result in results] == [True, False, False, False]
