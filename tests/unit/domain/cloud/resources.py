"""Resources, lines and strategies that the tests of the cloud room share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from arcadia_domain.cloud.costs import CostLine, canonical_row
from arcadia_domain.cloud.inventory import CloudResource

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
SEEN = datetime(2026, 5, 3, 12, tzinfo=UTC)
WEB = UUID(int=1)
PILOT = UUID(int=100)
OTHER = UUID(int=101)


def resource(
    name: str = "web-1",
    *,
    number: int = 1,
    kind: str = "droplet",
    created_at: datetime | None = datetime(2026, 2, 1, tzinfo=UTC),
    deleted_at: datetime | None = None,
    tenant_id: str | None = None,
    deployment_id: UUID | None = None,
    region: str | None = "syd1",
    size_slug: str | None = "s-1vcpu-1gb",
    status: str | None = "active",
    tags: tuple[str, ...] = (),
    attrs: Mapping[str, object] | None = None,
) -> CloudResource:
    """A droplet named web-1, unless said otherwise."""
    return CloudResource(
        id=UUID(int=number),
        account="acme",
        provider_id=str(number),
        kind=kind,
        name=name,
        region=region,
        size_slug=size_slug,
        status=status,
        tags=tags,
        attrs=attrs or {},
        tenant_id=tenant_id,
        deployment_id=deployment_id,
        created_at=created_at,
        deleted_at=deleted_at,
        first_seen=SEEN,
        last_seen=SEEN,
    )


def line(
    description: str = "web-1 (s-1vcpu-1gb)",
    *,
    product: str = "Droplets",
    start: datetime = APRIL,
    end: datetime = MAY,
    amount_cents: int = 600,
) -> CostLine:
    """A line for web-1 through April, $6.00, unless said otherwise."""
    written = {
        "product": product,
        "group_description": "",
        "description": description,
        "hours": "720",
        "start": str(start),
        "end": str(end),
        "USD": str(amount_cents),
        "project_name": "",
    }
    return CostLine(
        line_no=2,
        product=product,
        group_description="",
        description=description,
        hours=Decimal(720),
        start=start,
        end=end,
        amount_cents=amount_cents,
        project_name="",
        row=canonical_row(written),
    )


def instants(first: datetime = APRIL, last: datetime = MAY) -> st.SearchStrategy[datetime]:
    """Instants to the microsecond, from `first` to `last`."""
    width = (last - first) // timedelta(microseconds=1)
    return st.integers(0, width).map(lambda step: first + timedelta(microseconds=step))
