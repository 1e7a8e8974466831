"""Ask for an invoice file to be ingested: a job does it, after the answer (SPEC 18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT, check_invoice
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

JOB: Final = "ingest_invoice"


def request_ingest(
    work: Work,
    by: Principal,
    *,
    file: bytes,
    lines: Sequence[CostLine],
    period: Period,
    now: datetime,
    cause: str,
    invoice_uuid: str | None = None,
) -> UUID:
    """The id of the job. Uploads are ingested in the order in which they came, each of them: what is stored
    in the end is the last one, also where it is the first one again.

    `lines` are those of `file`, which goes with the job.
    Raises OperatorsOnly, InvalidInvoiceUuid, OtherPeriod, MixedCurrencies.
    """
    known_as = check_invoice(by, lines=lines, period=period, invoice_uuid=invoice_uuid)
    month = f"{period.start:%Y-%m}"
    job = NewJob(
        id=work.new_id(),
        name=JOB,
        queue="cloud_billing",
        payload={"period": month, "invoice_uuid": known_as},
        input=file,
        cause=cause,
        created_by=by.subject,
        ordering_key=f"ingest:{ACCOUNT}",
    )
    return work.jobs.add(job, now)
