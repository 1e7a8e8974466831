"""What no port writes yet, put straight into either store: pushed usage, charges, what became of an invoice.

Owns the two ways in, so that a contract test reads the same for both. Each goes when a port writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud.resource_rows import changes_from
from arcadia_adapters.postgres.tables import cloud, invoices, tenants, usage
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_domain.billing.deployments import Deployment, LlmMode
from arcadia_domain.billing.ingest import Met
from arcadia_domain.billing.invoicing import Invoice, InvoiceStatus
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.usage import Source
from arcadia_domain.billing.usage_events import UsageEvent, pushed_usage
from arcadia_domain.cloud.charges import Ruling
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.fx import FxRate
from arcadia_domain.cloud.meters import RateChange
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.month_end import BillingRun
from arcadia_domain.ports.unit_of_work import Transactions
from tests.fakes.state import LlmEvent, State
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW, OLGA

ISSUER = UUID(int=0x155)


def put(
    transactions: Transactions,
    remember: Callable[[State], object],
    *statements: sa.Executable,
) -> None:
    """Change the fakes' state, or run the statements, whichever store this is."""
    if isinstance(transactions, FakeTransactions):
        remember(transactions.state)
    else:
        assert isinstance(transactions, PostgresTransactions)
        with transactions.begin(OLGA) as work:
            for statement in statements:
                work.connection.execute(statement)


def pushed(transactions: Transactions, deployment: Deployment, kind: str, day: date, qty: str) -> None:
    """Usage that somebody pushed; `qty` stands as a delta that is not folded yet."""
    key: dict[str, Any] = {
        "tenant_id": deployment.tenant_id,
        "deployment_id": deployment.id,
        "kind": kind,
        "day": day,
    }
    delta = {"batch_id": UUID(int=1), "qty": Decimal(qty), "at": NOW}
    put(
        transactions,
        lambda state: state.day_usage.update({tuple(key.values()): (Source.PUSHED, Decimal(qty))}),
        usage.usage_daily.insert().values(**key, source="pushed"),
        *([usage.usage_deltas.insert().values(**key, **delta)] if delta["qty"] else []),
    )


def told(
    transactions: Transactions, deployment: Deployment, kind: str, occurred_at: datetime, qty: str
) -> None:
    """Usage that somebody pushed, the way it is pushed."""
    name = f"{kind}/{occurred_at}/{deployment.id}"
    event = UsageEvent(name, deployment.id, kind, Decimal(qty), occurred_at)
    with transactions.begin(OLGA) as work:
        account = work.ingest.accounts([deployment.id])[deployment.id]
        met = work.ingest.record_usage([pushed_usage(event, account, NOW)], work.new_id(), NOW)
    assert met == Met({}, {})


def counted(transactions: Transactions, resource_id: UUID, *changes: RateChange) -> None:
    """What a resource counted for, from when on."""
    put(
        transactions,
        lambda state: state.rate_changes.update({resource_id: list(changes)}),
        *(
            cloud.resource_meters.insert().values(
                resource_id=resource_id,
                from_at=change.from_at,
                rates={kind: None if rate is None else str(rate) for kind, rate in change.rates.items()},
            )
            for change in changes
        ),
    )


def charged(
    transactions: Transactions,
    deployment: Deployment,
    day: date,
    charge: str,
    *,
    mode: LlmMode = LlmMode.GATEWAY,
    currency: str = "AUD",
) -> None:
    """A priced event of the gateway."""
    event = LlmEvent(deployment.tenant_id, deployment.id, day, Decimal(charge), currency, mode)
    put(
        transactions,
        lambda state: state.llm_events.append(event),
        usage.llm_usage_events.insert().values(
            tenant_id=deployment.tenant_id,
            occurred_day=day,
            gateway_request_id=f"{deployment.id}/{day}/{charge}/{mode.value}/{currency}",
            deployment_id=deployment.id,
            model="m",
            input_tokens=1,
            output_tokens=1,
            charge=event.charge,
            currency=currency,
            occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            llm_mode=mode.value,
            recorded_at=NOW,
        ),
    )


def taxed(transactions: Transactions, tenant_id: str, profile: TaxProfile) -> None:
    put(
        transactions,
        lambda state: state.tax_profiles.setdefault(tenant_id, []).append(profile),
        tenants.tenant_tax_profiles.insert().values(
            tenant_id=tenant_id,
            from_day=profile.from_day,
            country=profile.country,
            treatment=profile.treatment.value,
            reason=profile.reason,
        ),
    )


def moved(
    transactions: Transactions, invoice: Invoice, status: InvoiceStatus, *, due_on: date = date(2026, 5, 15)
) -> None:
    """Issue a draft and, where asked, pay it; or void it."""
    table = invoices.tenant_invoices
    this = (table.c.tenant_id == invoice.tenant_id) & (table.c.id == invoice.id)
    issuer = tenants.issuers
    number = f"INV-{invoice.id}"
    steps: list[dict[str, Any]] = []
    if status is InvoiceStatus.VOID:
        steps.append({"status": "void", "void_reason": "wrong"})
    else:
        steps.append(
            {
                "status": "issued",
                "number": number,
                "issuer_id": sa.select(issuer.c.id).limit(1).scalar_subquery(),
                "issued_at": NOW,
                "due_on": due_on,
            }
        )
    if status is InvoiceStatus.PAID:
        steps.append({"status": "paid", "paid_at": NOW})

    def remember(state: State) -> None:
        state.invoices[invoice.id] = (
            replace(invoice, status=status)
            if status is InvoiceStatus.VOID
            else replace(invoice, status=status, number=number, issued_at=NOW, due_on=due_on)
        )

    put(transactions, remember, *(sa.update(table).where(this).values(step) for step in steps))


def attributed(
    transactions: Transactions,
    invoice_id: UUID,
    line: CostLine,
    tenant_id: str | None,
    deployment_id: UUID | None = None,
) -> None:
    """An operator says whose a line is; tenant None: nobody's."""
    ruling = Ruling(
        tenant_id=tenant_id, deployment_id=deployment_id, reason="known to be theirs", actor="olga", at=NOW
    )
    with transactions.begin(OLGA) as work:
        [charge] = [
            one
            for one in work.charges.each(ChargesAsked(invoice_ids=[invoice_id]))
            if (one.line.row_sha256, one.line.ordinal) == (line.row_sha256, line.ordinal)
        ]
        work.charges.rule(charge, ruling)


def exchanged(transactions: Transactions, rate: FxRate) -> None:
    put(
        transactions,
        lambda state: state.fx_rates.append(rate),
        tenants.fx_rates.insert().values(
            base=rate.base, quote=rate.quote, from_day=rate.from_day, source=rate.source, rate=rate.rate
        ),
    )


def failures_of(transactions: Transactions, run: BillingRun) -> list[tuple[str, str]]:
    """The tenants that a run could not bill, each with the code of the reason."""
    if isinstance(transactions, FakeTransactions):
        return sorted((f.tenant_id, f.code) for f in transactions.state.run_failures.get(run.id, []))
    assert isinstance(transactions, PostgresTransactions)
    kept = invoices.billing_run_failures
    with transactions.begin(OLGA) as work:
        rows = work.connection.execute(
            sa.select(kept.c.tenant_id, kept.c.code).where(kept.c.run_id == run.id)
        )
        return sorted((tenant_id, code) for tenant_id, code in rows)


def rate_changes_of(transactions: Transactions, resource_id: UUID) -> list[RateChange]:
    """What a resource counts for, as it was stored, in order of time."""
    if isinstance(transactions, FakeTransactions):
        return transactions.state.rate_changes.get(resource_id, [])
    assert isinstance(transactions, PostgresTransactions)
    kept = cloud.resource_meters
    with transactions.begin(OLGA) as work:
        rows = work.connection.execute(
            sa.select(kept).where(kept.c.resource_id == resource_id).order_by(kept.c.from_at)
        )
        return changes_from(rows)[resource_id]


def project_of(transactions: Transactions, resource_id: UUID) -> str | None:
    """The provider id of the project that a resource is in."""
    if isinstance(transactions, FakeTransactions):
        return transactions.state.projects.get(resource_id)
    assert isinstance(transactions, PostgresTransactions)
    resources, projects = cloud.cloud_resources, cloud.cloud_projects
    with transactions.begin(OLGA) as work:
        found: str | None = work.connection.scalar(
            sa.select(projects.c.provider_id)
            .join(resources, resources.c.project_id == projects.c.id)
            .where(resources.c.id == resource_id)
        )
    return found
