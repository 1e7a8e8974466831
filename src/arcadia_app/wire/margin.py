"""The margin of a month on the wire (SPEC 14, 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, structs

from arcadia_app.wire.types import Cents, Currency, Decimal, Month, Shape, TenantId
from arcadia_domain.billing import margin
from arcadia_domain.cloud import fx
from arcadia_domain.quantity import plain


class ExchangeRate(Shape):
    """What the provider's currency was converted with. `assumed`: no rate was known, and 1 was taken."""

    pair: Annotated[str, Meta(description="USD/AUD: one USD is worth `rate` AUD.", examples=["USD/AUD"])]
    rate: Annotated[Decimal, Meta(examples=["1"])]
    source: str
    assumed: bool

    @classmethod
    def of(cls, rate: fx.Rate) -> ExchangeRate:
        return cls(pair=rate.pair, rate=plain(rate.rate), source=rate.source, assumed=rate.assumed)


class MarginFigures(Shape):
    """Revenue without tax against costs; `cogs_cents` holds the provider's tax, `cogs_ex_tax_cents` not."""

    revenue_cents: Cents
    cogs_cents: Cents
    cogs_ex_tax_cents: Cents
    margin_cents: Cents
    margin_pct: Annotated[
        Decimal | None,
        Meta(description="Of the revenue, to one decimal; null where there is none.", examples=["57.1"]),
    ]

    @classmethod
    def figures(cls, figures: margin.Margin) -> MarginFigures:
        return cls(
            revenue_cents=figures.revenue_cents,
            cogs_cents=figures.cogs_cents,
            cogs_ex_tax_cents=figures.cogs_ex_tax_cents,
            margin_cents=figures.margin_cents,
            margin_pct=None if figures.margin_pct is None else f"{figures.margin_pct:f}",
        )


class TenantMargin(MarginFigures):
    """The margin of one tenant."""

    tenant_id: TenantId

    @classmethod
    def of(cls, row: margin.TenantMargin) -> TenantMargin:
        return cls(tenant_id=row.tenant_id, **structs.asdict(MarginFigures.figures(row.margin)))


class DeploymentMargin(MarginFigures):
    """The margin of one deployment."""

    deployment_id: UUID
    tenant_id: TenantId

    @classmethod
    def of(cls, row: margin.DeploymentMargin) -> DeploymentMargin:
        return cls(
            deployment_id=row.deployment_id,
            tenant_id=row.tenant_id,
            **structs.asdict(MarginFigures.figures(row.margin)),
        )


class KindAmount(Shape):
    """What one kind brought or cost."""

    kind: Annotated[str, Meta(examples=["droplet_hours"])]
    amount_cents: Cents

    @classmethod
    def of(cls, row: margin.KindAmount) -> KindAmount:
        return cls(kind=row.kind, amount_cents=row.amount_cents)


class MarginByKind(Shape):
    """Two axes that are not set against each other: resource kinds sold, inventory kinds charged for."""

    revenue: list[KindAmount]
    cogs: list[KindAmount]

    @classmethod
    def of(cls, by_kind: margin.ByKind) -> MarginByKind:
        return cls(
            revenue=[KindAmount.of(row) for row in by_kind.revenue],
            cogs=[KindAmount.of(row) for row in by_kind.cogs],
        )


class Margin(Shape):
    """What a month brought and cost. Overall is the sum of the tenants and of what is nobody's."""

    period: Month
    currency: Currency
    fx: ExchangeRate
    overall: MarginFigures
    by_tenant: list[TenantMargin]
    by_deployment: list[DeploymentMargin]
    by_kind: MarginByKind
    unattributed_cogs_cents: Cents

    @classmethod
    def of(cls, summary: margin.MarginSummary) -> Margin:
        return cls(
            period=f"{summary.month.start:%Y-%m}",
            currency=summary.currency,
            fx=ExchangeRate.of(summary.fx),
            overall=MarginFigures.figures(summary.overall),
            by_tenant=[TenantMargin.of(row) for row in summary.by_tenant],
            by_deployment=[DeploymentMargin.of(row) for row in summary.by_deployment],
            by_kind=MarginByKind.of(summary.by_kind),
            unattributed_cogs_cents=summary.unattributed_cogs_cents,
        )
