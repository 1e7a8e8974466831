"""A month of resources that change, from the inventory to the invoice, to the cent, on every store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest

from arcadia_app.use_cases.billing.read_usage import read_usage
from arcadia_app.use_cases.billing.roll_up_period import RolledUp, roll_up_period
from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.draft_version import draft_version
from arcadia_app.use_cases.catalog.publish_version import publish_version
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.invoicing import Invoice
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.meters import RateChange, rates
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.pricing.catalog import PlanItem
from arcadia_domain.pricing.line import LineKind
from arcadia_domain.pricing.quoting import replay
from arcadia_domain.quantity import plain
from tests.april import APRIL, AS_OF
from tests.contracts.facts import counted, told
from tests.held import LONG_AGO, april, assigned, recorded, resource
from tests.world import NOW, OLGA, deployed, seeded, subscribed

SMALL, LARGE = "s-1vcpu-1gb", "s-2vcpu-4gb"
RESIZED_AT = april(16, 12)

BY_SIZE = (
    PlanItem("droplet_hours", Decimal(300), "hour", 1),
    PlanItem(f"droplet_hours:{LARGE}", Decimal(100), "hour", 3),
)
BY_HOURS = (PlanItem("droplet_hours", Decimal(400), "hour", 1),)


@pytest.fixture
def store(transactions: Transactions) -> Transactions:
    return seeded(transactions)


def on_plan(store: Transactions, items: Sequence[PlanItem]) -> Deployment:
    """A deployment, all April on a plan of its own."""
    with store.begin(OLGA) as work:
        create_plan(work, OLGA, code="own", name="Own", now=NOW)
        draft = draft_version(
            work, OLGA, plan_code="own", base_price_cents=5000, currency="AUD", items=items, now=NOW
        )
        assert draft.id is not None
        publish_version(work, OLGA, version_id=draft.id, now=NOW)
    pilot = deployed(store, OLGA, tenant_id="acme")
    subscribed(store, pilot, OLGA, plan_code="own", starts_on=APRIL.start)
    return pilot


def holds(store: Transactions, pilot: Deployment, *resources: CloudResource) -> None:
    recorded(store, *resources)
    for one in resources:
        assigned(store, one, pilot)


def resized(store: Transactions, pilot: Deployment, at: datetime = RESIZED_AT) -> None:
    """A droplet with backups that was resized: it is what it is now, and was something else."""
    features: dict[str, object] = {"features": ["backups"]}
    now = resource(size_slug=LARGE, attrs=features)
    holds(store, pilot, now)
    before, after = (RateChange(from_at, rates("droplet", size, features)) for from_at, size in (
        (LONG_AGO, SMALL),
        (at, LARGE),
    ))  # fmt: skip
    counted(store, now.id, before, after)


def rolled_up(store: Transactions, *, force: bool = False) -> RolledUp:
    return roll_up_period(store, OLGA, period=APRIL, now=AS_OF, force=force)


def invoice_of(store: Transactions) -> Invoice:
    with store.begin(OLGA) as work:
        found = work.invoices.of_period("acme", APRIL.start)
    assert found is not None
    return found


def overage(invoice: Invoice) -> dict[str | None, tuple[str, int]]:
    lines = (placed.line for placed in invoice.lines)
    return {
        line.resource_kind: (plain(line.qty), line.amount_cents)
        for line in lines
        if line.kind is LineKind.OVERAGE
    }


def billed(invoice: Invoice) -> dict[str, str]:
    return {used.kind: plain(used.qty) for used in invoice.billed}


def usage(store: Transactions, pilot: Deployment) -> dict[str, tuple[str, str]]:
    """What the tenant is shown: by kind, used and included."""
    with store.begin(OLGA) as work:
        found = read_usage(work, OLGA, deployment_id=pilot.id, now=AS_OF, period=APRIL)
    return {item.kind.code: (plain(item.used), plain(item.allowance)) for item in found.items}


def test_hours_by_size_bill_a_resized_droplet_on_both_its_sizes(store: Transactions) -> None:
    pilot = on_plan(store, BY_SIZE)
    resized(store, pilot)
    assert rolled_up(store).failures == ()
    invoice = invoice_of(store)
    # 15 days and a half small, 14 and a half large; backups are in no plan, and nothing prices them.
    assert overage(invoice) == {
        "droplet_hours": ("72", 72),
        f"droplet_hours:{LARGE}": ("248", 744),
        "backup_hours": ("720", 0),
    }
    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (5816, 582, 6398)
    assert billed(invoice) == {
        "droplet_hours": "372",
        f"droplet_hours:{LARGE}": "348",
        "backup_hours": "720",
    }
    assert usage(store, pilot) == {
        "droplet_hours": ("372", "300"),
        f"droplet_hours:{LARGE}": ("348", "100"),
        "backup_hours": ("720", "0"),
    }


def test_a_plan_that_names_no_size_bills_all_of_them_together(store: Transactions) -> None:
    pilot = on_plan(store, BY_HOURS)
    resized(store, pilot)
    rolled_up(store)
    invoice = invoice_of(store)
    assert overage(invoice) == {"droplet_hours": ("320", 320), "backup_hours": ("720", 0)}
    assert billed(invoice) == {"droplet_hours": "720", "backup_hours": "720"}
    assert usage(store, pilot)["droplet_hours"] == ("720", "400")


def test_a_month_metered_and_rolled_up_again_stays_and_its_inputs_say_why(store: Transactions) -> None:
    pilot = on_plan(store, BY_SIZE)
    resized(store, pilot, april(30, 23))
    rolled_up(store)
    before = invoice_of(store)
    again = rolled_up(store, force=True)
    assert (again.created, again.rebuilt, again.unchanged) == (0, 0, 1)
    after = invoice_of(store)
    assert (after.lines, after.quote_hash) == (before.lines, before.quote_hash)
    assert overage(after)["droplet_hours"] == ("419", 419)
    assert f"droplet_hours:{LARGE}" not in overage(after)  # one hour, and a hundred are included
    [inputs] = after.inputs
    assert replay(inputs.inputs).hash() == inputs.hash


def test_a_resize_that_is_learnt_of_later_moves_the_hours_of_a_draft(store: Transactions) -> None:
    pilot = on_plan(store, BY_SIZE)
    holds(store, pilot, resource(size_slug=SMALL, attrs={}))
    rolled_up(store)
    assert billed(invoice_of(store)) == {"droplet_hours": "720"}
    resized(store, pilot)
    assert rolled_up(store, force=True).rebuilt == 1
    assert billed(invoice_of(store))[f"droplet_hours:{LARGE}"] == "348"


def test_a_space_is_billed_by_what_is_pushed_and_its_tenant_is_named_where_nothing_is(
    store: Transactions,
) -> None:
    pilot = on_plan(store, BY_HOURS)
    holds(store, pilot, resource(kind="space", attrs={}, created_at=april(29)))
    [failure] = rolled_up(store).failures
    assert (failure.tenant_id, failure.code) == ("acme", "resource_without_size")
    told(store, pilot, "spaces_gb_month", april(29, 23), "0")
    told(store, pilot, "spaces_gb_month", april(30, 23), "1.5")
    found = rolled_up(store)
    assert (found.failures, found.conflicts) == ((), ())
    assert billed(invoice_of(store)) == {"spaces_gb_month": "1.5"}
    with store.begin(OLGA) as work:
        assert work.usage.unmetered_days(APRIL) == []


def test_everything_that_is_charged_is_metered_and_billed(store: Transactions) -> None:
    pilot = on_plan(store, (PlanItem("volume_gb_month", Decimal(4), "gb_month", 10), *BY_HOURS))
    holds(
        store,
        pilot,
        resource(1, kind="volume", attrs={"size_gigabytes": 10}),
        resource(2, kind="database", size_slug="db-s-1vcpu-1gb", attrs={"num_nodes": 2}),
        resource(3, kind="load_balancer", attrs={"size_unit": 3}),
        resource(4, kind="reserved_ip", attrs={"droplet_id": "1"}),
        resource(5, kind="kubernetes_node_pool", size_slug=SMALL, attrs={"count": 3}),
        resource(6, kind="kubernetes_cluster", attrs={"ha": True}),
        resource(7, kind="registry", size_slug="basic", attrs={"storage_usage_bytes": 5 * 2**30}),
        resource(8, kind="image", attrs={"type": "custom", "size_gigabytes": 2}),
        resource(9, kind="app", attrs={"spec": {"services": [{"name": "web", "instance_count": 2}]}}),
        resource(10, kind="firewall"),
    )
    assert rolled_up(store).failures == ()
    invoice = invoice_of(store)
    assert overage(invoice)["volume_gb_month"] == ("6", 60)
    assert billed(invoice) == {
        "volume_gb_month": "10",
        "image_gb_month": "2",
        "database_hours": "1440",
        "kubernetes_node_hours": "2160",
        "kubernetes_ha_hours": "720",
        "load_balancer_hours": "2160",
        "app_hours": "1440",
        "registry_hours": "720",
        "registry_gb_month": "5",
    }
    with store.begin(OLGA) as work:
        assert work.usage.unmetered_days(APRIL) == []
