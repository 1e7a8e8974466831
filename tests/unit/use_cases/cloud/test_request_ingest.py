"""request_ingest: a file that is plainly wrong is refused at once; any other goes with a job."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from arcadia_app.use_cases.cloud.ingest_invoice import OtherPeriod
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_domain.cloud.provider_invoices import InvalidInvoiceUuid
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.period import month_of
from tests.april import APRIL, AS_OF
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, OLGA

UUID_OF_DO = "22737513-0ea7-4206-8ceb-98a575af7681"
FILE = sample_invoice_csv()
LINES = parse(FILE).lines


def asked(store: FakeTransactions, by: Principal = OLGA, **told: Any) -> UUID:
    facts = {"file": FILE, "lines": LINES, "period": APRIL, "now": AS_OF, "cause": "request-1"}
    with store.begin(by) as work:
        return request_ingest(work, by, **{**facts, **told})


def test_the_file_goes_with_the_job(store: FakeTransactions) -> None:
    job_id = asked(store)
    job = store.state.jobs[job_id].asked
    assert (job.name, job.queue, job.input) == ("ingest_invoice", "cloud_billing", FILE)
    assert job.payload == {"period": "2026-04", "invoice_uuid": None}
    assert (job.created_by, job.cause) == ("olga", "request-1")


def test_an_invoice_has_one_uuid_however_it_is_spelt(store: FakeTransactions) -> None:
    job_id = asked(store, invoice_uuid=UUID_OF_DO.upper())
    assert store.state.jobs[job_id].asked.payload["invoice_uuid"] == UUID_OF_DO


def test_each_upload_is_a_job_also_of_the_same_file_and_they_take_turns(store: FakeTransactions) -> None:
    jobs = {asked(store), asked(store, file=FILE + b"\n"), asked(store)}
    assert len(jobs) == 3
    assert {store.state.jobs[job].asked.ordering_key for job in jobs} == {"ingest:digitalocean"}


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"by": ANN}, OperatorsOnly),
        ({"period": month_of(date(2026, 3, 1))}, OtherPeriod),
        ({"invoice_uuid": "april"}, InvalidInvoiceUuid),
    ],
)
def test_what_is_plainly_wrong_is_refused_and_no_job_is_made(
    store: FakeTransactions, told: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        asked(store, **told)
    assert store.state.jobs == {}
