"""What every Charges must do (ports.charges), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.attribution import Share
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import How, Match, Unmatched
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource, InvoiceState
from arcadia_domain.period import Period, month_of
from arcadia_domain.ports.charges import ChargePlace, ChargesAsked, HeaderPlace
from arcadia_domain.ports.unit_of_work import Transactions
from tests.contracts.facts import attributed
from tests.contracts.refusals import refused
from tests.contracts.test_costs import line, stored, unmatched
from tests.fakes.transactions import FakeTransactions
from tests.held import ACCOUNT, april, assigned, recorded, resource
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, deployed

APRIL, MAY = month_of(date(2026, 4, 1)), month_of(date(2026, 5, 1))
TAX = Unmatched.TAX


@pytest.fixture
def pilot(transactions: Transactions) -> Deployment:
    return deployed(transactions)


def each(transactions: Transactions, asked: ChargesAsked | None = None) -> list[PlacedCharge]:
    with transactions.begin(OLGA) as work:
        return list(work.charges.each(asked or ChargesAsked()))


def lines(transactions: Transactions, asked: ChargesAsked | None = None) -> list[CostLine]:
    return [one.line for one in each(transactions, asked)]


def previewed(transactions: Transactions, *matches: Match, period: Period = MAY) -> None:
    amount = sum(match.line.amount_cents for match in matches)
    invoice = CloudInvoice(
        ACCOUNT, period, amount, "USD", InvoiceSource.PREVIEW, f"preview-{period.start:%Y-%m}"
    )
    with transactions.begin(OLGA) as work:
        work.costs.store_preview(invoice, matches, work.new_id(), NOW)


def test_a_line_is_read_in_its_place_with_its_resource_and_who_held_it(
    transactions: Transactions, pilot: Deployment
) -> None:
    web = resource()
    recorded(transactions, web)
    told = assigned(transactions, web, pilot, april(10))
    tax = Match(replace(line(2), product="Taxes"), reason=TAX)
    invoice = stored(transactions, [Match(line(1), web.id, How.NAME), tax], uuid="u-1")
    first, second = each(transactions)
    assert (first.invoice_id, first.account, first.period, first.invoice_uuid) == (
        invoice.invoice_id,
        ACCOUNT,
        APRIL,
        "u-1",
    )
    assert (first.line, first.assignments, first.ruling, first.reason) == (line(1), (told,), None, None)
    assert first.resource is not None
    assert first.resource.id == web.id
    assert (second.line, second.resource, second.assignments, second.reason) == (tax.line, None, (), TAX)


def test_a_line_keeps_its_id_through_another_ingest(transactions: Transactions) -> None:
    twice = [line(1), line(1, ordinal=1, line_no=3)]
    stored(transactions, unmatched(*twice))
    before = {one.line.ordinal: one.id for one in each(transactions)}
    stored(transactions, unmatched())
    stored(transactions, unmatched(*(replace(one, line_no=9 - one.line_no) for one in twice)))
    assert {one.line.ordinal: one.id for one in each(transactions)} == before


def test_lines_come_invoice_by_invoice_as_they_are_written(transactions: Transactions) -> None:
    for number in (1, 2):
        stored(transactions, unmatched(line(3), line(1), line(2)), uuid=f"u-{number}")
    places = [(one.invoice_id, one.line.line_no) for one in each(transactions)]
    assert places == sorted(places)
    assert [line_no for _, line_no in places] == [2, 3, 4, 2, 3, 4]


def test_a_page_goes_on_after_the_last_line_that_was_seen(transactions: Transactions) -> None:
    for number in (1, 2):
        stored(transactions, unmatched(*map(line, range(1, 4))), uuid=f"u-{number}")
    seen: list[PlacedCharge] = []
    with transactions.begin(OLGA) as work:
        after: ChargePlace | None = None
        while page := work.charges.page(ChargesAsked(), after=after, limit=4):
            seen += page
            after = ChargePlace(page[-1].invoice_id, page[-1].line.line_no, page[-1].id)
    assert seen == each(transactions)
    assert len(seen) == 6


def test_lines_are_asked_for_by_month_invoice_kind_and_match(transactions: Transactions) -> None:
    web = resource()
    recorded(transactions, web)
    volume = replace(line(2), product="Volumes")
    a = stored(transactions, [Match(line(1), web.id, How.NAME), *unmatched(volume)], uuid="u-1")
    stored(transactions, unmatched(line(3)), uuid="u-2", period=MAY)
    assert lines(transactions, ChargesAsked(period=APRIL)) == [line(1), volume]
    assert lines(transactions, ChargesAsked(invoice_ids=[a.invoice_id])) == [line(1), volume]
    assert lines(transactions, ChargesAsked(invoice_ids=[])) == []
    assert lines(transactions, ChargesAsked(kind="volume")) == [volume]
    assert lines(transactions, ChargesAsked(matched=True)) == [line(1)]
    assert lines(transactions, ChargesAsked(period=MAY, matched=False)) == [line(3)]


def test_a_month_to_date_is_told_to_who_asks_for_it(transactions: Transactions) -> None:
    stored(transactions, unmatched(line(1)))
    previewed(transactions, *unmatched(line(2)))
    assert lines(transactions) == [line(1)]
    assert lines(transactions, ChargesAsked(period=MAY, preview=True)) == [line(2)]
    [preview] = each(transactions, ChargesAsked(period=MAY, preview=True))
    with transactions.begin(OLGA) as work:
        assert work.charges.get(preview.id) is None
        assert [one.header.month for one in work.charges.invoices(after=None, limit=9)] == [APRIL.start]
        assert work.charges.invoice(preview.invoice_id) is None


def test_a_line_is_found_by_its_id(transactions: Transactions) -> None:
    stored(transactions, unmatched(line(1), line(2)))
    first, second = each(transactions)
    with transactions.begin(OLGA) as work:
        assert work.charges.get(second.id) == second
        assert work.charges.get(first.id) == first
        assert work.charges.get(NOBODYS) is None


def ruled(transactions: Transactions) -> list[tuple[CostLine, Ruling | None]]:
    return [(one.line, one.ruling) for one in each(transactions)]


def test_a_ruling_stays_with_what_the_row_says_through_a_shuffled_ingest(
    transactions: Transactions, pilot: Deployment
) -> None:
    twice = [line(1), line(1, ordinal=1, line_no=3)]
    invoice = stored(transactions, unmatched(*twice, line(4))).invoice_id
    attributed(transactions, invoice, twice[1], pilot.tenant_id, pilot.id)
    attributed(transactions, invoice, line(4), None)
    before = {(one.row_sha256, one.ordinal): ruling for one, ruling in ruled(transactions)}
    assert [ruling and ruling.tenant_id for ruling in before.values()] == [None, pilot.tenant_id, None]
    stored(transactions, unmatched())
    stored(transactions, unmatched(*(replace(one, line_no=20 - one.line_no) for one in (*twice, line(4)))))
    after = ruled(transactions)
    assert [one.line_no for one, _ in after] == [15, 17, 18]
    assert {(one.row_sha256, one.ordinal): ruling for one, ruling in after} == before


def test_a_ruling_takes_the_place_of_an_earlier_one_and_is_taken_back(
    transactions: Transactions, pilot: Deployment
) -> None:
    invoice = stored(transactions, unmatched(line(1))).invoice_id
    attributed(transactions, invoice, line(1), pilot.tenant_id, pilot.id)
    attributed(transactions, invoice, line(1), None)
    [charge] = each(transactions)
    assert charge.ruling == Ruling(
        tenant_id=None, deployment_id=None, reason="known to be theirs", actor="olga", at=NOW
    )
    for _ in range(2):
        with transactions.begin(OLGA) as work:
            work.charges.rule(charge, None)
        assert ruled(transactions) == [(line(1), None)]


def bearers(transactions: Transactions, asked: ChargesAsked) -> list[Sequence[Share]]:
    return [one.attribution.shares for one in each(transactions, asked)]


def test_who_bears_some_of_a_line_is_found_by_tenant_and_by_deployment(
    transactions: Transactions, pilot: Deployment
) -> None:
    other = deployed(transactions, BOB)
    web, free = resource(1), resource(2)
    recorded(transactions, web, free)
    assigned(transactions, web, pilot, april(1))
    assigned(transactions, web, other, april(16))
    stored(transactions, [Match(line(1), web.id, How.NAME), Match(line(2), free.id, How.NAME)])
    [shares] = bearers(transactions, ChargesAsked(tenant_id=pilot.tenant_id))
    assert shares == (Share(pilot.tenant_id, pilot.id, 300), Share(other.tenant_id, other.id, 300))
    for asked in (
        ChargesAsked(deployment_id=other.id),
        ChargesAsked(tenant_id=other.tenant_id, deployment_id=other.id),
    ):
        assert bearers(transactions, asked) == [shares]
    assert bearers(transactions, ChargesAsked(tenant_id=pilot.tenant_id, deployment_id=other.id)) == []
    assert bearers(transactions, ChargesAsked(tenant_id="nobody")) == []


_DAYS = st.integers(min_value=1, max_value=30)
_STORY = st.lists(st.tuples(_DAYS, st.sampled_from(["pilot", "other", None])), max_size=5)
_RULED = st.sampled_from(["pilot", "other", None, "unruled"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=_STORY, runs=st.tuples(_DAYS, _DAYS).map(sorted), ruling=_RULED)
def test_who_is_found_to_bear_a_line_is_who_has_a_share_of_it(
    transactions: Transactions, story: list[tuple[int, str | None]], runs: list[int], ruling: str | None
) -> None:
    """The rule stands twice, in the domain and in SQL: whatever happened, they say the same."""
    if isinstance(transactions, FakeTransactions):
        transactions.state = FakeTransactions().state
    both = {"pilot": _of(transactions, ANN), "other": _of(transactions, BOB)}
    number = len(each(transactions)) + 1
    web = resource(number, id=UUID(int=0xC10D0000 + number))
    recorded(transactions, web)
    for day, name in story:
        assigned(transactions, web, None if name is None else both[name], april(day))
    ran = replace(line(number), start=april(runs[0]), end=april(runs[1]), line_no=number + 1)
    known = [Match(one.line, one.resource.id, How.NAME) for one in each(transactions) if one.resource]
    invoice = stored(transactions, [*known, Match(ran, web.id, How.NAME)]).invoice_id
    if ruling != "unruled":
        to = None if ruling is None else both[ruling]
        held_by = (None, None) if to is None else (to.tenant_id, to.id)
        attributed(transactions, invoice, ran, *held_by)
    for deployment in both.values():
        theirs = {
            one.id
            for one in each(transactions)
            if deployment.id in {share.deployment_id for share in one.attribution.shares}
        }
        for asked in (
            ChargesAsked(tenant_id=deployment.tenant_id),
            ChargesAsked(deployment_id=deployment.id),
        ):
            assert {one.id for one in each(transactions, asked)} == theirs


def _of(transactions: Transactions, by: object) -> Deployment:
    tenant = ANN if by is ANN else BOB
    with transactions.begin(tenant) as work:
        found = work.deployments.by_slug(tenant.tenant_id, "pilot")
    return found or deployed(transactions, tenant)


def test_a_resource_that_was_never_assigned_is_borne_by_whom_its_row_names(
    transactions: Transactions, pilot: Deployment
) -> None:
    web = resource(tenant_id=pilot.tenant_id, deployment_id=pilot.id)
    recorded(transactions, web)
    stored(transactions, [Match(line(1), web.id, How.NAME)])
    [shares] = bearers(transactions, ChargesAsked(tenant_id=pilot.tenant_id))
    assert shares == (Share(pilot.tenant_id, pilot.id, 600),)


def test_invoices_are_listed_newest_month_first_with_how_many_lines_match(transactions: Transactions) -> None:
    web = resource()
    recorded(transactions, web)
    for number, period in ((1, APRIL), (2, MAY), (3, APRIL)):
        stored(
            transactions,
            [Match(line(1), web.id, How.NAME), *unmatched(line(2))],
            uuid=f"u-{number}",
            period=period,
        )
    with transactions.begin(OLGA) as work:
        listed = list(work.charges.invoices(after=None, limit=9))
        first = work.charges.invoices(after=None, limit=1)
        place = HeaderPlace(first[0].header.month, first[0].header.id)
        rest = work.charges.invoices(after=place, limit=9)
        assert work.charges.invoice(listed[0].header.id) == listed[0]
        assert work.charges.invoice(NOBODYS) is None
        april_only = work.charges.invoices(after=None, limit=9, period=APRIL)
        ingested = work.charges.invoices(after=None, limit=9, state=InvoiceState.INGESTED)
        flagged = work.charges.invoices(after=None, limit=9, state=InvoiceState.FLAGGED)
    assert [one.header.month for one in listed] == [MAY.start, APRIL.start, APRIL.start]
    assert {(one.header.lines, one.matched) for one in listed} == {(2, 1)}
    assert [*first, *rest] == listed
    assert april_only == listed[1:]
    assert (ingested, flagged) == (listed, [])


def test_a_tenant_reads_no_charge_and_rules_on_none(transactions: Transactions) -> None:
    invoice = stored(transactions, unmatched(line(1)))
    [charge] = each(transactions)
    with refused(), transactions.begin(ANN) as work:
        work.charges.page(ChargesAsked(), after=None, limit=1)
    with refused(), transactions.begin(ANN) as work:
        work.charges.rule(charge, None)
    with refused(), transactions.begin(ANN) as work:
        work.charges.invoice(invoice.invoice_id)
