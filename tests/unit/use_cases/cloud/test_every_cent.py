"""Whatever runs, is assigned and is ruled: what is borne and what is nobody's is the invoice's amount."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from arcadia_app.use_cases.billing.margin_summary import margin_summary
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.rematch_costs import rematch_costs
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.statements import InvoiceItem
from arcadia_domain.period import midnight, parse_month
from arcadia_domain.ports.charges import ChargesAsked
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.held import assigned, recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, ingested
from tests.world import NOW, OLGA, deployed

MONTHS = ("2026-03", "2026-04")
PRODUCTS = ("Droplets", "Backups", "Taxes", "Credits", "Spaces Subscription", "Something New")
SECONDS = st.integers(0, 29 * 86400)
NAMES = st.integers(0, 4)


def within(month: str, seconds: int) -> datetime:
    return midnight(parse_month(month).start) + timedelta(seconds=seconds)


@st.composite
def bills(draw: st.DrawFn, month: str) -> list[InvoiceItem]:
    made = []
    for _ in range(draw(st.integers(1, 8))):
        start, end = sorted((draw(SECONDS), draw(SECONDS)))
        made.append(
            item(
                month,
                f"web-{draw(NAMES)} (s-1vcpu-1gb)",
                str(Decimal(draw(st.integers(-2000, 2000))).scaleb(-2)),
                product=draw(st.sampled_from(PRODUCTS)),
                start=within(month, start),
                end=within(month, end),
                resource_id=draw(st.none() | NAMES.map("{:05}".format)),
            )
        )
    return made


@st.composite
def accounts(draw: st.DrawFn) -> list[CloudResource]:
    made = []
    for number in range(draw(st.integers(0, 5))):
        birth, death = sorted((draw(SECONDS), draw(SECONDS)))
        made.append(
            resource(
                number,
                account=ACCOUNT,
                name=f"web-{draw(NAMES)}",
                created_at=within(draw(st.sampled_from(MONTHS)), birth),
                deleted_at=within("2026-04", death) if draw(st.booleans()) else None,
            )
        )
    return made


def charges(store: FakeTransactions, month: str) -> list[PlacedCharge]:
    with store.begin(OLGA) as work:
        return list(work.charges.each(ChargesAsked(period=parse_month(month))))


def ruled(store: FakeTransactions, charge: PlacedCharge, to: Deployment | None) -> None:
    ruling = Ruling(
        tenant_id=None if to is None else to.tenant_id,
        deployment_id=None if to is None else to.id,
        reason="known",
        actor="olga",
        at=NOW,
    )
    with store.begin(OLGA) as work:
        work.charges.rule(charge, ruling)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_cent_is_somebodys_or_said_to_be_nobodys(data: st.DataObject) -> None:
    store, provider = FakeTransactions(), FakeCloudBilling()
    uuids = [provider.bill(month, *data.draw(bills(month))) for month in MONTHS]
    discovered(store, provider)
    resources = data.draw(accounts())
    early = data.draw(st.integers(0, len(resources)))
    recorded(store, *resources[:early])
    for uuid in uuids:
        assert ingested(store, provider, uuid).problems == ()
    recorded(store, *resources[early:])  # seen by a sync that came after the invoices
    pilots = [deployed(store), deployed(store, slug="other")]
    for one in resources:
        for seconds in data.draw(st.lists(SECONDS, max_size=3, unique=True)):
            to = data.draw(st.sampled_from([*pilots, None]))
            assigned(store, one, to, within(data.draw(st.sampled_from(MONTHS)), seconds))
    given_to: dict[UUID, Deployment | None] = {}
    for month in MONTHS:
        for charge in charges(store, month):
            if data.draw(st.integers(0, 4)) == 0:
                given_to[charge.id] = data.draw(st.sampled_from([*pilots, None]))
                ruled(store, charge, given_to[charge.id])
    with store.begin(OLGA) as work:
        rematch_costs(work, OLGA)
        margins = {month: margin_summary(work, OLGA, period=parse_month(month)) for month in MONTHS}
    for uuid in uuids:
        ingested(store, provider, uuid)
    for month, uuid in zip(MONTHS, uuids, strict=True):
        found = charges(store, month)
        borne = 0
        for charge in found:
            split = charge.attribution
            shares = sum(share.amount_cents for share in split.shares)
            assert shares + split.unattributed_cents == charge.line.amount_cents
            borne += shares
            if charge.id in given_to:
                to = given_to[charge.id]
                holders = [(share.tenant_id, share.deployment_id) for share in split.shares]
                assert holders == ([] if to is None else [(to.tenant_id, to.id)])
        nobodys = sum(charge.attribution.unattributed_cents for charge in found)
        amount = int(provider.listed[uuid].amount.scaleb(2))
        assert borne + nobodys == amount
        summary = margins[month]
        assert (summary.overall.cogs_cents, summary.unattributed_cogs_cents) == (amount, nobodys)
        assert sum(one.margin.cogs_cents for one in summary.by_tenant) == borne
