"""read_usage: a month so far by kind, with what is included."""

from __future__ import annotations

from datetime import date

import pytest

from arcadia_app.use_cases.billing.read_usage import read_usage
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.transition import transition
from arcadia_domain.billing.deployments import Deployment, State
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period, month_of
from arcadia_domain.pricing.kinds import KINDS
from arcadia_domain.quantity import plain
from tests.april import APRIL, metered, pilots
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, OLGA, at

MID_APRIL = at(date(2026, 4, 15))


def used(
    shop: FakeTransactions, pilot: Deployment, period: Period | None = None
) -> dict[str, tuple[str, str, str]]:
    """By kind: used, allowance, overage."""
    with shop.begin(ANN) as work:
        found = read_usage(work, ANN, deployment_id=pilot.id, now=MID_APRIL, period=period)
    assert found.period == (period or APRIL)
    return {
        item.kind.code: (plain(item.used), plain(item.allowance), plain(item.overage)) for item in found.items
    }


def test_sums_are_added_up_and_peaks_are_not(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    metered(
        shop,
        (pilot, "droplet_hours", 1, "1000"),
        (pilot, "droplet_hours", 2, "500.5"),
        (pilot, "dns_zones", 1, "3"),
        (pilot, "dns_zones", 2, "2"),
    )
    found = used(shop, pilot)
    assert found["droplet_hours"] == ("1500.5", "1488", "12.5")
    assert found["dns_zones"][0] == "3"


def test_every_kind_of_the_plan_stands_there_in_the_registrys_order(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    found = used(shop, pilot)
    assert list(found) == list(KINDS)[:6]  # those of Studio
    assert {item[0] for item in found.values()} == {"0"}


def test_a_size_stands_under_the_kind_that_bills_it(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    metered(
        shop,
        (pilot, "droplet_hours:s-4vcpu-8gb", 1, "1000"),
        (pilot, "droplet_hours:s-1vcpu-1gb", 1, "488.5"),
        (pilot, "backup_hours:s-1vcpu-1gb", 1, "20"),
    )
    found = used(shop, pilot)
    assert found["droplet_hours"] == ("1488.5", "1488", "0.5")
    assert found["backup_hours"] == ("20", "0", "20")  # Studio names it nowhere
    assert not any(":" in kind for kind in found)


def test_an_addon_lifts_what_is_included(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", addon_codes=["storage_50gb"])
    metered(shop, (pilot, "spaces_gb_month", 1, "149"))
    assert used(shop, pilot)["spaces_gb_month"] == ("149", "150", "0")


def test_the_allowance_is_that_of_the_month_as_it_stands(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme")
    with shop.begin(ANN) as work:
        for day, to in ((11, State.PAUSED), (21, State.ACTIVE)):
            transition(work, ANN, deployment_id=pilot.id, to=to, now=at(date(2026, 4, day)))
    assert used(shop, pilot)["droplet_hours"] == ("0", "992", "0")
    assert used(shop, pilot, month_of(date(2026, 5, 1)))["droplet_hours"] == ("0", "1488", "0")


def test_a_month_that_is_paused_whole_lists_the_plans_kinds_with_nothing_included(
    shop: FakeTransactions,
) -> None:
    [pilot] = pilots(shop, "acme", starts_on=date(2026, 3, 1))
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=pilot.id, to=State.PAUSED, now=at(date(2026, 3, 31)))
    assert used(shop, pilot)["droplet_hours"] == ("0", "0", "0")


def test_without_a_subscription_only_what_was_used_stands_there(shop: FakeTransactions) -> None:
    [pilot] = pilots(shop, "acme", starts_on=None)
    assert used(shop, pilot) == {}
    metered(shop, (pilot, "bandwidth_gb", 1, "7"))
    assert used(shop, pilot) == {"bandwidth_gb": ("7", "0", "7")}


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(shop: FakeTransactions, by: Principal) -> None:
    [pilot] = pilots(shop, "acme")
    with refusal(shop, by, DeploymentNotFound) as work:
        read_usage(work, by, deployment_id=pilot.id if by is BOB else NOBODYS, now=MID_APRIL)
