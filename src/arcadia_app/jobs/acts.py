"""What each job does: from its payload to one act, and from what came of it to the job's result."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from arcadia_app.arcadia import Arcadia
from arcadia_app.jobs.act import Act, Progress
from arcadia_app.jobs.billing_acts import billing_acts
from arcadia_app.jobs.cost_acts import COST_ACTS
from arcadia_app.jobs.sync_acts import SYNC_ACTS
from arcadia_app.jobs.upkeep_acts import UPKEEP_ACTS
from arcadia_app.jobs.usage_acts import USAGE_ACTS
from arcadia_app.use_cases.cloud import request_ingest
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.wire.cloud_invoices import IngestedInvoice
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import parse_month
from arcadia_domain.ports.jobs import ClaimedJob


class InvoiceFileGone(DomainError):
    code = "invoice_file_gone"
    sentence = "The uploaded file was not kept when this job failed: upload it again."


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


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        request_ingest.JOB: _ingest_invoice,
        **billing_acts(),
        **COST_ACTS,
        **SYNC_ACTS,
        **UPKEEP_ACTS,
        **USAGE_ACTS,
    }
)
"""Every job there is, by its name."""
