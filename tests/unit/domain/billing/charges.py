"""Charges and months that the tests of leakage share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from arcadia_domain.billing.earning import EarningMonth
from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.charges import PlacedCharge, Ruling
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.period import Period, parse_month
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion, ResourcePrice
from arcadia_domain.pricing.kinds import resource_kind
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch
from tests.unit.domain.cloud.resources import OTHER, PILOT, SEEN, line

APRIL = parse_month("2026-04")
TENANTS = {PILOT: "acme", OTHER: "bobs-burgers"}


def day(number: int, hour: int = 0) -> datetime:
    """An instant of April by the number of its day; 31 is the first of May."""
    return datetime(2026, 4, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)


def held(
    resource: CloudResource, deployment_id: UUID | None, *, tenant_id: str | None = None, from_day: int = 1
) -> Assignment:
    """The deployment's, or the tenant's alone, from that day of April on."""
    return Assignment(
        resource_id=resource.id,
        from_at=day(from_day),
        tenant_id=TENANTS[deployment_id] if deployment_id else tenant_id,
        deployment_id=deployment_id,
    )


def charge(
    product: str = "Droplets",
    description: str = "web-1 (s-1vcpu-1gb)",
    *,
    cents: int = 600,
    of: CloudResource | None = None,
    assigned: tuple[Assignment, ...] = (),
    ruled: tuple[str | None, UUID | None] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> PlacedCharge:
    """A line of April for `of`, with who held it; `ruled` is an operator's word."""
    ruling = None
    if ruled is not None:
        ruling = Ruling(tenant_id=ruled[0], deployment_id=ruled[1], reason="known", actor="olga", at=SEEN)
    return PlacedCharge(
        id=UUID(int=1),
        invoice_id=UUID(int=2),
        account="acme",
        period=APRIL,
        invoice_uuid=None,
        line=line(
            description, product=product, start=start or day(1), end=end or day(31), amount_cents=cents
        ),
        resource=of,
        assignments=assigned,
        ruling=ruling,
        reason=None,
    )


def plan(*kinds: str, included: int = 0, price_cents: int = 1) -> PlanVersion:
    """A version that lists these kinds."""
    items = tuple(
        PlanItem(kind, Decimal(included), next(iter(resource_kind(kind).units)), price_cents)
        for kind in kinds
    )
    return PlanVersion("studio", "Studio", 1, 5000, "AUD", items)


def addon(kind: str) -> AttachedAddon:
    return AttachedAddon(0, "extra", kind, Decimal(50), 750, "AUD")


def stretch(
    *kinds: str,
    start: int = 1,
    end: int = 31,
    status: Status = Status.ACTIVE,
    addons: tuple[AttachedAddon, ...] = (),
) -> Stretch:
    """Days of April, until day `end`, on a version that lists these kinds."""
    return Stretch(Period(day(start).date(), day(end).date()), plan(*kinds), addons, status)


def fallback(kind: str, cents: int = 10, *, from_day: int = 1) -> ResourcePrice:
    return ResourcePrice(kind, "AUD", day(from_day), next(iter(resource_kind(kind).units)), cents)


def month(
    *stretches: Stretch, prices: tuple[ResourcePrice, ...] = (), used: tuple[str, ...] = ()
) -> EarningMonth:
    return EarningMonth(stretches, prices, frozenset(used))
