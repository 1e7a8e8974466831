"""What each deployment held."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.holdings import METERED, holdings, size_gb
from arcadia_domain.cloud.spans import Span
from arcadia_domain.pricing.kinds import KINDS
from tests.unit.domain.cloud.resources import APRIL, OTHER, PILOT, WEB, resource

TENANTS = {PILOT: "pilot", OTHER: "other"}


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
    assigned = [Assignment(resource_id=WEB, from_at=APRIL, deployment_id=PILOT)]
    assert holdings(resource(kind="firewall"), assigned, TENANTS) == []


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (25, Decimal(25)),
        (2.36, Decimal("2.36")),
        (Decimal("2.5"), Decimal("2.5")),
        ("1.92", Decimal("1.92")),
        ("big", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_a_size_is_read_as_it_was_written(written: object, size: Decimal | None) -> None:
    assert size_gb({"size_gigabytes": written}) == size


def test_no_size_is_no_size() -> None:
    assert size_gb({}) is None


def test_every_metered_kind_is_a_kind_of_the_registry() -> None:
    assert set(METERED.values()) <= set(KINDS)
