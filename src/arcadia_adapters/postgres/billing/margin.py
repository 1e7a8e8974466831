"""What a month's margin is computed from, on Postgres:
revenue summed by the database, charges line by line (SPEC 14).

Owns three queries' worth of facts, whatever their number. Who bears a charge is the domain's rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.cost_line_rows import LINE_KEY, line_from
from arcadia_adapters.postgres.cloud.resource_rows import assignments_from, resource_from
from arcadia_adapters.postgres.tables.cloud import cloud_resources, resource_assignments
from arcadia_adapters.postgres.tables.costs import cloud_cost_lines, cloud_invoices, cost_attributions
from arcadia_adapters.postgres.tables.foundation import Day
from arcadia_adapters.postgres.tables.invoices import tenant_invoice_lines, tenant_invoices
from arcadia_adapters.postgres.tables.tenants import fx_rates
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.period import Period
from arcadia_domain.ports.cloud import Charge

_LINE: Final = tenant_invoice_lines.c
_MONTH: Final = sa.bindparam("month", type_=Day)

_kind = sa.func.coalesce(_LINE.resource_kind, _LINE.kind)
_axes: Final = (tenant_invoices.c.currency, _LINE.tenant_id, _LINE.deployment_id, _kind)
_REVENUE: Final = (
    sa.select(*_axes, sa.cast(sa.func.sum(_LINE.amount_cents), sa.BigInteger))
    .join(
        tenant_invoices,
        (tenant_invoices.c.tenant_id == _LINE.tenant_id) & (tenant_invoices.c.id == _LINE.invoice_id),
    )
    .where(
        tenant_invoices.c.period_start == _MONTH,
        tenant_invoices.c.status != "void",
        _LINE.kind != "tax",
    )
    .group_by(*_axes)
    .order_by(_LINE.tenant_id.collate("C"), _LINE.deployment_id, _kind.collate("C"))
)

_given = cost_attributions.alias("given")
_CHARGES: Final = (
    sa.select(
        cloud_cost_lines,
        _given.c.invoice_id.is_not(None).label("is_given"),
        _given.c.tenant_id.label("given_tenant"),
        _given.c.deployment_id.label("given_deployment"),
    )
    .join(cloud_invoices, cloud_invoices.c.id == cloud_cost_lines.c.invoice_id)
    .outerjoin(_given, sa.and_(*(_given.c[name] == cloud_cost_lines.c[name] for name in LINE_KEY)))
    .where(cloud_invoices.c.period == _MONTH)
    .order_by(cloud_cost_lines.c.invoice_id, cloud_cost_lines.c.line_no)
)
_charged = (
    sa.select(cloud_cost_lines.c.resource_id)
    .join(cloud_invoices, cloud_invoices.c.id == cloud_cost_lines.c.invoice_id)
    .where(cloud_invoices.c.period == _MONTH)
)
_RESOURCES: Final = sa.select(cloud_resources).where(cloud_resources.c.id.in_(_charged))
_ASSIGNMENTS: Final = (
    sa.select(resource_assignments)
    .where(resource_assignments.c.resource_id.in_(_charged))
    .order_by(resource_assignments.c.resource_id, resource_assignments.c.from_at)
)

_FX_RATES: Final = sa.select(fx_rates).order_by(
    fx_rates.c.base.collate("C"), fx_rates.c.quote.collate("C"), fx_rates.c.from_day,
    fx_rates.c.source.collate("C"),
)  # fmt: skip


class PostgresMarginFacts:
    """Facts of the margin, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def revenue(self, period: Period) -> Mapping[str, Sequence[Revenue]]:
        by_currency: dict[str, list[Revenue]] = defaultdict(list)
        for currency, tenant_id, deployment_id, kind, cents in self._connection.execute(
            _REVENUE, {"month": period.start}
        ):
            by_currency[currency].append(
                Revenue(tenant_id=tenant_id, deployment_id=deployment_id, kind=kind, amount_cents=cents)
            )
        return dict(by_currency)

    def charges(self, period: Period) -> Sequence[Charge]:
        month = {"month": period.start}
        resources = {row.id: resource_from(row) for row in self._connection.execute(_RESOURCES, month)}
        assigned = assignments_from(self._connection.execute(_ASSIGNMENTS, month))
        return [
            Charge(
                line=line_from(row),
                resource=(resource := _resource_of(row, resources)),
                assignments=tuple(assigned.get(resource.id, ())) if resource else (),
                given_to=_given_to(row),
            )
            for row in self._connection.execute(_CHARGES, month)
        ]

    def fx_rates(self) -> Sequence[FxRate]:
        return [
            FxRate(base=row.base, quote=row.quote, from_day=row.from_day, rate=row.rate, source=row.source)
            for row in self._connection.execute(_FX_RATES)
        ]


def _resource_of(row: sa.Row[Any], resources: Mapping[UUID, CloudResource]) -> CloudResource | None:
    """None too where an operator said that the line is nobody's: then its resource does not count."""
    said_nobody = row.is_given and row.given_tenant is None
    return None if said_nobody else resources.get(row.resource_id)


def _given_to(row: sa.Row[Any]) -> tuple[str, UUID | None] | None:
    return None if row.given_tenant is None else (row.given_tenant, row.given_deployment)
