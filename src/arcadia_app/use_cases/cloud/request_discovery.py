"""Ask for what the provider has billed: jobs discover it, and ingest each invoice (SPEC 10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work

BALANCE_JOB: Final = "take_balance"
DISCOVERY_JOB: Final = "discover_invoices"
INGEST_JOB: Final = "ingest_provider_invoice"
PREVIEW_JOB: Final = "preview_costs"

_QUEUE: Final = "cloud_billing"


def request_balance(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job that takes the balance. Raises OperatorsOnly."""
    by.must_be_operator("take the balance")
    return _asked(work, by, BALANCE_JOB, now, cause)


def request_discovery(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job; of the one that has yet to begin, where it was asked for before.

    Raises OperatorsOnly.
    """
    by.must_be_operator("discover invoices")
    return _asked(work, by, DISCOVERY_JOB, now, cause)


def request_preview(work: Work, by: Principal, *, now: datetime, cause: str) -> UUID:
    """The id of the job that looks at what the running month has come to. Raises OperatorsOnly."""
    by.must_be_operator("see costs")
    return _asked(work, by, PREVIEW_JOB, now, cause)


def request_provider_ingests(
    work: Work, by: Principal, *, invoices: Iterable[InvoiceHeader], now: datetime, cause: str
) -> None:
    """A job for each invoice: one that cannot be ingested keeps no other waiting, neither while it is tried
    again nor afterwards. One that waits already is not asked for twice. Raises OperatorsOnly.
    """
    by.must_be_operator("ingest an invoice")
    jobs = [
        NewJob(
            id=work.new_id(),
            name=INGEST_JOB,
            queue=_QUEUE,
            payload={"invoice_id": str(header.id)},
            cause=cause,
            created_by=by.subject,
            dedupe_key=f"ingest:{header.id}",
            ordering_key=f"ingest:{header.id}",
        )
        for header in invoices
    ]
    work.jobs.add_all(jobs, now)


def _asked(work: Work, by: Principal, name: str, now: datetime, cause: str) -> UUID:
    job = NewJob(
        id=work.new_id(),
        name=name,
        queue=_QUEUE,
        payload={},
        cause=cause,
        created_by=by.subject,
        dedupe_key=f"{name}:{ACCOUNT}",
        ordering_key=f"{name}:{ACCOUNT}",
    )
    return work.jobs.add(job, now)
