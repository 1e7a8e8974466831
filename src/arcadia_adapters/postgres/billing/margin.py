"""What a month's margin is computed from, on Postgres: revenue, summed by the database, and rates (SPEC 14).

What was charged is `charges`'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import Day
from arcadia_adapters.postgres.tables.invoices import tenant_invoice_lines, tenant_invoices
from arcadia_adapters.postgres.tables.tenants import fx_rates
from arcadia_domain.billing.margin import Revenue
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.period import Period

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

    def fx_rates(self) -> Sequence[FxRate]:
        return [
            FxRate(base=row.base, quote=row.quote, from_day=row.from_day, rate=row.rate, source=row.source)
            for row in self._connection.execute(_FX_RATES)
        ]
