"""What the running month has come to, by who bears it: as it stood when somebody last looked (SPEC 10).

An estimate of the provider's, and no cost: margin and exports know nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.unit_of_work import Work

OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """What one tenant's deployment has come to for one kind. Tenant None: nobody bears it."""

    tenant_id: str | None
    deployment_id: UUID | None
    kind: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthToDate:
    """The month as it stood at `looked_at`. The rows, by tenant, deployment and kind, are `amount_cents`
    together; `unattributed_cents` are those of them that nobody bears.
    """

    period: Period
    looked_at: datetime | None
    currency: str
    amount_cents: int
    unattributed_cents: int
    rows: tuple[Borne, ...]


class NoMonthToDate(DomainError):
    code = "no_month_to_date"
    sentence = (
        "What {month} has come to is not known: nobody has looked while it ran, or its invoice counts "
        "instead. 'arcadia costs month-to-date' looks at once."
    )


def read_month_to_date(work: Work, by: Principal, *, period: Period, account: str = ACCOUNT) -> MonthToDate:
    """As `month_to_date`. Raises OperatorsOnly, NoMonthToDate."""
    month = month_to_date(work, by, period=period, account=account)
    if month is None:
        raise NoMonthToDate(month=f"{period.start:%Y-%m}")
    return month


def month_to_date(work: Work, by: Principal, *, period: Period, account: str = ACCOUNT) -> MonthToDate | None:
    """None: nobody has looked at that month while it ran, or its invoice is ingested and counts instead.

    Raises OperatorsOnly.
    """
    by.must_be_operator("see costs")
    header = work.costs.preview(account, period.start)
    if header is None:
        return None
    sums = _sums(work, header)
    rows = tuple(
        Borne(tenant_id=tenant, deployment_id=deployment, kind=kind, amount_cents=cents)
        for (tenant, deployment, kind), cents in sorted(
            sums.items(), key=lambda one: (one[0][0] or "", str(one[0][1] or ""), one[0][2])
        )
    )
    return MonthToDate(
        period=period,
        looked_at=header.ingested_at,
        currency=header.invoice.currency,
        amount_cents=header.invoice.amount_cents,
        unattributed_cents=sum(row.amount_cents for row in rows if row.tenant_id is None),
        rows=rows,
    )


def _sums(work: Work, header: InvoiceHeader) -> dict[tuple[str | None, UUID | None, str], int]:
    sums: dict[tuple[str | None, UUID | None, str], int] = defaultdict(int)
    for charge in work.charges.each(ChargesAsked(invoice_ids=[header.id], preview=True)):
        kind = charge.line.kind or ("tax" if charge.line.is_tax else OTHER)
        for share in charge.attribution.shares:
            sums[share.tenant_id, share.deployment_id, kind] += share.amount_cents
        if charge.attribution.unattributed_cents:
            sums[None, None, kind] += charge.attribution.unattributed_cents
    return sums
