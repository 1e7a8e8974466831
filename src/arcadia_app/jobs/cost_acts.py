"""The jobs about what the provider charges: balance, discovery, ingests, the running month (SPEC 10, 17)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.use_cases.cloud import request_discovery, request_ingest
from arcadia_app.use_cases.cloud.discover_invoices import discover_invoices
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.ingest_provider_invoice import ingest_provider_invoice
from arcadia_app.use_cases.cloud.preview_costs import preview_costs
from arcadia_app.use_cases.cloud.request_discovery import request_provider_ingests
from arcadia_app.use_cases.cloud.take_balance import take_balance
from arcadia_app.wire.cloud_invoices import IngestedInvoice
from arcadia_app.wire.costs import CloudBalance
from arcadia_app.wire.discovery import Discovery, MonthLookedAt, ReconciledInvoice
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import parse_month
from arcadia_domain.ports.jobs import ClaimedJob


class InvoiceFileGone(DomainError):
    code = "invoice_file_gone"
    sentence = "The uploaded file was not kept when this job failed: upload it again."


def _take_balance(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> CloudBalance:
    with app.cloud() as provider:
        taken = take_balance(
            app.transactions, provider, by, now=app.clock.now(), must_hold=progress.must_hold
        )
    return CloudBalance.of(taken.snapshot)


def _discover_invoices(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> Discovery:
    now = app.clock.now()
    with app.cloud() as provider:
        found = discover_invoices(app.transactions, provider, by, now=now, must_hold=progress.must_hold)
    with app.transactions.begin(by) as work:
        request_provider_ingests(work, by, invoices=found.to_ingest, now=now, cause=job.cause)
        progress.must_hold(work)
    app.job_stored.set()
    progress(found.invoices, found.invoices)
    return Discovery.of(found)


def _ingest_invoice(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> IngestedInvoice:
    if job.input is None:  # whoever asked gave one; a version before 0004 let go of it when the job failed
        raise InvoiceFileGone()
    invoice = app.read_invoice(job.input)
    progress(0, len(invoice.lines))
    with app.transactions.begin(by) as work:
        ingested = ingest_invoice(
            work,
            by,
            lines=invoice.lines,
            period=parse_month(job.payload["period"]),
            invoice_uuid=job.payload["invoice_uuid"],
            now=app.clock.now(),
        )
        progress.must_hold(work)
    progress(ingested.lines, ingested.lines)
    return IngestedInvoice.of(ingested, invoice.warnings)


def _ingest_provider_invoice(
    app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress
) -> ReconciledInvoice:
    with app.cloud() as provider:
        ingested = ingest_provider_invoice(
            app.transactions,
            provider,
            by,
            invoice_id=UUID(job.payload["invoice_id"]),
            read=app.read_invoice,
            now=app.clock.now(),
            must_hold=progress.must_hold,
        )
    progress(ingested.lines, ingested.lines)
    return ReconciledInvoice.of(ingested)


def _preview_costs(app: Arcadia, job: ClaimedJob, by: Principal, progress: Progress) -> MonthLookedAt:
    with app.cloud() as provider:
        seen = preview_costs(
            app.transactions, provider, by, now=app.clock.now(), must_hold=progress.must_hold
        )
    return MonthLookedAt.of(seen)


COST_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        request_ingest.JOB: _ingest_invoice,
        request_discovery.BALANCE_JOB: _take_balance,
        request_discovery.DISCOVERY_JOB: _discover_invoices,
        request_discovery.INGEST_JOB: _ingest_provider_invoice,
        request_discovery.PREVIEW_JOB: _preview_costs,
    }
)
"""These jobs, by name."""
