"""Discovery stores a job for each invoice: one that goes wrong parks, and the others go in (SPEC 10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.use_cases.cloud import request_discovery
from arcadia_domain.cloud.provider_invoices import InvoiceState
from arcadia_domain.ports.jobs import JobState
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.cloud.bills import headers
from tests.world import OLGA, SetClock

MONTHS = ("2026-02", "2026-03", "2026-04")
BAD = MONTHS[0]


@dataclass
class Spoilt(FakeCloudBilling):
    """The CSV of these invoices makes us stumble."""

    spoilt: set[str] = field(default_factory=set)

    def invoice_csv(self, invoice_uuid: str) -> bytes:
        if invoice_uuid in self.spoilt:
            raise ZeroDivisionError
        return super().invoice_csv(invoice_uuid)


@dataclass
class Connected:
    provider: Any

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        yield self.provider

    def budget(self) -> None:
        return None


def test_an_invoice_that_goes_wrong_each_time_is_parked_and_keeps_no_other_waiting() -> None:
    store, clock, provider = FakeTransactions(), SetClock(), Spoilt()
    uuids = {month: provider.bill(month, item(month)) for month in MONTHS}
    provider.spoilt = {str(uuids[BAD])}
    app = replace(wire_on(store, clock), cloud=Connected(provider))
    runner = JobRunner(app)

    def worked_off() -> Counter[tuple[str, JobState]]:
        with store.begin(OLGA) as work:
            request_discovery.request_discovery(work, OLGA, now=clock.at, cause="tick billing_history")
        while runner.run_next():
            pass
        with store.begin(OLGA) as work:
            return Counter((job.name, job.state) for job in work.jobs.page(after=None, limit=100))

    def states() -> dict[str, InvoiceState]:
        return {f"{one.month:%Y-%m}": one.invoice.state for one in headers(store)}

    looked, ingest = request_discovery.DISCOVERY_JOB, request_discovery.INGEST_JOB
    assert worked_off() == {
        (looked, JobState.SUCCEEDED): 1,
        (ingest, JobState.SUCCEEDED): 2,
        (ingest, JobState.QUEUED): 1,  # to be tried again
    }
    others = dict.fromkeys(MONTHS[1:], InvoiceState.RECONCILED)
    assert states() == {BAD: InvoiceState.DISCOVERED, **others}
    for _ in range(4):
        clock.at += timedelta(hours=1)
        while runner.run_next():
            pass
    with store.begin(OLGA) as work:
        [parked] = work.jobs.page(after=None, limit=10, state=JobState.PARKED)
    assert (parked.name, parked.attempts, parked.cause) == (ingest, 5, "tick billing_history")
    assert "ZeroDivisionError" in str(parked.error_detail)
    provider.spoilt = set()
    assert worked_off()[ingest, JobState.SUCCEEDED] == 3  # the next look asks for it again, and for it alone
    assert states() == {BAD: InvoiceState.RECONCILED, **others}
