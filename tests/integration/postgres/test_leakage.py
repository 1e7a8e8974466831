"""The leakage of a month end to end: a volume that no plan names, beside droplets that one does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import ACCOUNT, sample_invoice_csv, sample_resources
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.use_cases.billing.leakage_report import leakage_report
from arcadia_app.use_cases.catalog.set_price import set_price
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.billing.leakage import Leak, Leakage
from arcadia_domain.billing.unearned import LeakReason
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.period import midnight
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.april import APRIL, AS_OF, metered, pilots
from tests.contracts.test_costs import line, stored
from tests.held import LONG_AGO, assigned, recorded, resource
from tests.integration.postgres.test_set_statements import FEW, MANY, number_of
from tests.world import OLGA, seeded

PLANTED = (
    b"Volumes,,planted (syd1) 10GB,720,2026-04-01 00:00:00 +0000,2026-04-30 23:59:59 +0000,"
    b"$1.00,Arcadia,iaas\n"
)
VOLUME = resource(
    4711, account=ACCOUNT, kind="volume", name="planted", size_slug=None, attrs={"size_gigabytes": 10}
)


@pytest.fixture
def store(pools: Pools) -> Transactions:
    return seeded(PostgresTransactions(pools))


def leakage_of(store: Transactions) -> Leakage:
    with store.begin(OLGA) as work:
        return leakage_report(work, OLGA, period=APRIL)


def played(store: Transactions, deployment_id: UUID) -> None:
    """April of the sample account with the planted volume: held by the deployment, charged, metered."""
    with store.begin(OLGA) as work:
        seen = (*sample_resources(work.new_id, LONG_AGO), VOLUME)
        record_inventory(work, OLGA, account=ACCOUNT, seen=seen, now=AS_OF)
        for one in work.inventory.of_account(ACCOUNT):
            assign_resource(
                work,
                OLGA,
                resource_id=one.id,
                deployment_id=deployment_id,
                from_at=midnight(APRIL.start),
                now=AS_OF,
            )
        lines = parse(sample_invoice_csv() + PLANTED).lines
        assert ingest_invoice(work, OLGA, lines=lines, period=APRIL, now=AS_OF).matched == 7
    for day in APRIL:
        with store.begin(OLGA) as work:
            assert meter_day(work, OLGA, day=day, now=AS_OF).failures == ()


def test_a_planted_volume_that_no_plan_names_is_reported_until_it_has_a_price(store: Transactions) -> None:
    [pilot] = pilots(store, "pilot")
    played(store, pilot.id)
    before = leakage_of(store)
    of_the_pilot = [item for item in before.items if item.tenant_id]
    assert of_the_pilot == [
        Leak(
            tenant_id="pilot",
            deployment_id=pilot.id,
            kind="volume",
            product="Volumes",
            reason=LeakReason.NO_PRICE,
            amount_cents=100,
            lines=1,
        )
    ]
    assert (before.looked_at_cents, before.left_out_cents) == (8692 - 790 + 100, 790)
    assert before.total_cents == before.looked_at_cents - 3053
    with store.begin(OLGA) as work:
        set_price(
            work,
            OLGA,
            kind="volume_gb_month",
            currency="AUD",
            from_at=midnight(APRIL.end - timedelta(days=1)),
            unit="gb_month",
            price_cents=15,
        )
    after = leakage_of(store)
    assert after.items == tuple(item for item in before.items if item not in of_the_pilot)
    assert after.looked_at_cents == before.looked_at_cents


def test_a_report_takes_as_many_statements_whatever_is_charged(pools: Pools, store: Transactions) -> None:
    made = pilots(store, *(f"t{n:02}" for n in range(MANY)), addon_codes=["storage_50gb"])
    metered(store, *((one, "droplet_hours", day, "72") for one in made for day in (1, 2)))
    resources = [resource(number) for number in range(MANY)]
    recorded(store, *resources)
    for one, deployment in zip(resources, made, strict=True):
        assigned(store, one, deployment)

    def report(work: Work) -> None:
        found = leakage_report(work, OLGA, period=APRIL)
        assert found.items == ()
        assert found.looked_at_cents > 0

    taken = []
    for some in (FEW, MANY):
        stored(store, [Match(line(n), one.id, How.NAME) for n, one in enumerate(resources[:some])])
        taken.append(number_of(pools, store, report))
    assert taken[0] == taken[1] <= 10
