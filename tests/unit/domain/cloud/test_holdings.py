"""What each deployment held."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.holdings import holdings
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.cloud.spans import Span
from tests.unit.domain.cloud.resources import APRIL, MAY, OTHER, PILOT, WEB, resource

TENANTS = {PILOT: "pilot", OTHER: "other"}
ASSIGNED = [Assignment(resource_id=WEB, from_at=APRIL, deployment_id=PILOT)]


def test_each_deployment_that_held_it_has_one_holding_with_all_its_stretches() -> None:
    days = [APRIL + timedelta(days=n) for n in range(3)]
    assignments = [
        Assignment(resource_id=WEB, from_at=day, deployment_id=deployment)
        for day, deployment in zip(days, (PILOT, OTHER, PILOT), strict=True)
    ]
    found = holdings(resource(), assignments, TENANTS)
    assert [(h.tenant_id, h.deployment_id, list(h.held)) for h in found] == [
        ("pilot", PILOT, [Span(days[0], days[1]), Span(days[2])]),
        ("other", OTHER, [Span(days[1], days[2])]),
    ]


def test_what_is_not_metered_or_in_no_deployment_is_no_holding() -> None:
    alone = [Assignment(resource_id=WEB, from_at=APRIL, tenant_id="pilot")]
    assert holdings(resource(), alone, TENANTS) == []
    assert holdings(resource(kind="firewall"), ASSIGNED, TENANTS) == []


def test_it_counts_as_it_is_now_where_nothing_else_is_recorded() -> None:
    now = resource(size_slug="s-2vcpu-4gb", attrs={"features": ["backups"]})
    [held] = holdings(now, ASSIGNED, TENANTS)
    assert now.created_at is not None
    rates = {"droplet_hours:s-2vcpu-4gb": Decimal(1), "backup_hours:s-2vcpu-4gb": Decimal(1)}
    assert held.changes == (RateChange(now.created_at, rates),)


def test_what_is_recorded_of_its_rates_counts_and_not_what_it_is_now() -> None:
    recorded = [RateChange(APRIL, {}), RateChange(MAY, {"droplet_hours:c-2": Decimal(1)})]
    [held] = holdings(resource(), ASSIGNED, TENANTS, recorded)
    assert held.changes == tuple(recorded)
